#!/usr/bin/env python3
"""Every C++ file is as clang-format leaves it: `format.py CLANG_FORMAT`."""

from __future__ import annotations

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main() -> int:
    listed = subprocess.run(["git", "ls-files", "*.cc", "*.h"], cwd=ROOT, capture_output=True, text=True)
    files = [f for f in listed.stdout.split("\n") if f and (ROOT / f).exists()]
    done = subprocess.run([sys.argv[1], "--dry-run", "-Werror", *files], cwd=ROOT, capture_output=True, text=True)
    wrong = sorted({line.split(":")[0] for line in done.stderr.split("\n") if ": error:" in line})
    for name in wrong:
        print(f"format: {name}: run {pathlib.Path(sys.argv[1]).name} -i on it")
    print(f"format: {len(files)} files, {len(wrong)} to change")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
