#!/usr/bin/env python3
"""Puts the offline verifier together: one HTML file that needs nothing else, and its SHA-256 beside it.

    assemble.py REFERENCE-PAGE OUT.html

The content security policy names the hashes of the one script and the one style, and allows nothing else. The digest of the catalogue of
events comes from REFERENCE-PAGE, docs/reference/audit-events.md. The same sources give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = ("bytes", "sha2", "ed25519", "note", "container", "tree", "entries", "verify", "page")


def csp_hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def main() -> int:
    reference, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    digest = re.search(r"\b[0-9a-f]{64}\b", reference.read_text(encoding="utf-8"))
    if digest is None:
        print("assemble: the reference page names no catalogue", file=sys.stderr)
        return 1
    parts = [(HERE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    script = '\n"use strict";\n{\n' + "\n".join(parts).replace("@CATALOGUE_SHA256@", digest[0]) + "}\n"
    style = "\n" + (HERE / "page.css").read_text(encoding="utf-8")
    page = (HERE / "page.html").read_text(encoding="utf-8")
    for mark, text in (("@SCRIPT_HASH@", csp_hash(script)), ("@STYLE_HASH@", csp_hash(style)), ("@STYLE@", style), ("@SCRIPT@", script)):
        page = page.replace(mark, text)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8", newline="")
    line = f"{hashlib.sha256(page.encode()).hexdigest()}  {out.name}\n"
    (out.parent / (out.name + ".sha256")).write_text(line, encoding="utf-8")
    print(line, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
