#!/usr/bin/env python3
"""What only the data protection officer may do with the log, on a real node with nothing but `entente` commands: erase entries on a signature,
and see every verifier say so.

  python3 tests/integration/officer_story.py BIN_DIR
"""

from __future__ import annotations

import hashlib
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
        import json

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


def walk(s: Story) -> None:
    s.node.make()
    s.node.start()
    s.node.add_people({"one": "officer", "audit": "auditor"})
    s.policy.write_text(s.node.do("dpo", "audit", "policy")["policy"])
    erase(s)


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
