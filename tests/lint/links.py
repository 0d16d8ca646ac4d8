#!/usr/bin/env python3
"""Every relative link in a Markdown page leads to a file of the repository."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pages() -> list[pathlib.Path]:
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, text=True)
    return [ROOT / line for line in listed.stdout.split("\n") if line and (ROOT / line).exists()]


def main() -> int:
    broken = []
    for page in pages():
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: no such file: {target}")
    for line in broken:
        print(f"links: {line}")
    print(f"links: {len(pages())} pages, {len(broken)} broken")
    return 1 if broken or not pages() else 0


if __name__ == "__main__":
    sys.exit(main())
