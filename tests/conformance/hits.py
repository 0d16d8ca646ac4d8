"""What follows a hit, written from docs/protocol/disclosure.md: the decision of a request, the server that takes the answer, HPKE, recall."""

from __future__ import annotations

import hmac
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import agreements
import statements
from agreements import Act, Agreement
from asker import Talk, need
from cards import Tls
from encoding import decode_statement
from line import SERVICE
from statements import sha256

ACK, RECORD = "entente/acknowledgement/1", "entente/disclosed-record/1"
PEND = 1


def reason_bit(code: str) -> int:
    page = (agreements.ROOT / "docs/reference/reasons.md").read_text()
    codes = re.findall(r"^\| ([A-Z]\d\d) \|", page, re.MULTILINE)
    return 1 << codes.index(code)


def request_facts(agreement: Agreement, act: Act, fields: list[str], offered: list[str], now: int, **own: int) -> dict[str, Any]:
    names = [row["code"] for row in agreements.catalogue("fields.toml", "field")]
    facts = agreements.screen_facts(agreement, act, now, **own)
    return facts | {"asked": sum(1 << names.index(f) for f in fields), "offered": sum(1 << names.index(f) for f in offered), "approvals_asker": 1}


def pending(agreement: Agreement, act: Act, facts: dict[str, Any]) -> bytes:
    """The decision of a request whose flags and holder's reviews are still to come: nothing is taken away by an `always`."""
    index, clause = agreement.clause(act.clause)
    caveats = sum(1 << agreements.CAVEATS.index(word) for word in clause["caveats"])
    at = lambda seconds: int(facts["now"] + seconds).to_bytes(8, "big")  # noqa: E731
    out = bytes([PEND]) + facts["asked"].to_bytes(8, "big") + facts["offered"].to_bytes(8, "big") + index.to_bytes(2, "big")
    out += (reason_bit("C02") | reason_bit("X02")).to_bytes(8, "big")
    out += at(clause["retain_days"] * 86_400) + at(clause["mask_after_days"] * 86_400) + at(clause["answer_within_hours"] * 3600)
    return out + bytes([agreements.HANDLINGS.index(clause["handling"]), caveats, clause["reviewers_holder"], clause["reviewers_asker"], 0, 0])


# RFC 9180: base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.

KEM_SUITE, SUITE = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x03"


def _extract(salt: bytes, suite: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def _expand(prk: bytes, suite: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """One block is enough: no output here is longer than 32 bytes."""
    return hmac.digest(prk, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01", "sha256")[:length]


def hpke_open(key: X25519PrivateKey, enc: bytes, info: bytes, sealed: bytes) -> bytes:
    own = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    dh = key.exchange(X25519PublicKey.from_public_bytes(enc))
    shared = _expand(_extract(b"", KEM_SUITE, b"eae_prk", dh), KEM_SUITE, b"shared_secret", enc + own, 32)
    context = b"\x00" + _extract(b"", SUITE, b"psk_id_hash", b"") + _extract(b"", SUITE, b"info_hash", info)
    secret = _extract(shared, SUITE, b"secret", b"")
    nonce = _expand(secret, SUITE, b"base_nonce", context, 12)
    return ChaCha20Poly1305(_expand(secret, SUITE, b"key", context, 32)).decrypt(nonce, sealed, b"")


# The asker's door: the holder calls it.

class Door(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Takes what the holder says, checks it as any statement, and acknowledges it."""

    TAKES = {SERVICE + "Deliver": "entente/disclosure/1", SERVICE + "Recall": "entente/recall/1"}

    def __init__(self, talk: Talk, peer_key: bytes, messages: Any, tls: Tls, peer_certificate_pem: bytes, address: str) -> None:
        self._talk, self._peer_key, self._messages = talk, peer_key, messages
        self._arrived = threading.Condition()
        self._taken: dict[str, tuple[dict[str, Any], bytes]] = {}
        self._faults: list[str] = []
        self._server = grpc.server(ThreadPoolExecutor(2), handlers=(self,))
        credentials = grpc.ssl_server_credentials([(tls.key_pem, tls.certificate_pem)], peer_certificate_pem, require_client_auth=True)
        need(self._server.add_secure_port(address, credentials) != 0, f"the stranger listens on {address}")
        self._server.start()

    def service(self, details: Any) -> Any:
        if details.method not in self.TAKES:
            return None
        return grpc.unary_unary_rpc_method_handler(lambda request, context: self._take(details.method, request, context),
                                                   request_deserializer=self._messages.Statement.FromString,
                                                   response_serializer=lambda message: message.SerializeToString())

    def _take(self, method: str, request: Any, context: Any) -> Any:
        label = self.TAKES[method]
        try:
            value = statements.opened(label, request.body, request.signature, self._peer_key, self._talk.peer, self._talk.own, int(time.time()))
        except ValueError as fault:
            with self._arrived:
                self._faults.append(f"{method}: {fault}")
                self._arrived.notify_all()
            context.set_trailing_metadata((("entente-reason", "statement-malformed"),))
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "")
        body = statements.body_of(ACK, self._talk.preamble(), hit=value["hit"], of=sha256(request.body), answer_by=0, leaf=bytes(32))
        with self._arrived:
            self._taken[label] = (value, request.body)
            self._arrived.notify_all()
        return self._messages.Statement(body=body, signature=self._talk.sign(body))

    def wait_for(self, label: str) -> tuple[dict[str, Any], bytes]:
        with self._arrived:
            self._arrived.wait_for(lambda: label in self._taken or self._faults, 20)
            need(not self._faults and label in self._taken, f"{label} came: {self._faults}")
            return self._taken.pop(label)

    def close(self) -> None:
        self._server.stop(1).wait(5)


def open_record(key: X25519PrivateKey, disclosure: dict[str, Any], request: bytes, hit: bytes) -> dict[str, Any]:
    need((disclosure["hit"], disclosure["request"], disclosure["reason"]) == (hit, sha256(request), ""), "released, to this very request")
    plain = hpke_open(key, disclosure["enc"], b"entente/disclosure/1\n" + sha256(request), disclosure["sealed"])
    record: dict[str, Any] = decode_statement(RECORD, statements.KINDS[RECORD], plain)
    need((record["hit"], record["handling"], record["retain_until"]) == (hit, disclosure["handling"], disclosure["retain_until"]),
         "the sealed record says what the disclosure says")
    return record


def make_request(talk: Talk, agreement: Agreement, act: Act, facts: dict[str, Any], hit: bytes, **words: Any) -> bytes:
    return statements.body_of("entente/disclosure-request/1", talk.preamble(), **{
        "agreement": agreement.hash, "clause": act.clause, "purpose": act.purpose, "basis": act.basis, "reference": act.reference,
        "necessity": "arrival tonight, open investigation", "offered": [], "assurances": [], "hit": hit, "facts": agreements.encode_facts(facts),
        "decision": pending(agreement, act, facts), "leaf": agreements.leaf_hash(b"disclose.ask " + hit), **words})
