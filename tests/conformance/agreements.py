"""Facts, decisions, epochs, DSSE envelopes and status statements, written from docs/protocol/screening.md and signed-documents.md."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from statements import sha256

ROOT = Path(__file__).resolve().parents[2]
AGREEMENT_TYPE = "application/vnd.entente.agreement.v1+toml"
STATUS_TYPE = "application/vnd.entente.status.v1+toml"
ACTIONS = "screen query disclose onward export retain unmask correct".split()
DATASETS = "api pnr list".split()
ROLES = "node officer approver dpo".split()
ROUTES = "arrives departs transits none".split()
URGENCIES = "routine urgent vital".split()
MATCH_SETS = ["", "standard", "narrow", "wide"]
HANDLINGS = "H0 H1 H2".split()
CAVEATS = "ask-before-action defer-subject-notice not-for-detention protect-source".split()
STATES = "draft proposed signed-by-some signed active superseded suspended terminated closed".split()
ACTIVE = STATES.index("active")
NO_STATUS = 0xFFFFFFFF
LOG_OPEN, HAS_CASE = 4, 1
PERMIT = 2


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def kid(public: bytes) -> bytes:
    return sha256(b"entente/kid/1\n" + public)[:16]


def key_id(label: str, public: bytes) -> str:
    return f"ed25519:{label}:{kid(public).hex()}"


def instant(text: str) -> int:
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def instant_text(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


# DSSE.

def pae(payload_type: str, payload: bytes) -> bytes:
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def envelope(payload_type: str, payload: bytes, signers: dict[str, Ed25519PrivateKey]) -> bytes:
    """In its one spelling; `signers` by label."""
    rows = [{"keyid": key_id(label, public_bytes(key)), "sig": base64.b64encode(key.sign(pae(payload_type, payload))).decode()}
            for label, key in signers.items()]
    value = {"payloadType": payload_type, "payload": base64.b64encode(payload).decode(), "signatures": sorted(rows, key=lambda r: r["keyid"])}
    return json.dumps(value, separators=(",", ":")).encode()


def status_body(agreement: bytes, party: str, sequence: int, issued: int, state: str = "active") -> bytes:
    return (f'format = "status/1"\nagreement = "sha256:{agreement.hex()}"\nparty = "{party}"\nsequence = {sequence}\n'
            f'issued = "{instant_text(issued)}"\nstate = "{state}"\nhead = "none"\n').encode()


# The document.

@dataclass(frozen=True)
class Agreement:
    body: bytes

    @property
    def hash(self) -> bytes:
        return sha256(self.body)

    @property
    def document(self) -> dict[str, Any]:
        return tomllib.loads(self.body.decode())

    def clause(self, name: str) -> tuple[int, dict[str, Any]]:
        return next((i, c) for i, c in enumerate(self.document["clause"]) if c["id"] == name)

    def epoch(self, now: int) -> int:
        return (now - instant(self.document["validity"]["from"])) // self.epoch_seconds + 1

    def epoch_start(self, epoch: int) -> int:
        return instant(self.document["validity"]["from"]) + (epoch - 1) * self.epoch_seconds

    @property
    def epoch_seconds(self) -> int:
        return int(self.document["screening"]["epoch_hours"]) * 3600


def place(rows: list[dict[str, Any]], code: str) -> int:
    return [row["code"] for row in rows].index(code)


def catalogue(name: str, row: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((ROOT / "docs/catalogues" / name).read_text())[row]
    return rows


# facts/1: name and width, in order.
FACTS = [(n, 1) for n in "format action holder asker dataset purpose basis role route urgency match_set state".split()]
FACTS += [("flags", 4), ("asked", 8), ("offered", 8), ("now", 8), ("ended", 8)]
FACTS += [(n, 4) for n in ("status_age_holder", "status_age_asker", "assessment_left_holder", "assessment_left_asker",
                           "record_age", "held", "used_day", "used_year", "used_case", "units")]
FACTS += [(n, 1) for n in "approvals_holder approvals_asker bits receiver origin_clause".split()] + [("zero", 3)]


def encode_facts(facts: dict[str, Any]) -> bytes:
    out = b"".join(int(facts.get(name, 0)).to_bytes(width, "big") for name, width in FACTS) + facts["agreement"]
    assert len(out) == 128
    return out


def encode_decision(outcome: int, fields: int, clause: int, reasons: int, retain_until: int, handling: int, caveats: int) -> bytes:
    out = bytes([outcome]) + fields.to_bytes(8, "big") + bytes(8) + clause.to_bytes(2, "big") + reasons.to_bytes(8, "big")
    out += retain_until.to_bytes(8, "big") + bytes(16) + bytes([handling, caveats, 0, 0, 0, 0])
    assert len(out) == 57
    return out


@dataclass(frozen=True)
class Act:
    """The words of a screening, as they stand in the request."""
    clause: str
    holder: str
    asker: str
    purpose: str
    basis: str
    reference: str = ""
    role: str = "officer"
    route: str = "arrives"
    urgency: str = "routine"
    record_age: int = 1
    persons: int = 1


def assessment_left(document: dict[str, Any], party: str, now: int) -> int:
    row = document["party"][place(document["party"], party)]
    return max(0, instant(row["assessment_date"] + "T00:00:00Z") + row["assessment_renew_days"] * 86_400 - now)


def screen_facts(agreement: Agreement, act: Act, now: int, **own: int) -> dict[str, Any]:
    document = agreement.document
    _, clause = agreement.clause(act.clause)
    fields = [row["code"] for row in catalogue("fields.toml", "field")]
    return {
        "format": 1, "action": ACTIONS.index(clause["action"]), "holder": place(document["party"], act.holder),
        "asker": place(document["party"], act.asker), "dataset": DATASETS.index(clause["dataset"]),
        "purpose": place(catalogue("purposes.toml", "purpose"), act.purpose), "basis": place(document["basis"], act.basis),
        "role": ROLES.index(act.role), "route": ROUTES.index(act.route), "urgency": URGENCIES.index(act.urgency),
        "match_set": MATCH_SETS.index(clause.get("match_set", "")), "state": ACTIVE,
        "asked": sum(1 << fields.index(code) for code in clause["fields"]), "now": now,
        "assessment_left_holder": assessment_left(document, act.holder, now),
        "assessment_left_asker": assessment_left(document, act.asker, now), "record_age": act.record_age,
        "units": act.persons, "bits": LOG_OPEN | (HAS_CASE if act.reference else 0), "agreement": agreement.hash, **own}


def permit(agreement: Agreement, act: Act, facts: dict[str, Any]) -> bytes:
    """The decision of a screening that the clause permits."""
    index, clause = agreement.clause(act.clause)
    caveats = sum(1 << CAVEATS.index(word) for word in clause["caveats"])
    return encode_decision(PERMIT, facts["asked"], index, 0, facts["now"] + clause["retain_days"] * 86_400,
                           HANDLINGS.index(clause["handling"]), caveats)


# The document's text.

def rewrite(text: str, values: dict[str, str]) -> str:
    """Sets single keys, by table path such as `party.QOR.sign_legal` or `clause.screen-terrorism.quota_per_day`. The text
    stays as it is everywhere else, since its bytes are what is signed."""
    left, table, out = dict(values), "", []
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if header := re.fullmatch(r"\[\[?([a-z]+)\]\]?", line):
            table = header.group(1)
            if name := re.fullmatch(r'(?:code|id) = "(.*)"', lines[at + 1]):
                table += "." + name.group(1)
        elif key := re.match(r"([A-Za-z_]+) = ", line):
            path = f"{table}.{key.group(1)}" if table else key.group(1)
            if path in left:
                line = f"{key.group(1)} = {left.pop(path)}"
        out.append(line)
    if left:
        raise KeyError(str(sorted(left)))
    return "\n".join(out)


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()
