#!/usr/bin/env python3
"""What only the data protection officer may do with the log, on a real node with nothing but `entente` commands: erase entries on a signature,
see every verifier say so, search for a person, and read the log in pages and live.

  python3 tests/integration/officer_story.py BIN_DIR
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import pathlib
import shutil
import sys
import tarfile
import tempfile
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/testing"))

from demo_nodes import load_demo  # noqa: E402

os.environ["ENTENTE_BIN"] = sys.argv[1]


class Story:
    def __init__(self, demo: Any, node: Any, folder: pathlib.Path) -> None:
        self.demo, self.node, self.folder = demo, node, folder
        self.checks = 0
        self.policy = folder / "policy"

    def check(self, what: str, holds: bool, more: Any = "") -> None:
        self.checks += 1
        if not holds:
            raise AssertionError(f"{what}: {more}")

    def refused(self, role: str, reason: str, *args: str, code: int = 3) -> None:
        out = self.node.do(role, *args, expect=code)
        self.check(f"{' '.join(args[:2])} is refused as {reason}", out.get("error", {}).get("reason") == reason, out)

    def entries(self, kind: str) -> list[dict[str, Any]]:
        return self.node.do("dpo", "audit", "show", "--type", kind, "--limit", "1000")["entries"]

    def export(self) -> pathlib.Path:
        return pathlib.Path(self.node.do("audit", "audit", "export")["file"])

    def verify(self, path: pathlib.Path, *more: str, expect: int = 0) -> dict[str, Any]:
        return json.loads(self.demo.run("--json", "audit", "verify", str(path), "--policy", str(self.policy), *more, expect=expect))

    def in_files(self, needle: bytes) -> list[str]:
        return [str(p) for p in self.node.data.rglob("*") if p.is_file() and needle in p.read_bytes()]


def records(bundle: pathlib.Path) -> dict[int, bytes]:
    """The sealed bodies in a bundle, by entry."""
    with tarfile.open(bundle) as tar:
        member = tar.extractfile("bodies")
        assert member is not None
        raw = member.read()
    out, at = {}, 0
    while at < len(raw):
        index, size = int.from_bytes(raw[at : at + 8], "big"), int.from_bytes(raw[at + 8 : at + 12], "big")
        out[index] = raw[at + 12 : at + 12 + size]
        at += 12 + size
    return out


def erase(s: Story) -> None:
    node, demo = s.node, s.demo
    bundle = s.export()
    held = records(bundle)
    changes = [e["index"] for e in s.entries("user.change")]
    gone, kept = changes[0], changes[1]
    s.check("both have bodies", gone in held and kept in held)
    s.check("a bundle on the node holds the body", s.in_files(held[gone]) == [str(bundle)])
    s.refused("one", "role", "audit", "erase", str(gone), "--ground", "error")
    s.refused("audit", "role", "audit", "erase", str(gone), "--ground", "error")
    s.refused("admin", "role", "audit", "erase", str(gone), "--ground", "error")
    node.do("dpo", "audit", "erase", "7-3", "--ground", "error", expect=2)
    node.do("dpo", "audit", "erase", "99999999", "--ground", "error", expect=2)
    node.do("dpo", "audit", "erase", str(gone), "--ground", "not a word", expect=2)
    node.do("dpo", "audit", "erase", str(gone), "--ground", "error", "--case", "12", expect=2)
    s.check("nothing was erased by a refusal", not s.entries("erasure"))

    case = hashlib.sha256(b"case").hexdigest()[:32]
    told = node.do("dpo", "audit", "erase", str(gone), "--ground", "subject-request", "--case", case)
    s.check("one body went, its remnants too", told["bodies"] == 1 and told["scrubbed"] and told["exports_removed"] == 1, told)
    s.check("no file of the node holds the sealed body", not s.in_files(held[gone]), s.in_files(held[gone]))
    s.check("nor its wrapped key", not s.in_files(held[gone][:65]))
    leaf = s.entries("erasure")[0]
    data = leaf["leaf"]["data"]
    s.check("the entry names entries, ground, case", (data["ranges"], data["ground"], data["case"], data["n"]) == (str(gone), "subject-request", case, 1), data)
    s.check("the scrub has its entry", s.entries("erasure.scrub")[0]["leaf"]["data"]["erasure"] == leaf["index"])
    s.refused("dpo", "nothing-to-erase", "audit", "erase", str(gone), "--ground", "error", code=1)
    opened = node.do("dpo", "audit", "open", str(gone), "--to", str(kept), "--why", "review")["entries"]
    s.check("it does not open any more", "closed" in opened[0], opened[0])
    s.check("its neighbour does", "name" in opened[-1]["fields"], opened[-1])

    officer = demo.offline("person", "public", str(node.person("dpo").key))["verifier_key"]
    other = demo.offline("person", "public", str(node.person("one").key))["verifier_key"]
    after = s.export()
    said = f"erased, authorised by `{node.person('dpo').ident}` in entry {leaf['index']} (ground subject-request, case {case})"
    report = s.verify(after, "--dpo", officer)
    s.check("the bundle verifies", report["verdict"] == "VERIFIED-UNWITNESSED" and report["erased"] == 1, report)
    s.check("and says on whose word", report["remarks"] == [{"first": gone, "last": gone, "text": said}], report["remarks"])
    s.check("the body is not in it", gone not in records(after) and kept in records(after))
    s.check("another key did not sign it", s.verify(after, "--dpo", other, expect=4)["verdict"] == "UNTRUSTED")
    volume = next((node.data / "audit").glob("20*"))
    report = s.verify(volume, "--dpo", officer)
    s.check("the folder says the same", [r["text"] for r in report["remarks"]] == [said], report["remarks"])
    full = node.do("dpo", "audit", "check", "--full")
    s.check("so does the store", [r["text"] for r in full["erased"]] == [f"erased, authorised by `{node.person('dpo').ident}` in entry {leaf['index']} (ground subject-request, case {case})"], full)


LIST = """entry_id,surname,given,dob,sex,nationality,doc_number,doc_issuer,doc_type,ground,grade,expires
V-1,VALDERMAN,ORSINA,19870412,F,QOR,KX4410982,QOR,P,terrorism.travel,B2,2090-12-31
V-2,OLDENRAY,MARTA,19681205,F,QSD,SD1450026,QSD,P,terrorism.travel,B2,2090-12-31
"""


def search(s: Story) -> None:
    node = s.node
    (s.folder / "list.csv").write_text(LIST)
    node.do("one", "list", "import", str(s.folder / "list.csv"), "--list", "subjects")
    node.do("one", "list", "remove", "--list", "subjects", "--entry", "V-1", "--reason", "other")
    words = ("--case", "complaint 7", "--why", "complaint")
    person = ("--document", "QOR:KX4410982")

    for role in ("one", "audit", "admin"):
        s.refused(role, "role", "audit", "search", *person, *words)
    s.check("a refusal is no search", not s.entries("log.search"))
    s.refused("dpo", "usage", "audit", "search", "--family-name", "VALDERMAN", *words, code=2)
    found = node.do("dpo", "audit", "search", *person, *words)["entries"]
    s.check("the change of the entry is found", [e["leaf"]["type"] for e in found] == ["list.entry"], found)
    s.check("a neighbour is not", not node.do("dpo", "audit", "search", "--document", "QSD:SD1450026", *words)["entries"])
    again = node.do("dpo", "audit", "search", *person, *words)["entries"]
    s.check("who looked is found, before this search", [e["leaf"]["type"] for e in again] == ["list.entry", "log.search"], again)
    s.check("every search has its entry", len(s.entries("log.search")) == 3)
    named = node.do("dpo", "audit", "search", "--family-name", "Valderman", "--born", "19870412", *words)["entries"]
    s.check("by name and date of birth", [e["leaf"]["type"] for e in named] == ["list.entry"], named)
    last = s.entries("log.search")[-1]["index"]
    sealed = node.do("dpo", "audit", "open", str(last), "--why", "review")["entries"][0]["fields"]
    s.check("the case is sealed in it", sealed["case"] == "complaint 7" and len(sealed["tags"]) > 32, sealed)
    scan = node.do("dpo", "audit", "search", *person, *words, "--scan", "--from", "0")
    s.check("a scan finds the searches too", {e["type"] for e in scan["entries"]} >= {"log.search"} and not scan["index_lacks"], scan)

    # No identifier, bare or hashed, in a leaf, a file that others get, or the store's bytes.
    node.do("admin", "audit", "tick")
    for bare in (b"KX4410982", b"VALDERMAN", b"ORSINA", b"19870412", b"Valderman"):
        for needle in (bare, hashlib.sha256(bare).digest(), hashlib.sha256(bare).hexdigest().encode()):
            s.check("no identifier in the node's files", not s.in_files(needle), (bare, s.in_files(needle)))
    tag = bytes.fromhex(sealed["tags"].split()[0])
    s.check("no tag in the node's files", not s.in_files(tag) and not s.in_files(tag.hex().encode()))


def show(s: Story) -> None:
    node = s.node
    everything: list[dict[str, Any]] = []
    page = node.do("audit", "audit", "show", "--limit", "7")
    size = 0
    while True:
        everything += page["entries"]
        size += 1
        if "next" not in page or size > 400:
            break
        page = node.do("audit", "audit", "show", "--limit", "200", "--from", str(page["next"]))
    s.check("pages give each entry once, in order", [e["index"] for e in everything] == list(range(len(everything))), len(everything))
    own = node.do("one", "audit", "show", "--limit", "1000")["entries"]
    s.check("an officer sees the own acts", {e["leaf"]["type"] for e in own} >= {"list.import", "list.entry"}, own)
    s.check("and only those", len({e["leaf"]["actor"] for e in own}) == 1, own)
    s.refused("one", "role", "audit", "show", "--actor", node.person("dpo").ident)
    acts = node.do("audit", "audit", "show", "--actor", node.person("one").ident, "--limit", "1000")["entries"]
    s.check("by actor", {e["leaf"]["actor"] for e in acts} == {own[0]["leaf"]["actor"]} and len(acts) >= len(own))
    middle = everything[len(everything) // 2]["leaf"]["time"] // 1_000_000
    stamp = datetime.datetime.fromtimestamp(middle, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    later = node.do("audit", "audit", "show", "--since", stamp, "--limit", "1000")["entries"]
    early = node.do("audit", "audit", "show", "--until", stamp, "--limit", "1000")["entries"]
    s.check("since", later and all(e["leaf"]["time"] >= middle * 1_000_000 for e in later))
    s.check("until", all(e["leaf"]["time"] < middle * 1_000_000 for e in early))
    s.check("the two meet", not early or early[-1]["index"] + 1 == later[0]["index"])
    node.do("audit", "audit", "show", "--since", "yesterday", expect=2)
    node.do("audit", "audit", "show", "--type", "no.such", expect=2)
    s.check("a read says what was asked, without its value", s.entries("log.read")[-1]["leaf"]["data"]["filter"] in ("type", "time"))

    before = len(s.entries("log.read"))
    lines = s.demo.run("--node", str(node.data), "--key", str(node.person("audit").key), "--json", "audit", "follow", "--from", "0", "--for", "2", "--every", "0.2")
    rows = [json.loads(line) for line in lines.splitlines()]
    s.check("follow shows all that there is", [e["index"] for e in rows][: len(everything)] == list(range(len(everything))), len(rows))
    reads = s.entries("log.read")
    follows = [e for e in reads if e["leaf"]["data"]["filter"] == "follow"]
    s.check("one entry covers 1,000 rows", len(follows) == 1 + (len(rows) - 1) // 1000, (len(follows), len(rows)))
    s.check("and nothing else was written by it", len(reads) == before + 1 + len(follows), (before, len(reads)))


def walk(s: Story) -> None:
    s.node.make()
    s.node.start()
    s.node.add_people({"one": "officer", "audit": "auditor"})
    s.policy.write_text(s.node.do("dpo", "audit", "policy")["policy"])
    erase(s)
    search(s)
    show(s)


def main() -> int:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="entente-officer-"))
    demo = load_demo(folder)
    story = Story(demo, demo.Node("QOR", demo.free_port()), folder)
    try:
        walk(story)
    finally:
        story.node.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"officer story: ok checks={story.checks}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
