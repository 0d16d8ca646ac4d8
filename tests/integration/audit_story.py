#!/usr/bin/env python3
"""A data protection officer's story on a real node, with nothing but `entente` commands: export the log, verify it off line, prove one entry,
open what is sealed in it, draw a sample; a changed byte is found, and every look leaves its own entry.

  python3 tests/integration/audit_story.py BIN_DIR
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import shutil
import sys
import tempfile
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/testing"))

from demo_nodes import load_demo  # noqa: E402

os.environ["ENTENTE_BIN"] = sys.argv[1]


def walk(demo: Any, node: Any, folder: pathlib.Path) -> int:
    checks = 0

    def check(what: str, holds: bool, more: Any = "") -> None:
        nonlocal checks
        checks += 1
        if not holds:
            raise AssertionError(f"{what}: {more}")

    node.make()
    node.start()
    node.add_people({"one": "officer", "audit": "auditor"})
    policy = folder / "policy"
    policy.write_text(node.do("dpo", "audit", "policy")["policy"])

    told = node.do("audit", "audit", "export", "--case", "half-yearly review")
    bundle = pathlib.Path(told["file"])
    check("the bundle has the digest that was told", hashlib.sha256(bundle.read_bytes()).hexdigest() == told["sha256"])
    verified = demo.offline("audit", "verify", str(bundle), "--policy", str(policy))
    check("a stranger verifies it", verified["verdict"] == "VERIFIED-UNWITNESSED", verified)
    shown = node.do("audit", "audit", "show", "--type", "log.export")["entries"]
    check("its entry holds the digest", len(shown) == 1 and shown[0]["leaf"]["data"]["sha256"] == told["sha256"], shown)

    raw = bytearray(bundle.read_bytes())
    at = raw.index(b'"type":"user.change"') + 9
    raw[at] ^= 1
    bad = folder / "changed.tar"
    bad.write_bytes(raw)
    demo.run("audit", "verify", str(bad), "--policy", str(policy), expect=4)

    events = node.do("audit", "audit", "show", "--type", "user.change", "--limit", "1000")["entries"]
    check("every person has an entry for each step", len(events) == 2 + 2 * 2, len(events))
    index = str(events[2]["index"])
    part = node.do("dpo", "audit", "export", "--type", "user.change")
    demo.offline("audit", "verify", part["file"], "--policy", str(policy))

    proof = node.do("dpo", "audit", "prove", index)
    files = folder / "proof", folder / "leaf"
    files[0].write_text(proof["proof"])
    files[1].write_text(proof["leaf"])
    demo.run("audit", "verify", "--proof", str(files[0]), "--leaf", str(files[1]), "--policy", str(policy))
    files[1].write_text(proof["leaf"].replace("added", "aided"))
    demo.run("audit", "verify", "--proof", str(files[0]), "--leaf", str(files[1]), "--policy", str(policy), expect=4)

    node.do("audit", "audit", "open", index, "--why", "review", expect=3)
    opened = node.do("dpo", "audit", "open", index, "--why", "review", "--case", "complaint 7")["entries"][0]["fields"]
    check("the sealed name is opened", opened.get("name", "").startswith("qor-"), opened)
    check("opening leaves its entry", len(node.do("dpo", "audit", "show", "--type", "log.open")["entries"]) == 1)

    sample = node.do("audit", "audit", "sample", "--n", "5")
    root, size = bytes.fromhex(sample["root"]), sample["size"]
    drawn: list[int] = []
    number = 0
    while len(drawn) < 5:
        digest = hashlib.sha256(b"entente/audit-sample/1\n" + root + number.to_bytes(8, "big")).digest()
        number += 1
        value = int.from_bytes(digest[:8], "big") % size
        if value not in drawn:
            drawn.append(value)
    check("the sample follows from the root", [e["index"] for e in sample["entries"]] == drawn, drawn)
    node.do("one", "audit", "export", expect=3)
    return checks


def main() -> int:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="entente-audit-"))
    demo = load_demo(folder)
    node = demo.Node("QOR", demo.free_port())
    try:
        checks = walk(demo, node, folder)
    finally:
        node.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"audit story: ok checks={checks}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
