"""A TLS identity and a node card, made from docs/protocol/transport.md and node-card.md."""

from __future__ import annotations

import base64
import datetime
import pathlib
import secrets
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from agreements import kid, public_bytes
from encoding import BLOB, HASH, ID16, TEXT, U64, Enum, Fixed, Record, Vector, decode, encode, encode_statement, decode_statement
from statements import sha256

LABEL = "entente/node-card/1"
CARD = Record(
    party=TEXT, name=TEXT, sequence=U64, endpoint=TEXT, tls=Vector(Record(spki_pin=HASH, certificate=BLOB)),
    statement_key=Fixed(32), disclosure_key=Fixed(32), log_origin=TEXT, log_key=Fixed(32), witness_name=TEXT,
    witness_key=Fixed(32), signing_keys=Vector(Record(label=TEXT, kid=ID16, key=Fixed(32), kind=Enum(3))),
    previous=HASH, not_before=U64, not_after=U64)
SIGNED = Record(body=BLOB, signature=Fixed(64), endorsement=BLOB)
BEGIN, END = "-----BEGIN ENTENTE NODE CARD-----", "-----END ENTENTE NODE CARD-----"
KINDS = {"legal": 0, "technical": 1, "dpo": 2, "duty": 3}


@dataclass(frozen=True)
class Tls:
    key_pem: bytes
    certificate_pem: bytes
    certificate_der: bytes
    pin: bytes


def spki_pin(certificate: x509.Certificate) -> bytes:
    return sha256(certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def make_tls(party: str) -> Tls:
    key = ec.generate_private_key(ec.SECP256R1())
    serial = secrets.randbits(126) | 1 << 126
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{party} {serial:032x}")])
    now = datetime.datetime.now(datetime.timezone.utc)
    usage = x509.KeyUsage(digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
                          key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(serial)
        .not_valid_before(now - datetime.timedelta(minutes=5)).not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True).add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"entente://party/{party}")]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256()))
    return Tls(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), certificate.public_bytes(Encoding.PEM),
               certificate.public_bytes(Encoding.DER), spki_pin(certificate))


def fingerprint(body: bytes) -> str:
    text = sha256(body).hex()
    return " ".join(text[i:i + 8] for i in range(0, 64, 8))


@dataclass(frozen=True)
class Person:
    label: str
    kind: str
    key: Ed25519PrivateKey


@dataclass(frozen=True)
class Keys:
    """What a node holds beside its TLS key. The disclosure key is the public half of an X25519 pair."""
    statement: Ed25519PrivateKey
    disclosure_public: bytes
    log: Ed25519PrivateKey
    witness: Ed25519PrivateKey


def make_card(party: str, name: str, endpoint: str, dns: str, tls: Tls, keys: Keys, people: list[Person], now: int) -> bytes:
    """The body of a first card."""
    return encode_statement(LABEL, CARD, {
        "party": party, "name": name, "sequence": 1, "endpoint": endpoint, "tls": [{"spki_pin": tls.pin, "certificate": tls.certificate_der}],
        "statement_key": public_bytes(keys.statement), "disclosure_key": keys.disclosure_public,
        "log_origin": f"audit.{dns}/2026a", "log_key": public_bytes(keys.log), "witness_name": f"witness.{dns}/w1",
        "witness_key": public_bytes(keys.witness), "previous": bytes(32), "not_before": now - 300, "not_after": now + 30 * 86_400,
        "signing_keys": [{"label": p.label, "kid": kid(public_bytes(p.key)), "key": public_bytes(p.key), "kind": KINDS[p.kind]} for p in people]})


def card_file(body: bytes, technical: Ed25519PrivateKey) -> str:
    signed = encode(SIGNED, {"body": body, "signature": technical.sign(b"entente/node-card/1\n" + body), "endorsement": b""})
    text = base64.b64encode(signed).decode()
    return "\n".join([BEGIN, *(text[i:i + 64] for i in range(0, len(text), 64)), END, ""])


def read_card(path: pathlib.Path) -> tuple[dict[str, object], bytes]:
    """Fields and body of a signed card."""
    lines = path.read_text(encoding="ascii").split("\n")
    if lines[0] != BEGIN or lines[-2:] != [END, ""]:
        raise ValueError("not a card file")
    body = decode(SIGNED, base64.b64decode("".join(lines[1:-2]), validate=True))["body"]
    return decode_statement(LABEL, CARD, body), body
