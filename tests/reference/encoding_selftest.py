#!/usr/bin/env python3
"""encoding.py: the example that crypto/base/codec_test.cc writes too, and everything that must be refused."""

from __future__ import annotations

import sys

import encoding as e
from checks import Checks

INNER = e.Record(n=e.U16, flag=e.BOOL)
OUTER = e.Record(id=e.Fixed(4), name=e.TEXT, colour=e.Enum(1), inner=e.Vector(INNER), time=e.I64)
EXAMPLE = {"id": bytes([1, 2, 3, 4]), "name": "ab", "colour": 1, "inner": [{"n": 7, "flag": True}], "time": -1}
HEX = "01020304" "000000026162" "01" "00000001000701" "ffffffffffffffff"
LABEL = "entente/test/1"


def main() -> int:
    checks = Checks("encoding")
    data = e.encode(OUTER, EXAMPLE)
    checks.equal(data.hex(), HEX, "example")
    checks.equal(e.decode(OUTER, data), EXAMPLE, "round trip")
    statement = e.encode_statement(LABEL, OUTER, EXAMPLE)
    checks.equal(statement.hex(), "0000000e" + LABEL.encode().hex() + HEX, "statement")
    checks.equal(e.decode_statement(LABEL, OUTER, statement), EXAMPLE, "statement round trip")
    checks.refuses(e.Malformed, lambda: e.decode_statement("entente/test/2", OUTER, statement), "another label")
    checks.refuses(e.Malformed, lambda: e.decode_statement(LABEL, OUTER, statement + b"x"), "statement with a tail")
    for size in range(len(data)):
        checks.refuses(e.Malformed, lambda size=size: e.decode(OUTER, data[:size]), f"truncated to {size}")
    checks.refuses(e.Malformed, lambda: e.decode(OUTER, data + b"x"), "a tail")
    for at, value, what in ((10, 2, "enum"), (17, 2, "bool"), (11, 0xFF, "count")):
        broken = bytearray(data)
        broken[at] = value
        checks.refuses(e.Malformed, lambda broken=broken: e.decode(OUTER, bytes(broken)), what)
    raw = bytes([0, 0, 0, 1, 0xFF])
    checks.equal(e.encode(e.TEXT, e.decode(e.TEXT, raw)), raw, "text that is not UTF-8")
    return checks.report()


if __name__ == "__main__":
    sys.exit(main())
