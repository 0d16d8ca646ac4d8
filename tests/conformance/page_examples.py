"""The worked examples of encoding.md, statements.md, transport.md, signed-documents.md and screening.md, computed anew."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import agreements
import statements
from encoding import BLOB, BOOL, I64, TEXT, U8, U16, U32, U64, Enum, Fixed, Record, Vector, encode
from statements import sha256

# 2026-03-01T12:00:00Z, inside the example agreement.
NOW = 1_772_366_400
NONCE = bytes(range(16))
HELLO = "entente/hello/1"


def example_key(label: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(b"entente example key " + label.encode()))


def encoding() -> dict[str, bytes]:
    kind = Record(flag=BOOL, small=U8, port=U16, count=U32, size=U64, time=I64, kind=Enum(2), handle=Fixed(6), name=TEXT, data=BLOB,
                  fields=Vector(TEXT), pairs=Vector(Record(code=TEXT, value=U8)))
    value = {"flag": True, "small": 7, "port": 7101, "count": 512, "size": 2**40 + 1, "time": -2, "kind": 2, "handle": b"\x11\x22\x33\x44\x55\x66",
             "name": "Żar", "data": b"\x00\xff", "fields": ["doc.number", ""], "pairs": [{"code": "a", "value": 1}, {"code": "", "value": 2}]}
    record = encode(kind, value)
    return {"record": record, "statement": encode(TEXT, "entente/example/1") + record}


def hello() -> tuple[bytes, bytes]:
    preamble = {"from": "QOR", "to": "QVA", "time": NOW, "nonce": NONCE}
    body = statements.body_of(HELLO, preamble, agreements=[bytes([0xAB]) * 32])
    return body, statements.sign(example_key("qor-statement"), body)


def statement() -> dict[str, bytes]:
    body, signature = hello()
    return {"seed": sha256(b"entente example key qor-statement"), "public_key": agreements.public_bytes(example_key("qor-statement")),
            "body": body, "signed": statements.SIGNED + body, "signature": signature, "hash": sha256(body)}


def transport() -> dict[str, bytes]:
    body, signature = hello()
    message = b"\x0a" + bytes([len(body)]) + body + b"\x12" + bytes([len(signature)]) + signature
    assert len(body) < 128
    return {"path": b"/entente.v1.Peer/Hello", "message": message, "frame": b"\x00" + len(message).to_bytes(4, "big") + message}


def example_agreement() -> agreements.Agreement:
    return agreements.Agreement((agreements.ROOT / "docs/examples/demo-agreement.toml").read_bytes())


def agreement() -> dict[str, bytes]:
    document = example_agreement()
    body = agreements.status_body(document.hash, "QOR", 3, NOW)
    key = example_key("qor-statement")
    pae = agreements.pae(agreements.STATUS_TYPE, body)
    envelope = agreements.envelope(agreements.STATUS_TYPE, body, {"statement": key})
    return {"agreement": document.hash, "kid": agreements.kid(agreements.public_bytes(key)), "pae": pae, "signature": key.sign(pae),
            "envelope_hash": sha256(envelope)}


def screening() -> dict[str, bytes]:
    document = example_agreement()
    act = agreements.Act("screen-terrorism", "QVA", "QOR", "terrorism.travel", "protocol-4", record_age=3, persons=8)
    facts = agreements.screen_facts(document, act, NOW, status_age_holder=40, status_age_asker=2)
    epoch = document.epoch(NOW)
    return {"agreement": document.hash, "facts": agreements.encode_facts(facts), "decision": agreements.permit(document, act, facts),
            "epoch": epoch.to_bytes(8, "big"), "valid_from": document.epoch_start(epoch).to_bytes(8, "big"),
            "valid_until": document.epoch_start(epoch + 1).to_bytes(8, "big")}


PAGES = {"encoding.md": encoding, "statements.md": statement, "transport.md": transport, "signed-documents.md": agreement, "screening.md": screening}


def example_text(values: dict[str, bytes]) -> str:
    """As a page has it: hex, a long value going on in indented lines."""
    lines = []
    for name, value in values.items():
        parts = [value.hex()[i:i + 96] for i in range(0, len(value.hex()), 96)]
        lines += [f"{name} = {parts[0]}", *("  " + part for part in parts[1:])]
    return "\n".join(lines)
