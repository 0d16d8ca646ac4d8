"""Every statement that crosses between nodes, written from docs/protocol/statements.md, and the signature over it."""

from __future__ import annotations

import hashlib
import pathlib
import sys
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from encoding import BLOB, HASH, I64, ID16, TEXT, U8, U32, U64, Enum, Fixed, Record, Vector, decode_statement, encode_statement  # noqa: E402

SIGNED = b"entente/statement/1\n"
SOON, LATE = 300, 30 * 86_400
PREAMBLE = Record(**{"from": TEXT, "to": TEXT, "time": I64, "nonce": ID16})
FIELD = Record(code=TEXT, value=TEXT)


def _with_preamble(**fields: Any) -> Record:
    return Record(preamble=PREAMBLE, **fields)


KINDS: dict[str, Record] = {
    "entente/hello/1": _with_preamble(agreements=Vector(HASH)),
    "entente/epoch-ask/1": _with_preamble(agreement=HASH, epoch=U64),
    "entente/epoch/1": _with_preamble(agreement=HASH, epoch=U64, valid_from=I64, valid_until=I64, public_key=Fixed(32), leaf=HASH),
    "entente/status-exchange/1": _with_preamble(agreement=HASH, status=BLOB, events=Vector(BLOB)),
    "entente/tagset-ask/1": _with_preamble(agreement=HASH, clause=TEXT, epoch=U64, have=U64),
    "entente/tagset/1": _with_preamble(
        agreement=HASH, clause=TEXT, recipe=TEXT, epoch=U64, sequence=U64, count=U64, size=U64, root=HASH,
        delta_from=U64, delta_size=U64, delta_root=HASH, leaf=HASH),
    "entente/tagset-chunk-ask/1": _with_preamble(root=HASH, offset=U64, length=U32),
    "entente/tagset-chunk/1": _with_preamble(root=HASH, offset=U64, data=BLOB),
    "entente/screen-request/1": _with_preamble(
        agreement=HASH, clause=TEXT, purpose=TEXT, basis=TEXT, reference=TEXT, epoch=U64, sequence=U64, batch=ID16,
        chunk=U32, chunks=U32, persons=U32, facts=BLOB, decision=BLOB, elements=BLOB, leaf=HASH),
    "entente/screen-answer/1": _with_preamble(batch=ID16, chunk=U32, evaluated=BLOB, proof=Fixed(64), leaf=HASH),
    "entente/disclosure-request/1": _with_preamble(
        agreement=HASH, clause=TEXT, screen_clause=TEXT, purpose=TEXT, basis=TEXT, reference=TEXT, necessity=TEXT,
        epoch=U64, sequence=U64, handle=Fixed(6), rules=Vector(U8), fields=Vector(TEXT), offered=Vector(FIELD),
        assurances=Vector(TEXT), hit=ID16, facts=BLOB, decision=BLOB, leaf=HASH),
    "entente/acknowledgement/1": _with_preamble(hit=ID16, of=HASH, answer_by=I64, leaf=HASH),
    "entente/disclosed-record/1": Record(
        hit=ID16, fields=Vector(FIELD), source_grade=TEXT, info_grade=TEXT, handling=TEXT, caveats=Vector(TEXT), retain_until=I64),
    "entente/disclosure/1": _with_preamble(
        agreement=HASH, clause=TEXT, hit=ID16, request=HASH, reason=TEXT, enc=Fixed(32), sealed=BLOB, handling=TEXT,
        retain_until=I64, leaf=HASH),
    "entente/hit-outcome/1": _with_preamble(hit=ID16, outcome=Enum(2), leaf=HASH),
    "entente/recall/1": _with_preamble(hit=ID16, kind=Enum(1), reason=TEXT, due=I64, leaf=HASH),
    "entente/recall-receipt/1": _with_preamble(hit=ID16, recall=HASH, kind=Enum(1), records=U32, leaf=HASH),
    "entente/checkpoints/1": _with_preamble(notes=Vector(TEXT)),
    "entente/consistency-ask/1": _with_preamble(origin=HASH, old_size=U64, new_size=U64),
    "entente/consistency/1": _with_preamble(origin=HASH, old_size=U64, new_size=U64, proof=Vector(HASH)),
    "entente/reconcile-day/1": _with_preamble(agreement=HASH, day=TEXT, note=TEXT),
    "entente/reconcile-node-ask/1": _with_preamble(agreement=HASH, day=TEXT, nibbles=BLOB),
    "entente/reconcile-node/1": _with_preamble(
        nibbles=BLOB, count=U64, digest=HASH, children=Vector(HASH), records=Vector(Record(key=HASH, digest=HASH))),
    "entente/leaf-ask/1": _with_preamble(leaf=HASH),
    "entente/leaf-proof/1": _with_preamble(leaf=HASH, proof=TEXT),
}
MAY_BE_LATE = {f"entente/{name}/1" for name in ("disclosure-request", "disclosure", "hit-outcome", "recall", "recall-receipt")}


class Refused(ValueError):
    """A statement of the other side that may not be used."""


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def body_of(label: str, preamble: dict[str, Any], **fields: Any) -> bytes:
    return encode_statement(label, KINDS[label], {"preamble": preamble, **fields})


def sign(key: Ed25519PrivateKey, body: bytes) -> bytes:
    return key.sign(SIGNED + body)


def opened(label: str, body: bytes, signature: bytes, key: bytes, sender: str, receiver: str, now: int) -> dict[str, Any]:
    """Checks in the order of the page: signature over the raw bytes, form, parties, time."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, SIGNED + body)
    except InvalidSignature:
        raise Refused("signature-wrong") from None
    value: dict[str, Any] = decode_statement(label, KINDS[label], body)
    said = value["preamble"]
    if (said["from"], said["to"]) != (sender, receiver):
        raise Refused("signature-wrong")
    if not now - (LATE if label in MAY_BE_LATE else SOON) <= said["time"] <= now + SOON:
        raise Refused("clock-skew")
    return value
