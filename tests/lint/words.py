#!/usr/bin/env python3
"""Words that the house does not use: identifiers called anonymous, paths of one machine, hosts of package registries."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Said of hashed or encrypted identifiers it would be false; the pages that say so themselves are named here.
MAY_SAY_ANONYMOUS = {"tests/lint/words.py", "README.md", "docs/security/limits.md", "CONTRIBUTING.md", "docs/security/threat-model.md"}
RULES = [
    (re.compile(r"\banonym", re.I), "hashed identifiers are personal data, never anonymous"),
    (re.compile(r"/(root|home)/[a-z]|/work/"), "a path of one machine"),
    (re.compile(r"https?://[a-z0-9.-]*(debian|registry|npmjs|pypi|crates)[a-z0-9.-]*", re.I), "a host of a package registry"),
]


def main() -> int:
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    breaches, checked = [], 0
    for name in listed.stdout.split("\n"):
        path = ROOT / name
        if not name or not path.is_file() or name.startswith("tests/lint/") or path.suffix in (".tsv", ".edi", ".key"):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        checked += 1
        for number, line in enumerate(text.split("\n"), 1):
            for pattern, why in RULES:
                if not pattern.search(line):
                    continue
                if "anonym" in pattern.pattern and (name in MAY_SAY_ANONYMOUS or "namespace" in line):
                    continue
                breaches.append(f"{name}:{number}: {why}")
    for breach in breaches:
        print(f"words: {breach}")
    print(f"words: {checked} files, {len(breaches)} breaches")
    return 1 if breaches or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
