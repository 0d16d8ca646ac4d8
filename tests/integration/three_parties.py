#!/usr/bin/env python3
"""Three states under one agreement, with nothing but `entente` commands, on three real nodes: Tamrin (QTA) accedes to what Orsena (QOR) and
Valmara (QVA) signed, screenings run for the pairs that the clauses name and for no other, and a stop of one pair leaves the others alone.

  python3 tests/integration/three_parties.py BIN_DIR
"""

from __future__ import annotations

import datetime
import pathlib
import re
import subprocess
import sys
from typing import Any

from life import DEMO, EXAMPLE, FOLDER, ROOT, Node, check, document, run, wait_for

CLAUSES = {"QOR": "screen-terrorism", "QTA": "screen-terrorism-acceding"}
ACCEDED = "QOR-QVA-2026-001"
TOGETHER = "QOR-QTA-QVA-2027-003"


def three_party_text() -> pathlib.Path:
    """The example with QTA as a third party, where QVA alone holds the list that the other two ask."""
    text = EXAMPLE.read_text()
    party = text[text.index('[[party]]\ncode = "QVA"'):text.index("[[basis]]")]
    text = text.replace(party, party.replace("QVA", "QTA").replace("Valmara", "Tamrin").replace("valmara", "tamrin") + party)
    text = re.sub(r"^(?=QVA = )", 'QTA = "Passenger Act 7/2020, s. 3"\n', text, flags=re.MULTILINE)
    begin, end = text.index('[[clause]]\nid = "screen-terrorism"'), text.index("[[prohibition]]")
    clause = text[begin:end].replace('holder = "each"', 'holder = "QVA"')
    named = [clause.replace("screen-terrorism", name).replace('asker = "other"', f'asker = "{asker}"') for asker, name in CLAUSES.items()]
    path = FOLDER / "three.toml"
    path.write_text(text[:begin] + "".join(named) + text[end:])
    return path


def ago(**span: float) -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**span)


def first_version(qor: Node, qva: Node) -> str:
    path, digest = document((qor, qva), "v1.toml", ago(days=1), {})
    qor.do("admin", "agreement", "draft", str(path))
    qor.opinion(digest, "agree")
    qor.do("legal", "agreement", "propose", digest)
    qva.opinion(digest, "agree")
    for node in (qor, qva):
        node.sign_both(digest)
    for node, peer in ((qor, "QVA"), (qva, "QOR")):
        wait_for("version 1 live", lambda node=node: node.live(digest))
        check("version 1 in force", node.state(digest, peer) == "active")
    return digest


def accession(qor: Node, qva: Node, qta: Node, v1: str, base: pathlib.Path) -> pathlib.Path:
    everyone = (qor, qva, qta)
    more = {"version": "2", "replaces": f"sha256:{v1}", "party.QTA.history_from": ago(hours=1).strftime("%Y-%m-%dT%H:%M:%SZ")}
    path, digest = document(everyone, "v2.toml", ago(seconds=-45), more, base)
    qva.do("admin", "agreement", "draft", str(path))
    missing = (qva.draft(digest) or {})["missing"]
    check("three opinions, the proposal and six signatures are missing", len(missing) == 10, missing)
    qva.opinion(digest, "agree")
    qva.do("tech", "agreement", "propose", digest)
    for node in everyone:
        check(f"{node.party} has it on the table", (node.draft(digest) or {}).get("state") == "proposed", node.status())
    check("the acceding party never held version 1", not qta.held(v1))
    for node in (qor, qta):
        node.refused("legal", "AG-223", "agreement", "sign", digest, "--read", node.to_read(digest))
        node.opinion(digest, "conditions")
    for node in everyone:
        check("nobody holds it before all have signed", not any(n.held(digest) for n in everyone))
        node.sign_both(digest)
    for node in everyone:
        wait_for(f"{node.party} holds version 2", lambda node=node: node.held(digest))
    check("version 1 until version 2 begins", qor.state(v1) == "active" and qor.state(digest, "QTA") == "signed")
    qta.refused("one", "S02", *question(qta, "QVA", CLAUSES["QTA"], ACCEDED))
    for node in everyone:
        for peer in everyone:
            if peer is not node:
                wait_for(f"version 2 in force at {node.party} with {peer.party}", lambda node=node, peer=peer: node.state(digest, peer.party) == "active")
    check("version 1 gave way", qor.state(v1) == "superseded" and qva.state(v1) == "superseded" and not qta.held(v1))
    for node in everyone:
        wait_for(f"version 2 live at {node.party}", lambda node=node: node.live(digest))
    return path


def bring_data(qor: Node, qva: Node, qta: Node) -> None:
    data = FOLDER / "data"
    subprocess.run([sys.executable, str(ROOT / "scripts/make-demo-data"), str(data), "--travellers", "20", "--listed", "60"], check=True, stdout=subprocess.DEVNULL)
    qva.do("one", "list", "import", str(data / "list.csv"), "--list", "subjects")
    qor.do("dpo", "protect", "import", str(data / "protected.csv"))
    for node in (qor, qva, qta):
        node.flight = node.do("one", "flight", "import", str(data / "flight.edi"))["flights"][0]["flight"]


def question(node: Node, peer: str, clause: str, agreement: str) -> list[str]:
    return ["screen", "--flight", node.flight, "--peer", peer, "--clause", clause, "--purpose", "terrorism.travel", "--basis", "protocol-4", "--agreement", agreement]


def screen(node: Node, peer: str, clause: str, agreement: str) -> list[dict[str, Any]]:
    """Asks `peer` about the flight of `node`; returns the hits that this brought."""
    before = {h["hit"] for h in node.do("one", "hits", "list")["hits"]}
    told = node.do("one", *question(node, peer, clause, agreement))
    check(f"{node.party} asked {peer} to the end", [b["state"] for b in told["batches"]] == ["complete"], told)
    return [h for h in node.do("one", "hits", "list")["hits"] if h["hit"] not in before]


def not_granted(node: Node, peer: str, clause: str, agreement: str = TOGETHER) -> None:
    before = node.traffic().get(peer, {}).get("bytes_out")
    node.refused("one", "clause-unknown", *question(node, peer, clause, agreement))
    check(f"nothing of it left {node.party}", node.traffic().get(peer, {}).get("bytes_out") == before)


def finds_the_planted(node: Node, agreement: str) -> None:
    # The fourth on the list flies too, and is protected at QOR alone.
    planted = 3 if node.party == "QOR" else 4
    hits = screen(node, "QVA", CLAUSES[node.party], agreement)
    check(f"{node.party} finds who was planted", len(hits) == planted and any("A1" in h["rules"].split() for h in hits), hits)


def screenings(qor: Node, qva: Node, qta: Node) -> None:
    for node in (qor, qta):
        finds_the_planted(node, TOGETHER)
    for node, peer, clause in ((qor, "QTA", "screen-terrorism"), (qta, "QOR", CLAUSES["QTA"]), (qva, "QOR", "screen-terrorism"), (qva, "QTA", CLAUSES["QTA"]),
                               (qta, "QVA", CLAUSES["QOR"])):
        not_granted(node, peer, clause)
    check("a refused question finds nobody", qva.do("one", "hits", "list")["hits"] == [])


def matrix(path: pathlib.Path) -> None:
    pairs = DEMO.offline("agreement", "matrix", str(path))["agreements"][0]["pairs"]
    screens = {(p["asker"], p["holder"]) for p in pairs for f in p["flows"] if f["action"] == "screen"}
    check("who may ask whom", screens == {("QOR", "QVA"), ("QTA", "QVA")}, pairs)
    onward = {(p["asker"], p["holder"]) for p in pairs for f in p["flows"] if f["action"] == "onward"}
    check("who may pass on whose", onward == {("QVA", "QOR")}, pairs)
    check("all six pairs are there", len({(p["asker"], p["holder"]) for p in pairs}) == 6, pairs)


def proposed_to_one_away(qor: Node, qva: Node, qta: Node, base: pathlib.Path) -> str:
    """A version 1 of all three, proposed while QTA is away; returns its hash when it is live everywhere."""
    everyone = (qor, qva, qta)
    path, digest = document(everyone, "together.toml", ago(days=1), {"id": TOGETHER}, base)
    qor.do("admin", "agreement", "draft", str(path))
    qor.opinion(digest, "agree")
    qta.stop()
    told = qor.do("legal", "agreement", "propose", digest)["told"]
    check("the one away is named", {t["peer"]: t["ok"] for t in told} == {"QVA": True, "QTA": False}, told)
    check("the one present has it", (qva.draft(digest) or {}).get("state") == "proposed")
    qta.start()
    wait_for("the proposal reaches the one that was away", lambda: (qta.draft(digest) or {}).get("state") == "proposed")
    for node in (qta, qva):
        node.opinion(digest, "agree")
    for node in everyone:
        node.sign_both(digest)
    for node in everyone:
        wait_for(f"{node.party} has the common version 1 live", lambda node=node: node.live(digest))
    return digest


def stop_of_one_pair(qor: Node, qva: Node, qta: Node, digest: str) -> None:
    qva.do("duty", "agreement", "suspend", digest, "--reason", "security", "--peer", "QTA")
    for node, peer, state in ((qva, "QTA", "suspended"), (qta, "QVA", "suspended"), (qva, "QOR", "active"), (qor, "QVA", "active"), (qor, "QTA", "active"),
                              (qta, "QOR", "active")):
        check(f"{node.party} with {peer} is {state}", node.state(digest, peer) == state, node.status())
    qta.refused("one", "S01", *question(qta, "QVA", CLAUSES["QTA"], TOGETHER))
    finds_the_planted(qor, TOGETHER)


def walk(qor: Node, qva: Node, qta: Node) -> None:
    base = three_party_text()
    bring_data(qor, qva, qta)
    v1 = first_version(qor, qva)
    not_granted(qta, "QVA", CLAUSES["QTA"], ACCEDED)
    path = accession(qor, qva, qta, v1, base)
    matrix(path)
    finds_the_planted(qor, ACCEDED)
    finds_the_planted(qta, ACCEDED)
    together = proposed_to_one_away(qor, qva, qta, base)
    screenings(qor, qva, qta)
    stop_of_one_pair(qor, qva, qta, together)


if __name__ == "__main__":
    sys.exit(run("three parties", ("QOR", "QVA", "QTA"), walk))
