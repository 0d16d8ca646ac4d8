#!/usr/bin/env python3
"""The worked examples of the pages say what the stranger's code says. With `--print`: the text of the examples."""

from __future__ import annotations

import pathlib
import re
import sys

try:
    import cryptography  # noqa: F401
except ImportError:
    sys.exit(f"{sys.executable} lacks cryptography. Next: scripts/setup")

from page_examples import PAGES, example_text

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "protocol"


def main() -> int:
    if sys.argv[1:] == ["--print"]:
        for page, values in PAGES.items():
            print(f"== {page}\n{example_text(values())}")
        return 0
    wrong = 0
    for page, values in PAGES.items():
        blocks = re.findall(r"^```example\n(.*?)\n```$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        if blocks != [example_text(values())]:
            wrong += 1
            print(f"pages: {page}: the worked example is not what the code gives", file=sys.stderr)
    print(f"pages: {len(PAGES)} pages, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
