#!/usr/bin/env python3
"""Two data protection officers and one exchange, with nothing but `entente` commands: every event of it is found on both sides, each is proved
and points to the other side's, the half-yearly review is made, printed to PDF, signed and checked; a changed byte is found, and whoever may
not review is refused.

  python3 tests/integration/review_story.py BIN_DIR
"""

from __future__ import annotations

import base64
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
from typing import Any

from life import DEMO, FOLDER, ROOT, Node, check, run

import produced  # from tests/testing, which life.py puts on the path

DAY = "2020-01-01"


def exchange(qor: Node, qva: Node) -> tuple[str, str]:
    """A screening, a disclosure and its recall; the batch and the hit."""
    envelope = DEMO.make_agreement(qor, qva)
    for node in (qor, qva):
        node.do("admin", "agreement", "import", str(envelope))
        node.add_people({"two": "officer", "audit": "auditor"})
    data = FOLDER / "data"
    subprocess.run([sys.executable, str(ROOT / "scripts/make-demo-data"), str(data), "--travellers", "20", "--listed", "60"], check=True, stdout=subprocess.DEVNULL)
    qva.do("one", "list", "import", str(data / "list.csv"), "--list", "subjects")
    flight = qor.do("one", "flight", "import", str(data / "flight.edi"))["flights"][0]["flight"]
    told = qor.do("one", "screen", "--flight", flight, "--peer", "QVA", "--clause", "screen-terrorism", "--purpose", "terrorism.travel", "--basis", "protocol-4")
    check("the screening is complete", [b["state"] for b in told["batches"]] == ["complete"], told)
    hit = next(h["hit"] for h in qor.do("one", "hits", "list")["hits"] if "A1" in h["rules"].split())
    qor.do("one", "review", hit, "--verdict", "confirmed", "--reason", "the passport was seen")
    qor.do("one", "disclose", "ask", hit, "--clause", "disclose-terrorism", "--fields", "person.family-name,hit.reason", "--case", "QOR-2026-0017",
           "--necessity", "arrival tonight")
    flags = ["death-penalty-risk", "identity-unconfirmed", "political-offence", "refoulement-risk", "torture-risk", "own-national-minor", "no-air-link"]
    qva.do("two", "disclose", "show", hit)
    qva.do("two", "review", hit, "--verdict", "approve", "--reason", "same person", *[w for f in flags for w in ("--flag", f"{f}=absent")])
    qva.do("one", "disclose", "release", hit)
    qor.do("one", "hits", "outcome", hit, "--result", "confirmed")
    qva.do("one", "recall", "send", hit, "--reason", "entry-corrected")
    DEMO.wait_for(lambda: any(r["receipt"] for r in qva.do("one", "recall", "list")["recalls"]), "the receipt")
    entry = (data / "list.csv").read_text().split("\n")[-2].split(",")[0]
    qva.do("one", "list", "remove", "--list", "subjects", "--entry", entry, "--reason", "entry-deleted")
    return told["batches"][0]["batch"], hit


def proved(node: Node, index: int, policy: pathlib.Path) -> tuple[str, dict[str, Any]]:
    """The leaf hash and the leaf of one entry, its proof checked off line."""
    proof = node.do("dpo", "audit", "prove", str(index))
    files = FOLDER / "one.tlog-proof", FOLDER / "one.leaf"
    files[0].write_text(proof["proof"])
    files[1].write_text(proof["leaf"])
    DEMO.run("audit", "verify", "--proof", str(files[0]), "--leaf", str(files[1]), "--policy", str(policy))
    return hashlib.sha256(b"\0" + proof["leaf"].encode()).hexdigest(), json.loads(proof["leaf"])


def both_sides(qor: Node, qva: Node, batch: str, hit: str) -> dict[str, pathlib.Path]:
    policies = {}
    hashes: dict[str, set[str]] = {}
    leaves: dict[str, list[dict[str, Any]]] = {}
    for node in (qor, qva):
        policies[node.party] = FOLDER / f"{node.low}.policy"
        policies[node.party].write_text(node.do("dpo", "audit", "policy")["policy"])
        found = {e["index"] for word, value in (("--batch", batch), ("--hit", hit)) for e in node.do("dpo", "audit", "show", word, value, "--limit", "1000")["entries"]}
        pairs = [proved(node, index, policies[node.party]) for index in sorted(found)]
        hashes[node.party], leaves[node.party] = {h for h, _ in pairs}, [leaf for _, leaf in pairs]
        exported = node.do("dpo", "audit", "export", "--exchange", batch)
        DEMO.offline("audit", "verify", exported["file"], "--policy", str(policies[node.party]))
    kinds = {party: {leaf["type"] for leaf in some} for party, some in leaves.items()}
    check("QOR has its half", {"screen.open", "screen.result", "hit.find", "review.decide", "disclose.ask", "disclose.take", "recall.take", "recall.done"} <= kinds["QOR"], kinds)
    check("QVA has its half", {"screen.answer", "disclose.ask", "disclose.approve", "disclose.release", "recall.send", "recall.receipt"} <= kinds["QVA"], kinds)
    pointing = 0
    for party, other in (("QOR", "QVA"), ("QVA", "QOR")):
        for leaf in leaves[party]:
            peer = leaf["data"].get("peer_leaf", "-")
            if peer != "-":
                pointing += 1
                check(f"{party} {leaf['type']} names an entry of {other}", peer in hashes[other], leaf)
    check("entries of both sides point to each other", pointing >= 5, pointing)
    return policies


def pdf(page: pathlib.Path) -> bytes:
    browser = next((b for b in ("chromium", "chromium-browser", "google-chrome") if shutil.which(b)), None)
    assert browser is not None, "no Chromium: scripts/setup installs it"
    out = page.with_suffix(".pdf")
    subprocess.run([browser, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={FOLDER / 'browser'}", "--no-pdf-header-footer",
                    f"--print-to-pdf={out}", page.as_uri()], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
    return out.read_bytes()


def page_is_clean(text: str) -> None:
    check("nothing is fetched and nothing runs", not re.search(r"<script|https?:|src=|href=|url\(|@import|\bon\w+=", text), re.findall(r"<script|https?:|src=|href=", text))
    check("what people wrote is escaped", "<b>not bold</b>" not in text and "&lt;b&gt;not bold&lt;/b&gt;" in text)
    for word in ("LINDQVARN", "QOR-2026-0017", "qor-one", "qva-one"):
        check(f"the report does not say {word}", word not in text)


def shows_what_it_read(node: Node, facts: dict[str, Any]) -> None:
    counts = {row["type"]: row["n"] for row in facts["counts"]}
    check("every entry is counted once", sum(counts.values()) == facts["entries"] == facts["last"] + 1, facts["entries"])
    for kind in ("screen.open", "recall.done", "disclose.take"):
        shown = node.do("dpo", "audit", "show", "--type", kind, "--limit", "1000")["entries"]
        check(f"{kind} is counted as the log has it", counts[kind] == len(shown), counts)
    reads = node.do("dpo", "audit", "show", "--type", "log.read", "--limit", "1000")["entries"]
    ours = [e for e in reads if e["leaf"]["data"]["filter"] == "review"]
    check("reading for the review is an entry of its own, of what was shown", [(e["leaf"]["data"]["first"], e["leaf"]["data"]["last"]) for e in ours] == [(facts["first"], facts["last"])], ours)
    check("and came after all that it was about", ours[0]["index"] > facts["last"])
    actor = ours[0]["leaf"]["actor"]
    check("the officer's own reads stand in it, by pseudonym", any(r["actor"] == actor and r["type"] == "log.read" and r["times"] > 5 for r in facts["reads"]), facts["reads"])
    check("the recall is in it", {"recall.take", "recall.done"} <= {r["type"] for r in facts["recalls"]}, facts["recalls"])
    check("the log verifies", facts["verification"]["verified"] and facts["verification"]["self_check"] == "holds", facts["verification"])
    check("a sample is drawn", len(facts["sample"]["entries"]) == 12)
    check("what crossed is there by purpose", any(f["type"] == "screen.open" and f["purpose"] == "terrorism.travel" for f in facts["flows"]), facts["flows"])


def signed(node: Node, page: pathlib.Path, told: dict[str, Any]) -> None:
    note = page.with_name(page.name + ".sig")
    check("the digest is the file's", told["sha256"] == hashlib.sha256(page.read_bytes()).hexdigest())
    words = ("audit", "review", "--check", str(page), "--dpo", told["officer_key"])
    checked = DEMO.offline(*words)
    check("a stranger checks the signature", checked["verdict"] == "VERIFIED" and checked["officer"] == "qor-dpo" and checked["last"] == told["facts"]["last"], checked)
    entry = node.do("dpo", "audit", "show", "--type", "log.review")["entries"]
    check("the log says so once", [e["index"] for e in entry] == [told["index"]] and entry[0]["leaf"]["data"]["result"] == "verified", entry)
    fields = node.do("dpo", "audit", "open", str(told["index"]), "--why", "review")["entries"][0]["fields"]
    text, lines = note.read_text().rsplit("\n\n", 1)
    check("what was signed is sealed in the entry", fields["text"] == text + "\n" + "<b>not bold</b> & nothing else", fields)
    check("and so is the signature", base64.b64decode(lines.split()[-1])[4:] == base64.b64decode(fields["sig"]))
    good = page.read_bytes()
    page.write_bytes(good.replace(b"Review of", b"Revuew of", 1))
    DEMO.run(*words, expect=4)
    page.write_bytes(good)
    stranger = key_text("qor-dpo", bytes.fromhex(node.person("one").public["public_key"]))
    DEMO.run("audit", "review", "--check", str(page), "--dpo", stranger, expect=4)
    DEMO.run("audit", "review", "--check", str(page), expect=2)


def key_text(name: str, key: bytes) -> str:
    typed = b"\x01" + key
    ident = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4].hex()
    return f"{name}+{ident}+{base64.b64encode(typed).decode()}"


def walk(qor: Node, qva: Node) -> None:
    batch, hit = exchange(qor, qva)
    both_sides(qor, qva, batch, hit)
    page = FOLDER / "review.html"
    remarks = "<b>not bold</b> & nothing else"
    for role in ("audit", "one", "admin"):
        qor.do(role, "audit", "review", "--out", str(page), expect=3)
    check("a refused review leaves no file", not page.exists())
    told = qor.do("dpo", "audit", "review", "--n", "12", "--remarks", remarks, "--out", str(page), "--case", "half-yearly review")
    text = page.read_text()
    page_is_clean(text)
    shows_what_it_read(qor, told["facts"])
    signed(qor, page, told)
    printed = pdf(page)
    check("it prints", printed.startswith(b"%PDF-") and len(printed) > 10_000, len(printed))
    qor.do("dpo", "audit", "review", "--out", str(page), expect=1)
    check("a report is never overwritten", page.read_text() == text and len(qor.do("dpo", "audit", "show", "--type", "log.review")["entries"]) == 1)
    qor.do("dpo", "audit", "review", "--from", DAY, "--until", "2020-02-01", "--out", str(FOLDER / "none.html"), expect=1)
    produced.check("tests/integration/review_story.py", [node.data / "audit" for node in (qor, qva)], lambda: [node.do("admin", "audit", "tick") for node in (qor, qva)])


if __name__ == "__main__":
    sys.exit(run("review story", ("QOR", "QVA"), walk))
