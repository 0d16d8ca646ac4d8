#!/usr/bin/env python3
"""The life of an agreement, with nothing but `entente` commands, on two real nodes: draft, opinions, proposal, signatures, activation; an
amendment that takes over; stop and resume; notice. A crash, a restart and a cut line in between: both nodes end in the same state, or say
which signature or message is missing.

  python3 tests/integration/agreement_life.py BIN_DIR
"""

from __future__ import annotations

import datetime
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ["ENTENTE_BIN"] = sys.argv[1]


def load_demo(folder: pathlib.Path) -> Any:
    loader = importlib.machinery.SourceFileLoader("demo_run", str(ROOT / "scripts/demo-run"))
    spec = importlib.util.spec_from_loader("demo_run", loader)
    assert spec is not None
    demo = importlib.util.module_from_spec(spec)
    loader.exec_module(demo)
    demo.DEMO = folder
    demo.PASSPHRASE = folder / "people/passphrase"
    (folder / "people").mkdir(mode=0o700)
    demo.PASSPHRASE.touch(mode=0o600)
    demo.PASSPHRASE.write_text("a passphrase of this test alone\n")
    demo.say = lambda text="": None
    return demo


FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="entente-life-"))
DEMO = load_demo(FOLDER)
CHECKS = 0


def check(what: str, holds: bool, more: Any = "") -> None:
    global CHECKS
    CHECKS += 1
    if not holds:
        raise AssertionError(f"{what}: {more}")


class Node(DEMO.Node):  # type: ignore[misc, name-defined]
    def refused(self, role: str, reason: str, *args: str, code: int = 3) -> None:
        out = self.do(role, *args, expect=code)
        check(f"{self.party} {' '.join(args[:2])} is refused as {reason}", out.get("error", {}).get("reason") == reason, out)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def status(self) -> dict[str, Any]:
        return self.do("admin", "agreement", "status")

    def draft(self, digest: str) -> dict[str, Any] | None:
        return next((d for d in self.status()["drafts"] if d["hash"] == digest), None)

    def held(self, digest: str) -> bool:
        return any(a["hash"] == digest for a in self.status()["agreements"])

    def live(self, digest: str) -> bool:
        try:
            return bool(self.do("admin", "agreement", "activate", digest)["live"])
        except DEMO.Failed:  # exit code 3: not yet, such as while the line to the peer comes back
            return False

    def state(self, digest: str) -> str:
        row = next(a for a in self.status()["agreements"] if a["hash"] == digest)
        return row["pairs"][0]["state"]

    def sign(self, role: str, digest: str, lang: str = "en") -> dict[str, Any]:
        command = ["--node", str(self.data), "--key", str(self.person(role).key), "agreement", "sign", digest, "--lang", lang]
        told = DEMO.subprocess.run([str(DEMO.BIN / "entente"), *command, "--passphrase-file", str(DEMO.PASSPHRASE)], capture_output=True, text=True)
        check("nobody signs what they did not read", told.returncode == 2 and "--read" in told.stderr, told.stderr[-300:])
        read = told.stderr.rsplit("--read ", 1)[1].split()[0]
        return self.do(role, "agreement", "sign", digest, "--lang", lang, "--read", read)

    def opinion(self, digest: str, verdict: str, expect: int = 0) -> dict[str, Any]:
        text = FOLDER / f"opinion-{self.low}-{verdict}"
        text.write_text(f"{self.party}: {verdict}\n")
        return self.do("dpo", "agreement", "opinion", digest, "--verdict", verdict, "--text", str(text), expect=expect)


def document(nodes: tuple[Node, Node], name: str, start: datetime.datetime, more: dict[str, str]) -> tuple[pathlib.Path, str]:
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    values = {"validity.from": start.strftime(stamp), "validity.review_by": (now + datetime.timedelta(days=365)).strftime(stamp),
              "validity.until": (now + datetime.timedelta(days=700)).strftime(stamp), "validity.notice_of_termination_days": "0"}
    for node in nodes:
        at = f"party.{node.party}."
        values[at + "sign_legal"] = node.person("legal").public["key_id"]
        values[at + "sign_technical"] = node.person("tech").public["key_id"]
        values[at + "suspend"] = ",".join(node.person(n).public["key_id"] for n in ("dpo", "duty", "legal"))
        values[at + "assessment_date"] = (now - datetime.timedelta(days=30)).strftime("%Y-%m-%d")
        values[at + "history_from"] = (now - datetime.timedelta(days=1)).strftime(stamp)
    values |= more
    path = FOLDER / name
    words = [w for key, value in values.items() for w in ("--set", f"{key}={value}")]
    made = DEMO.offline("agreement", "new", "--from", str(ROOT / "docs/examples/demo-agreement.toml"), "--out", str(path), *words)
    return path, made["hash"].removeprefix("sha256:")


def wait_for(what: str, probe: Any, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if probe():
            return
        time.sleep(0.5)
    raise AssertionError(f"never: {what}")


def make(qor: Node, qva: Node) -> None:
    for node in (qor, qva):
        node.make()
        node.start()
        node.add_people({"legal": "approver", "tech": "custodian", "duty": "officer", "one": "officer"})
        node.make_card()
    qor.do("admin", "peer", "add", str(qva.card), "--fingerprint", qva.fingerprint)
    qva.do("admin", "peer", "add", str(qor.card), "--fingerprint", qor.fingerprint)
    for node in (qor, qva):
        node.stop()
        node.start()


def first_version(qor: Node, qva: Node) -> str:
    yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    path, digest = document((qor, qva), "v1.toml", yesterday, {})
    qor.do("admin", "agreement", "draft", str(path))
    check("a draft is no agreement", not qor.held(digest) and qva.draft(digest) is None)
    missing = (qor.draft(digest) or {})["missing"]
    check("the checklist names both opinions, the proposal and four signatures", len(missing) == 7, missing)
    # Order and four eyes.
    qor.refused("legal", "AG-223", "agreement", "propose", digest)
    qor.opinion(digest, "agree")
    qor.refused("one", "AG-501", "agreement", "propose", digest, code=4)
    qor.do("legal", "agreement", "propose", digest)
    check("the proposal reached the other node", (qva.draft(digest) or {}).get("state") == "proposed")
    qor.do("legal", "agreement", "propose", digest, expect=1)
    text = "0" * 16
    qva.do("legal", "agreement", "sign", digest, "--lang", "en", "--read", text, expect=2)
    # The holder's side may not sign before its own officer was heard.
    command = qva.do("legal", "agreement", "sign", digest, expect=2)
    read = command["error"]["next"].split()[-1]
    qva.refused("legal", "AG-223", "agreement", "sign", digest, "--read", read)
    qva.opinion(digest, "conditions")
    qor.sign("legal", digest)
    qor.sign("tech", digest, "fr")
    # The asker dies; the holder's people go on, and the news waits.
    qor.kill()
    told = qva.sign("legal", digest, "ru")["told"]
    check("the cut line is told", not told[0]["ok"], told)
    qva.sign("tech", digest)
    check("complete on one side", qva.held(digest))
    qor.start()
    check("the other side says what is missing", len((qor.draft(digest) or {}).get("missing", [])) == 2 or qor.held(digest))
    wait_for("both hold version 1", lambda: qor.held(digest))
    for node in (qor, qva):
        wait_for("live", lambda node=node: node.live(digest))
        check("in force", node.state(digest) == "active")
    return digest


def amend(qor: Node, qva: Node, v1: str) -> str:
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=45)
    path, digest = document((qor, qva), "v2.toml", start, {"version": "2", "replaces": f"sha256:{v1}", "clause.screen-terrorism.quota_per_day": "300000"})
    qva.do("admin", "agreement", "draft", str(path))
    changes = qva.do("legal", "agreement", "changes", digest)
    check("a higher quota is wider", changes["needs_opinions"] is True, changes)
    qva.opinion(digest, "agree")
    qva.do("tech", "agreement", "propose", digest)
    qor.opinion(digest, "object")
    qor.refused("legal", "AG-223", "agreement", "sign", digest, "--read", qor.do("legal", "agreement", "sign", digest, expect=2)["error"]["next"].split()[-1])
    qor.opinion(digest, "conditions")
    for node in (qor, qva):
        node.sign("legal", digest)
        node.sign("tech", digest)
    check("both hold version 2", qor.held(digest) and qva.held(digest))
    check("version 1 until version 2 begins", qor.state(v1) == "active" and qor.state(digest) == "signed")
    qva.kill()
    qva.start()
    wait_for("version 2 takes over on both", lambda: all(n.state(digest) == "active" and n.state(v1) == "superseded" for n in (qor, qva)))
    return digest


def stop_and_resume(qor: Node, qva: Node, digest: str) -> None:
    started = time.monotonic()
    qva.do("duty", "agreement", "suspend", digest, "--reason", "security")
    took = time.monotonic() - started
    check("suspended on both", qva.state(digest) == "suspended" and qor.state(digest) == "suspended")
    check("the stop took effect in time", took < 5, took)
    qor.refused("one", "AG-501", "agreement", "suspend", digest, code=4)
    qor.kill()
    qor.start()
    check("a stop survives kill -9", qor.state(digest) == "suspended")
    event = FOLDER / "resume.dsse"
    wrote = qva.do("legal", "agreement", "resume", digest, "--out", str(event))
    check("four keys lift it", wrote["needed"] == 4, wrote)
    qva.refused("legal", "AG-501", "agreement", "resume", str(event), code=4)
    for node, role in ((qva, "tech"), (qor, "legal"), (qor, "tech")):
        DEMO.run("--key", str(node.person(role).key), "agreement", "sign-event", str(event), "--out", str(event))
    qva.do("legal", "agreement", "resume", str(event))
    check("in force again on both", qva.state(digest) == "active" and qor.state(digest) == "active")


def terminate(qor: Node, qva: Node, digest: str) -> None:
    event = FOLDER / "notice.dsse"
    qor.do("legal", "agreement", "terminate", digest, "--out", str(event))
    qor.refused("legal", "AG-501", "agreement", "terminate", str(event), code=4)
    DEMO.run("--key", str(qor.person("tech").key), "agreement", "sign-event", str(event), "--out", str(event))
    qva.stop()
    told = qor.do("legal", "agreement", "terminate", str(event))["told"]
    check("the absent peer is named", not told[0]["ok"], told)
    check("over here at once", qor.state(digest) == "terminated")
    qva.start()

    def there() -> bool:
        qva.do("admin", "agreement", "activate", digest, expect=3)  # asks the peer for its status and events
        return qva.state(digest) == "terminated"
    wait_for("over there too", there)


def rejected(qor: Node, qva: Node) -> None:
    start = datetime.datetime.now(datetime.timezone.utc)
    path, digest = document((qor, qva), "other.toml", start, {"id": "QOR-QVA-2027-009"})
    qor.do("admin", "agreement", "draft", str(path))
    qor.opinion(digest, "agree")
    qor.do("tech", "agreement", "propose", digest)
    qva.do("legal", "agreement", "reject", digest, "--reason", "not-needed")
    check("rejected on both", (qva.draft(digest) or {})["state"] == "rejected" and (qor.draft(digest) or {})["state"] == "rejected")
    qor.refused("legal", "draft-state", "agreement", "sign", digest, "--read", qor.do("legal", "agreement", "sign", digest, expect=2)["error"]["next"].split()[-1], code=1)


def logs(qor: Node, qva: Node) -> None:
    for node in (qor, qva):
        node.do("admin", "audit", "check")
        for kind in ("agreement.opinion", "agreement.sign", "agreement.active", "policy.change", "suspend.set", "suspend.lift", "agreement.end"):
            shown = json.dumps(node.do("dpo", "audit", "show", "--type", kind))
            check(f"{node.party} has {kind} in its log", kind in shown, shown[:200])


def main() -> int:
    qor, qva = Node("QOR", DEMO.free_port()), Node("QVA", DEMO.free_port())
    try:
        make(qor, qva)
        v1 = first_version(qor, qva)
        v2 = amend(qor, qva, v1)
        stop_and_resume(qor, qva, v2)
        rejected(qor, qva)
        terminate(qor, qva, v2)
        logs(qor, qva)
    finally:
        qor.stop()
        qva.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)
    print(f"agreement life: ok checks={CHECKS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
