#!/usr/bin/env python3
"""A stranger's asker QOR, written in Python from docs/protocol, against a real holder QVA: one screening that finds the one planted
traveller and nobody else, one disclosure with its recall, then hostile moves, each refused with its reason id while the node goes
on serving.

usage: stranger_client.py BIN_FOLDER     the folder with `entente` and `entented`
"""

from __future__ import annotations

import base64
import json
import os
import pathlib
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what goes wrong is told here
try:
    import cryptography  # noqa: F401
    import google.protobuf  # noqa: F401
    import grpc  # noqa: F401
except ImportError as missing:
    sys.exit(f"{sys.executable} lacks {missing.name}. Next: scripts/setup")

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate

import agreements
import cards
import line
import statements
from agreements import Act, Agreement, public_bytes
from asker import RULES, Asker, Question, Talk, made_elements, need, tier
from cards import Person, Tls
from encoding import BLOB, TEXT, U32, Record, decode
from hits import ACK, Door, make_request, open_record, request_facts
from holder_node import HolderNode, free_port
from line import Line, Refusal
from recipe1 import Document, Unit

CLAUSE, PURPOSE, BASIS = "screen-terrorism", "terrorism.travel", "protocol-4"
QUOTA = 16
WITNESS_REPLY = Record(status=U32, body=BLOB, content_type=TEXT)
KINDS = {"legal": "legal", "tech": "technical", "dpo": "dpo", "duty": "duty"}

PLANTED = Unit("VALDERMAN", "ORSINA", dob="19870412", sex="F", nationalities=["QOR"], documents=[Document("P", "KX4410982", "QOR")])
# One shares a surname with the list, one a date of birth, one nothing.
OTHERS = [
    Unit("HARROWEN", "TIBALT", dob="19660107", sex="M", nationalities=["QSD"], documents=[Document("P", "SD7710421", "QSD")]),
    Unit("OSTREGAARD", "MIRELLE", dob="19790923", sex="F", nationalities=["QMB"], documents=[Document("P", "MB2208137", "QMB")]),
    Unit("PRELOVAN", "DUNNICK", dob="20010530", sex="M", nationalities=["QXE"], documents=[Document("P", "XE5563019", "QXE")]),
]
LIST = """entry_id,surname,given,dob,sex,nationality,doc_number,doc_issuer,doc_type,ground,grade,expires
V000001,VALDERMAN,ORSINA,19870412,F,QOR,KX4410982,QOR,P,terrorism.travel,A1,2035-12-31
V000002,HARROWEN,MALDRIK,19790923,M,QTM,PT5520174,QTM,P,terrorism.travel,B2,2035-12-31
V000003,KHALDANE,SAMIRA,19950617,F,QMB,MB7712043,QMB,P,terrorism.financing,A2,2035-12-31
V000004,OLDENRAY,MARTA,19681205,F,QSD,SD1450026,QSD,P,terrorism.offence,B1,2035-12-31
"""


def people_of(party: str) -> list[Person]:
    return [Person(f"{party.lower()}-{name}", kind, Ed25519PrivateKey.generate()) for name, kind in KINDS.items()]


def make_agreement(people: dict[str, list[Person]], now: int) -> tuple[Agreement, bytes]:
    """The example agreement with these people's keys and a small quota, and the envelope that all four signed."""
    day = 86_400
    quoted = lambda text: f'"{text}"'  # noqa: E731
    values = {"validity.from": quoted(agreements.instant_text(now - day)), "validity.review_by": quoted(agreements.instant_text(now + 365 * day)),
              "validity.until": quoted(agreements.instant_text(now + 700 * day)), f"clause.{CLAUSE}.quota_per_day": str(QUOTA)}
    signers = {}
    for party, persons in people.items():
        ids = {p.kind: agreements.key_id(p.label, public_bytes(p.key)) for p in persons}
        at = f"party.{party}."
        values |= {at + "sign_legal": quoted(ids["legal"]), at + "sign_technical": quoted(ids["technical"]),
                   at + "suspend": "[" + ", ".join(quoted(x) for x in sorted([ids["dpo"], ids["duty"], ids["legal"]])) + "]",
                   at + "assessment_date": quoted(agreements.instant_text(now - 30 * day)[:10]),
                   at + "history_from": quoted(agreements.instant_text(now - day))}
        signers |= {p.label: p.key for p in persons if p.kind in ("legal", "technical")}
    text = (agreements.ROOT / "docs/examples/demo-agreement.toml").read_text()
    agreement = Agreement(agreements.rewrite(text, values).encode())
    return agreement, agreements.envelope(agreements.AGREEMENT_TYPE, agreement.body, signers)


class World:
    """QVA with its list, QOR's card pinned there, the agreement in force."""

    def __init__(self, bin_folder: pathlib.Path, folder: pathlib.Path) -> None:
        self.folder, self.now = folder, int(time.time())
        self.people = {"QOR": people_of("QOR"), "QVA": people_of("QVA")}
        self.tls, self.disclosure_key = cards.make_tls("QOR"), X25519PrivateKey.generate()
        self.keys = cards.Keys(Ed25519PrivateKey.generate(), self.disclosure_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
                               Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate())
        self.holder = HolderNode(bin_folder, folder, "QVA")
        self.own_address = f"127.0.0.1:{free_port()}"

    def _file(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def prepare(self) -> None:
        self.holder.make("Valmara", "nttc.valmara.example")
        self._own_card()
        self._pin_stranger()
        self.agreement, envelope = make_agreement(self.people, self.now)
        self.holder.do("admin", "agreement", "import", self._file("agreement.dsse", envelope))
        self.holder.do("one", "list", "import", self._file("list.csv", LIST), "--list", "subjects")

    def _own_card(self) -> None:
        """QVA's card, as its node writes it, signed here by its technical person."""
        words = [w for p in self.people["QVA"] for w in ("--agreement-key", f"{p.label}={p.kind}={public_bytes(p.key).hex()}")]
        body = bytes.fromhex(self.holder.do("admin", "peer", "card", *words)["body"])
        technical = next(p.key for p in self.people["QVA"] if p.kind == "technical")
        path = self._file("qva.card", cards.card_file(body, technical))
        need(self.holder.do("admin", "peer", "own", path)["fingerprint"] == cards.fingerprint(body), "the fingerprint of QVA's card")
        self.peer_card, _ = cards.read_card(pathlib.Path(path))

    def _pin_stranger(self) -> None:
        body = cards.make_card("QOR", "Orsena", self.own_address, "piu.orsena.example", self.tls, self.keys, self.people["QOR"], self.now)
        technical = next(p.key for p in self.people["QOR"] if p.kind == "technical")
        path = self._file("qor.card", cards.card_file(body, technical))
        self.holder.do("admin", "peer", "add", path, "--fingerprint", cards.fingerprint(body))

    @property
    def peer_certificate_pem(self) -> bytes:
        (known,) = self.peer_card["tls"]  # type: ignore[misc]
        certificate = load_der_x509_certificate(known["certificate"])
        need(cards.spki_pin(certificate) == known["spki_pin"], "the pin of QVA's card is its certificate's")
        return certificate.public_bytes(Encoding.PEM)

    def connect(self, messages: Any, own: Tls | None = None) -> Line:
        return Line(self.holder.address, own or self.tls, self.peer_certificate_pem, "QVA", messages)


def check_status(envelope: bytes, agreement: Agreement, party: str, key: bytes) -> int:
    """The holder's status/1; returns when it was issued."""
    value = json.loads(envelope)
    need(value["payloadType"] == agreements.STATUS_TYPE, "type of the status")
    payload = base64.b64decode(value["payload"], validate=True)
    (signature,) = value["signatures"]
    need(signature["keyid"] == agreements.key_id("statement", key), "key of the status")
    Ed25519PublicKey.from_public_bytes(key).verify(base64.b64decode(signature["sig"]), agreements.pae(agreements.STATUS_TYPE, payload))
    fields = dict(row.split(" = ", 1) for row in payload.decode().splitlines())
    issued = agreements.instant(json.loads(fields["issued"]))
    need(payload == agreements.status_body(agreement.hash, party, int(fields["sequence"]), issued), "the status in its one spelling, active")
    need(abs(time.time() - issued) < 60, "the status is of now")
    return issued


class Moves:
    """Hostile moves: each must be refused with its reason, and the next honest word answered."""

    def __init__(self, asker: Asker, question: Question, said: dict[str, Any], spare: Question) -> None:
        self.asker, self.question, self.said, self.spare = asker, question, said, spare
        self.done = 0

    def refused(self, what: str, status: str, reason: str, act: Callable[[], Any]) -> None:
        try:
            act()
        except Refusal as refusal:
            need((refusal.status, refusal.reason, refusal.text) == (status, reason, ""), f"{what}: refused as {refusal} ({refusal.text!r}), not {status} {reason}")
        else:
            raise AssertionError(f"{what}: was answered")
        self.asker.compare_agreements()
        self.done += 1

    def screen(self, what: str, status: str, reason: str, question: Question | None = None, **body: Any) -> None:
        self.refused(what, status, reason, lambda: self.asker.ask_chunk(question or self.spare, self.asker.body(question or self.spare, **body)))

    def elements(self) -> None:
        good = self.spare.elements
        p = 2**255 - 19
        bad = {"bit 255 set": good[0][:31] + bytes([good[0][31] | 0x80]), "not canonical": (p + 4).to_bytes(32, "little"), "p": p.to_bytes(32, "little"),
               "negative": b"\x01" + bytes(31), "identity": bytes(32), "all ones": b"\xff" * 32}
        for what, element in bad.items():
            for at in (0, len(good) - 1):
                changed = [*good[:at], element, *good[at + 1:]]
                self.screen(f"element {at} {what}", "INVALID_ARGUMENT", "element-malformed", self.spare.changed(elements=changed))
        self.screen("an element too few", "INVALID_ARGUMENT", "chunk-malformed", self.spare.changed(elements=good[:-1]))
        self.screen("an element too many", "INVALID_ARGUMENT", "chunk-malformed", self.spare.changed(elements=[*good, good[0]]))
        self.screen("no element", "INVALID_ARGUMENT", "chunk-malformed", self.spare.changed(elements=[]))
        self.screen("a chunk beyond the last", "INVALID_ARGUMENT", "chunk-malformed", self.spare.changed(chunk=1))
        self.screen("no person", "INVALID_ARGUMENT", "chunk-malformed", self.spare, persons=0)
        self.screen("86 persons in one chunk", "INVALID_ARGUMENT", "chunk-malformed",
                    self.spare.changed(act=replace(self.spare.act, persons=86), elements=[good[0]] * 86 * 48))

    def places(self) -> None:
        other = self.question.changed(elements=made_elements(len(self.question.elements)))
        self.screen("the same place with other elements", "PERMISSION_DENIED", "chunk-replayed", other)
        self.screen("the same elements in another batch", "PERMISSION_DENIED", "chunk-replayed", self.question.changed(batch=secrets.token_bytes(16)))
        self.screen("the same elements in another chunk", "PERMISSION_DENIED", "chunk-replayed", self.question.changed(chunk=1, chunks=2))
        self.screen("the same chunk for another reason", "PERMISSION_DENIED", "chunk-replayed",
                    self.question.changed(act=replace(self.question.act, reference="QOR-2026-0099")))
        self.screen("an epoch to come", "FAILED_PRECONDITION", "epoch-unknown", self.spare.changed(epoch=self.spare.epoch + 1))
        self.screen("epoch 0", "FAILED_PRECONDITION", "epoch-unknown", self.spare.changed(epoch=0))
        self.screen("epoch 2^64 - 1", "FAILED_PRECONDITION", "epoch-unknown", self.spare.changed(epoch=2**64 - 1))
        self.screen("sequence 99", "FAILED_PRECONDITION", "tagset-unknown", self.spare.changed(sequence=99))
        self.screen("sequence 0", "FAILED_PRECONDITION", "tagset-unknown", self.spare.changed(sequence=0))

    def law(self) -> None:
        asker, act = self.asker, self.spare.act
        facts = asker.facts(act)
        for name, value in (("units", 2), ("role", 2), ("asked", 1), ("record_age", 40), ("bits", facts["bits"] | 1), ("holder", facts["asker"])):
            self.screen(f"facts with another {name}", "PERMISSION_DENIED", "decisions-differ", told={**facts, name: value})
        self.screen("facts of another time", "FAILED_PRECONDITION", "clock-skew", told={**facts, "now": facts["now"] - 3600})
        self.screen("facts of 127 bytes", "INVALID_ARGUMENT", "chunk-malformed", facts=bytes(127))
        self.screen("facts of another format", "INVALID_ARGUMENT", "chunk-malformed", facts=b"\x02" + bytes(127))
        self.screen("a decision of 56 bytes", "INVALID_ARGUMENT", "chunk-malformed", decision=bytes(56))
        self.screen("a decision with outcome 3", "INVALID_ARGUMENT", "chunk-malformed", decision=b"\x03" + bytes(56))
        decision = agreements.permit(asker.agreement, act, facts)
        later = decision[:34] + bytes([decision[34] ^ 1]) + decision[35:]
        self.screen("a decision that does not follow", "PERMISSION_DENIED", "decisions-differ", told=facts, decision=later)
        self.screen("a decision that denies", "PERMISSION_DENIED", "decisions-differ", decision=bytes(57))
        overdue = {**facts, "assessment_left_asker": 0}
        self.screen("a permit in spite of an overdue assessment", "PERMISSION_DENIED", "decisions-differ", told=overdue)
        self.screen("an unknown agreement", "FAILED_PRECONDITION", "agreement-differs", agreement=secrets.token_bytes(32))
        self.screen("an unknown clause", "PERMISSION_DENIED", "W03", clause="screen-everything")
        self.screen("a clause that does not screen", "PERMISSION_DENIED", "W03", clause="disclose-terrorism")
        self.screen("an unknown purpose", "PERMISSION_DENIED", "P01", purpose="terrorism.everything")
        self.screen("an unknown basis", "PERMISSION_DENIED", "P02", basis="because")
        self.screen("a purpose that the clause does not grant", "PERMISSION_DENIED", "decisions-differ",
                    self.spare.changed(act=replace(act, purpose="immigration.visa")))

    def statement(self) -> None:
        asker, talk = self.asker, self.asker.talk
        body = asker.body(self.spare)
        stranger = statements.sign(Ed25519PrivateKey.generate(), body)
        good = talk.sign(body)
        flipped = bytes([body[-1] ^ 1])
        wrong = {"another key's signature": (body, stranger), "no signature": (body, b""), "a signature of 63 bytes": (body, good[:63]),
                 "a byte changed after signing": (body[:-1] + flipped, good), "signed without the domain": (body, None)}
        for what, (raw, signature) in wrong.items():
            proof = signature if signature is not None else talk._key.sign(raw)
            self.refused(what, "UNAUTHENTICATED", "signature-wrong", lambda: talk.send("Screen", raw, "entente/screen-answer/1", proof))
        for name, value in (("from", "QTA"), ("to", "QTA")):
            other = statements.body_of("entente/hello/1", {**talk.preamble(), name: value}, agreements=[])
            self.refused(f"another party in `{name}`", "UNAUTHENTICATED", "signature-wrong", lambda: talk.send("Hello", other, "entente/hello/1"))
        for what, raw in (("a byte after the end", body + b"\x00"), ("cut short", body[:-1]), ("another label", body.replace(b"request/1", b"request/2"))):
            self.refused(what, "INVALID_ARGUMENT", "statement-malformed", lambda: talk.send("Screen", raw, "entente/screen-answer/1"))
        self.screen("signed an hour ago", "FAILED_PRECONDITION", "clock-skew", shift=-3600)
        self.screen("signed in an hour", "FAILED_PRECONDITION", "clock-skew", shift=3600)

    def tag_set(self, root: bytes, size: int) -> None:
        talk, agreement = self.asker.talk, self.asker.agreement.hash

        def piece(**change: Any) -> Callable[[], Any]:
            return lambda: talk.ask("TagSetChunk", "entente/tagset-chunk-ask/1", "entente/tagset-chunk/1", **{"root": root, "offset": 0, "length": 16, **change})

        self.refused("a tag set that was never made", "NOT_FOUND", "tagset-unknown", piece(root=secrets.token_bytes(32)))
        self.refused("a piece of no length", "INVALID_ARGUMENT", "statement-malformed", piece(length=0))
        self.refused("a piece above 1 MiB", "INVALID_ARGUMENT", "statement-malformed", piece(length=2**20 + 1))
        self.refused("a piece beyond the end", "INVALID_ARGUMENT", "statement-malformed", piece(offset=size))
        self.refused("an offset of 2^64 - 1", "INVALID_ARGUMENT", "statement-malformed", piece(offset=2**64 - 1))
        self.refused("the key of another epoch", "FAILED_PRECONDITION", "epoch-unknown", lambda: talk.ask(
            "Announce", "entente/epoch-ask/1", "entente/epoch/1", agreement=agreement, epoch=self.spare.epoch + 1))

        def manifest(**change: Any) -> Callable[[], Any]:
            words = {"agreement": agreement, "clause": CLAUSE, "epoch": self.spare.epoch, "have": 0, **change}
            return lambda: talk.ask("TagSet", "entente/tagset-ask/1", "entente/tagset/1", **words)

        self.refused("the tag set of an unknown clause", "PERMISSION_DENIED", "W03", manifest(clause="screen-everything"))
        self.refused("the tag set of another epoch", "FAILED_PRECONDITION", "epoch-unknown", manifest(epoch=self.spare.epoch + 1))
        self.refused("the tag set of an unknown agreement", "FAILED_PRECONDITION", "agreement-differs", manifest(agreement=secrets.token_bytes(32)))
        self.refused("the tag set of a clause that does not screen", "PERMISSION_DENIED", "W03", manifest(clause="disclose-terrorism"))

    def hits(self, handle: bytes) -> None:
        """Statements about hits: the stranger's bytes are understood, and what was never asked is refused."""
        talk, hit, zero, ack = self.asker.talk, secrets.token_bytes(16), bytes(32), ACK
        act = Act("disclose-terrorism", "QVA", "QOR", PURPOSE, BASIS, reference="QOR-2026-0017")

        def request(**change: Any) -> Callable[[], Any]:
            words = {"agreement": self.asker.agreement.hash, "clause": act.clause, "screen_clause": CLAUSE, "purpose": PURPOSE, "basis": BASIS,
                     "reference": act.reference, "necessity": "arrival tonight", "epoch": self.spare.epoch, "sequence": self.spare.sequence,
                     "handle": handle, "rules": [0x11], "fields": ["doc.number"], "offered": [{"code": "flight.number", "value": "Q7412"}],
                     "assurances": ["torture-risk"], "hit": hit, "facts": bytes(128), "decision": bytes(57), "leaf": zero, **change}
            return lambda: talk.ask("RequestDisclosure", "entente/disclosure-request/1", ack, **words)

        self.refused("a request with facts of 127 bytes", "INVALID_ARGUMENT", "statement-malformed", request(facts=bytes(127)))
        self.refused("a request with a decision of 56 bytes", "INVALID_ARGUMENT", "statement-malformed",
                     request(facts=b"\x01" + bytes(127), decision=bytes(56)))
        self.refused("a request whose facts are of another act", "PERMISSION_DENIED", "decisions-differ", request(facts=b"\x01" + bytes(127)))
        self.refused("a request under a clause that only screens", "PERMISSION_DENIED", "W03", request(clause=CLAUSE))
        self.refused("a request for an unknown field", "PERMISSION_DENIED", "F01", request(facts=b"\x01" + bytes(127), fields=["doc.smell"]))
        self.refused("a disclosure that nobody asked for", "PERMISSION_DENIED", "disclosure-unasked", lambda: talk.ask(
            "Deliver", "entente/disclosure/1", ack, agreement=self.asker.agreement.hash, clause=act.clause, hit=hit, request=zero, reason="",
            enc=zero, sealed=b"", handling="H1", retain_until=0, leaf=zero))
        for method, label, words in (("Outcome", "hit-outcome", {"outcome": 2}), ("Recall", "recall", {"kind": 1, "reason": "court", "due": 0}),
                                     ("RecallReceipt", "recall-receipt", {"recall": zero, "kind": 0, "records": 1})):
            self.refused(f"{method} about an unknown hit", "PERMISSION_DENIED", "request-unknown",
                         lambda: talk.ask(method, f"entente/{label}/1", ack, hit=hit, leaf=zero, **words))

    def envelope(self) -> None:
        talk = self.asker.talk
        send, body = talk.line.send, statements.body_of("entente/hello/1", talk.preamble(), agreements=[])
        message = talk.line.messages.Statement(body=body, signature=talk.sign(body)).SerializeToString()
        self.refused("an unknown field in the envelope", "INVALID_ARGUMENT", "envelope-malformed", lambda: send("Hello", message + b"\x18\x01"))
        reply, signature = talk.line.call("Witness", b"old 0\n", b"")
        answer = decode(WITNESS_REPLY, reply)
        need((answer["status"], signature) == (400, b""), f"a witness refuses what is no checkpoint, as C2SP says: {answer}")
        heads = talk.ask("SwapCheckpoints", "entente/checkpoints/1", "entente/checkpoints/1", notes=[])["notes"]
        need(len(heads) >= 1 and heads[0].startswith("audit.") and heads[0].count("\n\n") == 1, f"its own head first: {heads}")
        origin, size = heads[0].split("\n")[:2]
        told = talk.ask("GetConsistency", "entente/consistency-ask/1", "entente/consistency/1", origin=statements.sha256(origin.encode()), old_size=1,
                        new_size=int(size))
        need(told["proof"] != [] and told["new_size"] == int(size), "it proves its own head, the seed first")
        for what, of, sizes in (("another log", bytes(32), (1, int(size))), ("a size that was not shown", statements.sha256(origin.encode()), (1, 1 << 40)),
                                ("no past", statements.sha256(origin.encode()), (0, int(size)))):
            self.refused(f"a proof of {what}", "NOT_FOUND", "log-unknown",
                         lambda: talk.ask("GetConsistency", "entente/consistency-ask/1", "entente/consistency/1", origin=of, old_size=sizes[0], new_size=sizes[1]))
        leaf = secrets.token_bytes(32)
        day = {"agreement": self.asker.agreement.hash, "day": "2027-01-01"}
        node = talk.ask("ReconcileNode", "entente/reconcile-node-ask/1", "entente/reconcile-node/1", nibbles=b"", **day)
        need((node["count"], node["digest"], node["children"], node["records"]) == (0, bytes(32), [], []), f"an empty day has no record: {node}")
        self.refused("a place that is none", "INVALID_ARGUMENT", "statement-malformed",
                     lambda: talk.ask("ReconcileNode", "entente/reconcile-node-ask/1", "entente/reconcile-node/1", nibbles=b"", **day))
        self.refused("a proof of an entry that never crossed", "NOT_FOUND", "leaf-unknown",
                     lambda: talk.ask("LeafProof", "entente/leaf-ask/1", "entente/leaf-proof/1", leaf=leaf))


def check_idempotence(asker: Asker, question: Question, said: dict[str, Any]) -> None:
    for _ in range(3):
        again = asker.ask_chunk(question)
        need([again[name] for name in ("evaluated", "proof", "leaf")] == [said[name] for name in ("evaluated", "proof", "leaf")],
             "the same chunk again gives the same answer")
        need(again["preamble"]["nonce"] != said["preamble"]["nonce"], "in a fresh statement")


def exhaust_quota(asker: Asker, moves: Moves, question: Question) -> None:
    """8 of 16 are charged, however often they were asked. 8 more fit exactly; then not one more."""
    asker.ask_chunk(question.changed(batch=secrets.token_bytes(16), elements=made_elements(len(question.elements))))
    moves.screen("one person above the quota", "PERMISSION_DENIED", "C04")
    moves.screen("8 persons above the quota", "PERMISSION_DENIED", "C04",
                 question.changed(batch=secrets.token_bytes(16), elements=made_elements(len(question.elements))))
    need(asker.ask_chunk(question)["evaluated"] != b"", "what was charged before is answered still")


FIELDS = ["person.family-name", "person.given-names", "person.birth-date", "hit.reason"]
CHECKED = "death-penalty-risk identity-unconfirmed political-offence refoulement-risk torture-risk own-national-minor no-air-link".split()


def disclose_and_recall(world: World, asker: Asker, door: Door, moves: Moves, question: Question, handle: bytes, rules: set[str]) -> None:
    """The hit's details are asked for, released by QVA's people, opened here, and taken back."""
    talk, hit = asker.talk, secrets.token_bytes(16)
    act = Act("disclose-terrorism", "QVA", "QOR", PURPOSE, BASIS, reference="QOR-2026-0017")
    ages = {name: value for name, value in asker.facts(asker.act).items() if name.startswith("status_age")}
    facts = request_facts(asker.agreement, act, FIELDS, ["flight.number"], int(time.time()), **ages)
    words = {"screen_clause": CLAUSE, "epoch": question.epoch, "sequence": question.sequence, "handle": handle,
             "rules": sorted(RULES[rule] for rule in rules), "fields": FIELDS, "offered": [{"code": "flight.number", "value": "Q7412"}]}

    def ask(**change: Any) -> Callable[[], Any]:
        return lambda: talk.send("RequestDisclosure", make_request(talk, asker.agreement, act, facts, hit, **{**words, **change}), ACK)

    moves.refused("a value that may not be offered", "PERMISSION_DENIED", "F01", ask(offered=[{"code": "pnr.payment", "value": "card"}]))
    moves.refused("a value that the facts do not tell of", "PERMISSION_DENIED", "decisions-differ", ask(offered=[]))
    body = make_request(talk, asker.agreement, act, facts, hit, **words)
    first, again = (talk.send("RequestDisclosure", body, ACK) for _ in range(2))
    need((first["hit"], first["of"]) == (hit, statements.sha256(body)) and first["answer_by"] > time.time(), "the request is acknowledged")
    need([first[n] for n in ("of", "answer_by", "leaf")] == [again[n] for n in ("of", "answer_by", "leaf")], "asked again, the same acknowledgement")
    moves.refused("another request under this id", "PERMISSION_DENIED", "request-replayed", ask(necessity="another"))
    world.holder.do("two", "review", hit.hex(), "--verdict", "approve", "--reason", "same person", *[w for f in CHECKED for w in ("--flag", f"{f}=absent")])
    world.holder.do("one", "disclose", "release", hit.hex())
    disclosure, _ = door.wait_for("entente/disclosure/1")
    record = open_record(world.disclosure_key, disclosure, body, hit)
    given = {(field["code"], field["value"]) for field in record["fields"]}
    need(given == {("person.family-name", "VALDERMAN"), ("person.given-names", "ORSINA"), ("person.birth-date", "19870412"), ("hit.reason", PURPOSE)},
         f"exactly the fields that were asked for: {sorted(code for code, _ in given)}")
    need((record["handling"], record["caveats"]) == ("H1", ["ask-before-action"]), "handling and caveats of the clause")
    talk.ask("Outcome", "entente/hit-outcome/1", ACK, hit=hit, outcome=0, leaf=bytes(32))
    world.holder.do("one", "recall", "send", hit.hex(), "--reason", "entry-corrected")
    recall, order = door.wait_for("entente/recall/1")
    need((recall["hit"], recall["kind"], recall["reason"]) == (hit, 0, "entry-corrected"), "the recall is of this hit")
    receipt = {"hit": hit, "kind": 0, "records": 1, "leaf": bytes(32)}
    moves.refused("a receipt for another recall", "PERMISSION_DENIED", "request-unknown", lambda: talk.ask(
        "RecallReceipt", "entente/recall-receipt/1", ACK, recall=bytes(32), **receipt))
    talk.ask("RecallReceipt", "entente/recall-receipt/1", ACK, recall=statements.sha256(order), **receipt)
    (known,) = world.holder.do("one", "recall", "list")["recalls"]
    need(bool(known["receipt"]), "QVA has the receipt")


def check_foreign_certificate(world: World, messages: Any) -> None:
    foreign = world.connect(messages, cards.make_tls("QOR"))
    try:
        foreign.send("Hello", b"", timeout=5)
    except Refusal as refusal:
        need(refusal.status in ("UNAVAILABLE", "DEADLINE_EXCEEDED"), f"a certificate that is not pinned: {refusal}")
    else:
        raise AssertionError("a certificate that is not pinned was let in")
    finally:
        foreign.close()


def play(world: World, folder: pathlib.Path) -> str:
    messages = line.load_messages(folder)
    world.prepare()
    peer_key = world.peer_card["statement_key"]
    assert isinstance(peer_key, bytes)
    act = Act(CLAUSE, "QVA", "QOR", PURPOSE, BASIS)
    asker = Asker(Talk(world.connect(messages), "QOR", "QVA", world.keys.statement, peer_key), world.agreement, act)
    door = Door(asker.talk, peer_key, messages, world.tls, world.peer_certificate_pem, world.own_address)
    try:
        return converse(world, asker, door, peer_key, messages)
    finally:
        door.close()
        asker.talk.line.close()


def wait_until_heard(asker: Asker) -> None:
    """The holder's door looks at its TLS files once a second: a card that was just pinned is known a moment later."""
    deadline = time.monotonic() + 10
    while True:
        try:
            asker.compare_agreements()
            return
        except Refusal as refusal:
            if refusal.status != "UNAVAILABLE" or time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def converse(world: World, asker: Asker, door: Door, peer_key: bytes, messages: Any) -> str:
    wait_until_heard(asker)
    asker.compare_agreements()
    asker.status_seen(check_status(asker.exchange_status(world.keys.statement, 1), world.agreement, "QVA", peer_key))
    epoch = asker.fetch_epoch()
    manifest, by_tag = asker.fetch_tag_set(epoch["epoch"])
    travellers = [OTHERS[0], OTHERS[1], PLANTED, OTHERS[2]]
    found, asked = asker.screen(travellers, epoch["epoch"], epoch["public_key"], manifest, by_tag)
    hits = {person: tier(rules) for (person, _), rules in found.items() if tier(rules) != "nothing"}
    need(hits == {travellers.index(PLANTED): "hit"}, f"the planted traveller and nobody else: {hits}")
    ((question, said),) = asked
    check_idempotence(asker, question, said)
    spare = question.changed(act=replace(asker.act, persons=1), batch=secrets.token_bytes(16), elements=made_elements(48))
    moves = Moves(asker, question, said, spare)
    ((_, handle), rules), = found.items()
    disclose_and_recall(world, asker, door, moves, question, handle, rules)
    moves.elements()
    moves.places()
    moves.law()
    moves.statement()
    moves.tag_set(manifest["root"], manifest["size"])
    moves.hits(handle)
    moves.envelope()
    check_foreign_certificate(world, messages)
    exhaust_quota(asker, moves, question)
    need(world.holder.alive and world.holder.do("admin", "audit", "check") is not None, "the node still serves and its log is whole")
    return (f"{len(travellers)} travellers, 1 hit ({' '.join(sorted(rules))}), {manifest['count']} tags, 1 disclosure opened and recalled, "
            f"{moves.done} hostile moves refused")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    started = time.monotonic()
    with line.make_folder() as name:
        folder = pathlib.Path(name)
        world = World(pathlib.Path(sys.argv[1]).resolve(), folder)
        try:
            done = play(world, folder)
        finally:
            world.holder.stop()
    print(f"stranger: {done}, {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
