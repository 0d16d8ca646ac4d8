"""Which types of events real nodes wrote, held against the table `Who writes them` of docs/reference/audit-events.md."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Callable

ROOT = pathlib.Path(__file__).resolve().parents[2]


def expected(script: str) -> set[str]:
    """The types that the table says `script` sees written."""
    rows = [line.strip("| ").split(" | ") for line in (ROOT / "docs/reference/audit-events.md").read_text().split("\n") if line.startswith("| `")]
    return {row[0].strip("`") for row in rows if len(row) == 4 and f"`{script}`" in row[2]}


def leaves(audit: pathlib.Path) -> list[dict[str, Any]]:
    """Every leaf of the volumes below `audit`, as published: u16 length, leaf; partial bundles last."""
    out = []
    for file in sorted(audit.glob("*/tile/entries/**/*")):
        data = file.read_bytes() if file.is_file() else b""
        while data:
            size = int.from_bytes(data[:2], "big")
            out.append(json.loads(data[2:2 + size]))
            data = data[2 + size:]
    return out


def check(script: str, audits: list[pathlib.Path], publish: Callable[[], Any]) -> None:
    """`publish` brings the folders up to date. Fails when a type of the table is in none of them."""
    publish()
    seen = {leaf["type"] for audit in audits for leaf in leaves(audit)}
    want = expected(script)
    assert want, f"the table names no type for {script}"
    missing = want - seen
    assert not missing, f"{script}: the table says that these are written, and they were not: {sorted(missing)}"
    unsaid = seen - want
    print(f"produced: {len(seen)} types, {len(want)} of the table; also {' '.join(sorted(unsaid))}")
