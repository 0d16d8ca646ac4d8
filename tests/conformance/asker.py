"""An asker, written from docs/protocol alone: statements, epochs, tag sets, blinded questions, proofs and hits."""

from __future__ import annotations

import random
import secrets
import time
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import agreements
import poprf
import recipe1
import ristretto
import statements
from agreements import Act, Agreement
from line import Line
from statements import sha256

SCREEN = "entente/screen-request/1"
SIZE_CLASSES = (1, 8, 32, 64, 128, 256, 512)
PERSONS_A_CHUNK = 16
RULES = {"A1": 0x11, "A2": 0x12, "A3": 0x13, "A4": 0x14, "B1": 0x21, "B2": 0x22, "B3": 0x23, "B4": 0x24, "B5": 0x25, "B6": 0x26, "B7": 0x27}


class Wrong(AssertionError):
    """The holder, or the protocol, is not what the pages say."""


def need(holds: bool, what: str) -> None:
    if not holds:
        raise Wrong(what)


class Talk:
    """One party talks to another: signs what it says, checks what it hears."""

    def __init__(self, line: Line, own: str, peer: str, key: Ed25519PrivateKey, peer_key: bytes) -> None:
        self.line, self.own, self.peer, self._key, self._peer_key = line, own, peer, key, peer_key

    def preamble(self, shift: int = 0) -> dict[str, Any]:
        return {"from": self.own, "to": self.peer, "time": int(time.time()) + shift, "nonce": secrets.token_bytes(16)}

    def sign(self, body: bytes) -> bytes:
        return statements.sign(self._key, body)

    def send(self, method: str, body: bytes, answer: str, signature: bytes | None = None) -> dict[str, Any]:
        heard, proof = self.line.call(method, body, self.sign(body) if signature is None else signature)
        return statements.opened(answer, heard, proof, self._peer_key, self.peer, self.own, int(time.time()))

    def ask(self, method: str, label: str, answer: str, **fields: Any) -> dict[str, Any]:
        return self.send(method, statements.body_of(label, self.preamble(), **fields), answer)


# The tag set (tag-set.md).

def read_tag_set(file: bytes, manifest: dict[str, Any], holder: str, asker: str) -> dict[bytes, list[bytes]]:
    """Verifies a file and gives its entries by tag."""
    need(sha256(file) == manifest["root"] and len(file) == manifest["size"], "root and size of the tag set")
    text = lambda value: len(value).to_bytes(4, "big") + value.encode()  # noqa: E731
    number = lambda value: value.to_bytes(8, "big")  # noqa: E731
    fields = (manifest["agreement"] + text(manifest["clause"]) + text(holder) + text(asker) + number(manifest["epoch"])
              + text(manifest["recipe"]) + number(manifest["sequence"]) + number(manifest["count"]))
    head = b"entente/tagset/1" + len(fields).to_bytes(4, "big") + fields
    head += bytes(-len(head) % 16)
    need(file.startswith(head), "header of the tag set")
    need(len(file) == len(head) + 16 * manifest["count"], "length of the tag set")
    entries = [file[i:i + 16] for i in range(len(head), len(file), 16)]
    need(all(a < b for a, b in zip(entries, entries[1:])), "order of the tag set")
    by_tag: dict[bytes, list[bytes]] = {}
    for entry in entries:
        by_tag.setdefault(entry[:8], []).append(entry[8:])
    return by_tag


def labels(by_tag: dict[bytes, list[bytes]], token: bytes) -> list[tuple[bytes, int]]:
    """(handle, rule) of every entry of a token."""
    plain = [bytes(a ^ b for a, b in zip(masked, token[8:16])) for masked in by_tag.get(token[:8], [])]
    return [(row[:6], row[6]) for row in plain if row[7] == 0 and (row[6] != 0) and row[:6] != bytes(6)]


# The question (screening.md, section 7).

@dataclass(frozen=True)
class Input:
    person: int
    rule: str  # empty: a dummy
    text: bytes


def inputs_of(travellers: list[recipe1.Unit], match_set: str) -> list[Input]:
    """The whole batch in its size class, shuffled."""
    places = next(size for size in SIZE_CLASSES if size >= len(travellers))
    elements = recipe1.sets()[match_set][0]
    out = []
    for person in range(places):
        keys = recipe1.set_keys(travellers[person], match_set, False) if person < len(travellers) else []
        out += [Input(person, rule, recipe1.key_text(rule, fields)) for rule, fields in keys]
        out += [Input(person, "", b"entente/recipe/1\x1f00\x1f" + secrets.token_bytes(32)) for _ in range(elements - len(keys))]
    random.SystemRandom().shuffle(out)
    return out


def tier(rules: set[str]) -> str:
    """recipe-1.md, section 7, for the set `standard`."""
    families = {"B1" if rule == "B5" else rule for rule in rules if rule.startswith("B")}
    if any(rule.startswith("A") for rule in rules) or len(families) >= 2:
        return "hit"
    return "possible" if families else "nothing"


@dataclass(frozen=True)
class Question:
    """One chunk as it stands in a request, ready to be asked, again or changed."""
    act: Act
    epoch: int
    sequence: int
    batch: bytes
    chunk: int
    chunks: int
    elements: list[bytes]
    leaf: bytes

    def changed(self, **values: Any) -> Question:
        return replace(self, **values)


class Asker:
    def __init__(self, talk: Talk, agreement: Agreement, act: Act) -> None:
        self.talk, self.agreement, self.act = talk, agreement, act
        self._status_issued = self._own_issued = 0

    def compare_agreements(self) -> None:
        unknown = secrets.token_bytes(32)
        said = self.talk.ask("Hello", "entente/hello/1", "entente/hello/1", agreements=[unknown, self.agreement.hash])
        need(said["agreements"] == [self.agreement.hash], "the holder names exactly what both hold")

    def exchange_status(self, statement_key: Ed25519PrivateKey, sequence: int) -> bytes:
        """Gives the own status; returns the holder's envelope, which the caller checks."""
        self._own_issued = int(time.time())
        body = agreements.status_body(self.agreement.hash, self.talk.own, sequence, self._own_issued)
        own = agreements.envelope(agreements.STATUS_TYPE, body, {"statement": statement_key})
        said = self.talk.ask("Status", "entente/status-exchange/1", "entente/status-exchange/1",
                             agreement=self.agreement.hash, status=own, events=[])
        need(said["agreement"] == self.agreement.hash and said["events"] == [], "the status is about this agreement, without events")
        return bytes(said["status"])

    def status_seen(self, issued: int) -> None:
        self._status_issued = issued

    def fetch_epoch(self) -> dict[str, Any]:
        number = self.agreement.epoch(int(time.time()))
        said = self.talk.ask("Announce", "entente/epoch-ask/1", "entente/epoch/1", agreement=self.agreement.hash, epoch=number)
        need((said["agreement"], said["epoch"]) == (self.agreement.hash, number), "the announcement is of this agreement and epoch")
        need((said["valid_from"], said["valid_until"]) == (self.agreement.epoch_start(number), self.agreement.epoch_start(number + 1)), "span of the epoch")
        ristretto.decode(said["public_key"])
        return said

    def fetch_tag_set(self, epoch: int) -> tuple[dict[str, Any], dict[bytes, list[bytes]]]:
        manifest = self.talk.ask("TagSet", "entente/tagset-ask/1", "entente/tagset/1", agreement=self.agreement.hash,
                                 clause=self.act.clause, epoch=epoch, have=0)
        said = {name: manifest[name] for name in ("agreement", "clause", "epoch", "recipe")}
        need(said == {"agreement": self.agreement.hash, "clause": self.act.clause, "epoch": epoch, "recipe": "recipe/1"}, "manifest")
        file = b""
        while len(file) < manifest["size"]:
            # Small pieces, so that the joints are tested.
            part = self.talk.ask("TagSetChunk", "entente/tagset-chunk-ask/1", "entente/tagset-chunk/1", root=manifest["root"],
                                 offset=len(file), length=20_000)
            need((part["root"], part["offset"]) == (manifest["root"], len(file)) and 0 < len(part["data"]) <= 20_000, "piece of the tag set")
            file += part["data"]
        return manifest, read_tag_set(file, manifest, self.talk.peer, self.talk.own)

    def info(self, epoch: int) -> bytes:
        parts = [self.agreement.hash, self.talk.peer.encode(), self.talk.own.encode(), self.act.clause.encode(), b"recipe/1"]
        return b"entente/screen/1\x00" + b"".join(poprf.framed(part) for part in parts) + epoch.to_bytes(8, "big")

    def facts(self, act: Act) -> dict[str, Any]:
        now = int(time.time())
        return agreements.screen_facts(self.agreement, act, now, status_age_holder=max(0, now - self._status_issued),
                                       status_age_asker=max(0, now - self._own_issued))

    def body(self, question: Question, told: dict[str, Any] | None = None, shift: int = 0, **replaced: Any) -> bytes:
        """The request. `told`: other facts, and the decision that would follow; `replaced`: other values in place of what belongs there."""
        act = question.act
        facts = self.facts(act) if told is None else told
        fields = {
            "agreement": self.agreement.hash, "clause": act.clause, "purpose": act.purpose, "basis": act.basis, "reference": act.reference,
            "epoch": question.epoch, "sequence": question.sequence, "batch": question.batch, "chunk": question.chunk,
            "chunks": question.chunks, "persons": act.persons, "facts": agreements.encode_facts(facts),
            "decision": agreements.permit(self.agreement, act, facts), "elements": b"".join(question.elements), "leaf": question.leaf}
        return statements.body_of(SCREEN, self.talk.preamble(shift), **{**fields, **replaced})

    def ask_chunk(self, question: Question, body: bytes | None = None) -> dict[str, Any]:
        said = self.talk.send("Screen", self.body(question) if body is None else body, "entente/screen-answer/1")
        need((said["batch"], said["chunk"]) == (question.batch, question.chunk), "the answer is to this question")
        need(len(said["evaluated"]) == 32 * len(question.elements), "as many evaluated elements as were asked")
        return said

    def screen(self, travellers: list[recipe1.Unit], epoch: int, public_key: bytes, manifest: dict[str, Any],
               by_tag: dict[bytes, list[bytes]]) -> tuple[dict[tuple[int, bytes], set[str]], list[tuple[Question, dict[str, Any]]]]:
        """What was found, by (person, handle), and every chunk with its answer."""
        row = inputs_of(travellers, "standard")
        per_person = recipe1.sets()["standard"][0]
        places, batch = len(row) // per_person, secrets.token_bytes(16)
        chunks = -(-places // PERSONS_A_CHUNK)
        leaf = agreements.leaf_hash(b"screen.open of batch " + batch)
        found: dict[tuple[int, bytes], set[str]] = {}
        asked = []
        for chunk in range(chunks):
            persons = min(PERSONS_A_CHUNK, places - chunk * PERSONS_A_CHUNK)
            part = row[chunk * PERSONS_A_CHUNK * per_person:][:persons * per_person]
            blinded = poprf.blind([item.text for item in part], self.info(epoch), public_key)
            question = Question(replace(self.act, persons=persons), epoch, manifest["sequence"], batch, chunk, chunks, blinded.elements, leaf)
            said = self.ask_chunk(question)
            evaluated = [said["evaluated"][i:i + 32] for i in range(0, len(said["evaluated"]), 32)]
            for item, token in zip(part, poprf.finalize(blinded, evaluated, said["proof"]), strict=True):
                for handle, rule in labels(by_tag, token):
                    if item.rule and RULES[item.rule] == rule:
                        found.setdefault((item.person, handle), set()).add(item.rule)
            asked.append((question, said))
        return found, asked


def made_elements(count: int) -> list[bytes]:
    """Valid elements that nobody asked before; cheap, and good only for questions whose answer is not needed."""
    point, out = poprf.random_scalar() * ristretto.GENERATOR, []
    for _ in range(count):
        point = point + ristretto.GENERATOR
        out.append(point.encode())
    return out
