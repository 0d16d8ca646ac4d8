"""Real nodes in processes of their own, and the steps of an agreement's life with nothing but `entente` commands.

A test that uses this gets the folder of the binaries as its first argument and ends through `run`.
"""

from __future__ import annotations

import datetime
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
from typing import Any, Callable

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/testing"))

from demo_nodes import load_demo  # noqa: E402

EXAMPLE = ROOT / "docs/examples/demo-agreement.toml"
os.environ["ENTENTE_BIN"] = sys.argv[1]


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

    def state(self, digest: str, peer: str = "") -> str:
        """State of the agreement with `peer`, or with its only peer."""
        pairs = next(a for a in self.status()["agreements"] if a["hash"] == digest)["pairs"]
        return next(p["state"] for p in pairs if peer in ("", p["peer"]))

    def to_read(self, digest: str) -> str:
        """Hash of the text that the next signature must name."""
        return self.do("legal", "agreement", "sign", digest, expect=2)["error"]["next"].split()[-1]

    def sign_both(self, digest: str) -> None:
        self.sign("legal", digest)
        self.sign("tech", digest)

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


def document(nodes: tuple[Node, ...], name: str, start: datetime.datetime, more: dict[str, str], base: pathlib.Path = EXAMPLE) -> tuple[pathlib.Path, str]:
    """Writes the draft `name` of `nodes` from `base`, in force from `start`; returns its path and hash."""
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
    made = DEMO.offline("agreement", "new", "--from", str(base), "--out", str(path), *words)
    return path, made["hash"].removeprefix("sha256:")


def wait_for(what: str, probe: Any, seconds: float = 90) -> None:
    """Asks soon, then less and less often: each command opens a person's key, which is work by design."""
    deadline = time.monotonic() + seconds
    pause = 0.3
    while time.monotonic() < deadline:
        if probe():
            return
        time.sleep(pause)
        pause = min(3.0, pause * 1.5)
    raise AssertionError(f"never: {what}")


def make(*nodes: Node) -> None:
    """Starts the nodes with their people and pins every card at all others."""
    for node in nodes:
        node.make()
        node.start()
        node.add_people({"legal": "approver", "tech": "custodian", "duty": "officer", "one": "officer"})
        node.make_card()
    for node in nodes:
        for peer in nodes:
            if peer is not node:
                node.do("admin", "peer", "add", str(peer.card), "--fingerprint", peer.fingerprint)
    for node in nodes:
        node.stop()
        node.start()


def run(name: str, parties: tuple[str, ...], walk: Callable[..., None]) -> int:
    """Walks with one node for each party; whatever happens, no process and no file stays."""
    nodes: list[Node] = []
    try:
        nodes += [Node(party, DEMO.free_port()) for party in parties]
        make(*nodes)
        walk(*nodes)
    finally:
        for node in nodes:
            node.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)
    print(f"{name}: ok checks={CHECKS}")
    return 0
