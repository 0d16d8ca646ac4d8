#!/usr/bin/env python3
"""Kills or freezes a node in the middle of every transition of an agreement: draft, opinion, proposal, signature, stop, resume, amendment, notice.

  kill_agreement.py BIN_FOLDER actor|peer|frozen

`actor` kills the node at which the command is given, `peer` the other one, `frozen` stops the other one's process (a cut line: nothing is
refused, nothing comes back) and lets it go on afterwards. After each: either both nodes say the same, or the one that is behind names the
signature or message that is missing; the same command once more brings both to the same state, and every entry stands in the log once.
"""

from __future__ import annotations

import datetime
import json
import pathlib
import random
import signal
import subprocess
import sys
import time
from typing import Any, Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

from life import DEMO, FOLDER, Node, check, document, run, wait_for  # noqa: E402

MODE = sys.argv[2] if len(sys.argv) > 2 else "actor"
RANDOM = random.Random(MODE)
LONGEST = 0.12  # seconds; a command takes about so long


def start(node: Node, role: str, *words: str) -> subprocess.Popen[str]:
    command = [str(DEMO.BIN / "entente"), "--node", str(node.data), "--key", str(node.person(role).key), "--json", *words,
               "--passphrase-file", str(DEMO.PASSPHRASE)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wound(actor: Node, peer: Node) -> None:
    time.sleep(RANDOM.random() * LONGEST)
    if MODE == "frozen":
        assert peer.process is not None
        peer.process.send_signal(signal.SIGSTOP)
    else:
        (actor if MODE == "actor" else peer).kill()


def heal(actor: Node, peer: Node) -> None:
    if MODE == "frozen":
        assert peer.process is not None
        peer.process.send_signal(signal.SIGCONT)
    else:
        (actor if MODE == "actor" else peer).start()


class Step:
    """One transition: `words` given by `role` at `actor`; `view` is what a node says of it."""

    def __init__(self, nodes: tuple[Node, Node], view: Callable[[Node], str], missing: Callable[[Node], bool]) -> None:
        self.nodes, self.view, self.missing = nodes, view, missing

    def take(self, actor: Node, role: str, *words: str) -> None:
        peer = next(n for n in self.nodes if n is not actor)
        before = self.view(actor)
        running = start(actor, role, *words)
        wound(actor, peer)
        if MODE != "frozen":
            running.communicate(timeout=120)
            heal(actor, peer)
        else:
            try:
                running.communicate(timeout=2)
                heal(actor, peer)
            except subprocess.TimeoutExpired:
                heal(actor, peer)
                running.communicate(timeout=120)
        what = f"{MODE}: {' '.join(words[:2])} at {actor.party}"
        seen = [self.view(n) for n in self.nodes]
        check(f"{what}: both say the same, or one says what is missing", seen[0] == seen[1] or any(self.missing(n) for n in self.nodes), seen)
        if self.view(actor) == before:
            again = start(actor, role, *words)
            _, err = again.communicate(timeout=120)
            # Taken before the crash, though the answer never came: the node says that it is so.
            check(f"{what}: once more", again.returncode in (0, 1), err)
        check(f"{what}: it counts here", self.view(actor) != before, before)
        wait_for(f"{what}: both say the same", lambda: self.view(self.nodes[0]) == self.view(self.nodes[1]))


def draft_view(digest: str) -> Callable[[Node], str]:
    """State, and what is still missing of the two parties."""
    def view(node: Node) -> str:
        if node.held(digest):
            return "held"
        found = node.draft(digest)
        return "none" if found is None else found["state"] + " " + json.dumps(sorted(found["missing"]))
    return view


def says_missing(digest: str) -> Callable[[Node], bool]:
    def missing(node: Node) -> bool:
        found = node.draft(digest)
        return found is not None and bool(found["missing"])
    return missing


def pair_view(digest: str) -> Callable[[Node], str]:
    return lambda node: node.state(digest)


def stale(digest: str) -> Callable[[Node], bool]:
    """Whether the node says that it lacks a fresh status or event of the other."""
    def missing(node: Node) -> bool:
        told = start(node, "admin", "agreement", "activate", digest)
        out, err = told.communicate(timeout=60)
        return told.returncode == 3 and "missing" in out + err or bool(out)
    return missing


def bring_about(qor: Node, qva: Node, name: str, start_at: datetime.datetime, more: dict[str, str]) -> str:
    """Draft to signed, each step wounded once."""
    path, digest = document((qor, qva), name, start_at, more)
    step = Step((qor, qva), draft_view(digest), says_missing(digest))
    # The draft and the first opinion are this node's alone.
    for role, words in (("admin", ("agreement", "draft", str(path))), ("dpo", opinion_words(qor, digest))):
        before = draft_view(digest)(qor)
        running = start(qor, role, *words)
        wound(qor, qva)
        running.communicate(timeout=120)
        heal(qor, qva)
        if draft_view(digest)(qor) == before:
            qor.do(role, *words)
        check("the draft stands", draft_view(digest)(qor) != before, before)
    step.take(qor, "legal", "agreement", "propose", digest)
    step.take(qva, "dpo", *opinion_words(qva, digest))
    sign_all(step, qor, qva, digest, 0)
    return digest


def amend(qor: Node, qva: Node, name: str, start_at: datetime.datetime, more: dict[str, str]) -> str:
    """Draft to signed in peace, but for the signature that completes it."""
    path, digest = document((qor, qva), name, start_at, more)
    step = Step((qor, qva), draft_view(digest), says_missing(digest))
    qor.do("admin", "agreement", "draft", str(path))
    qor.do("dpo", *opinion_words(qor, digest))
    qor.do("legal", "agreement", "propose", digest)
    qva.do("dpo", *opinion_words(qva, digest))
    sign_all(step, qor, qva, digest, 3)
    return digest


def sign_all(step: Step, qor: Node, qva: Node, digest: str, in_peace: int) -> None:
    """The four signatures, all but the first `in_peace` of them wounded."""
    for i, (node, role) in enumerate((node, role) for node in (qor, qva) for role in ("legal", "tech")):
        read = node.do(role, "agreement", "sign", digest, expect=2)["error"]["next"].split()[-1]
        words = ("agreement", "sign", digest, "--read", read)
        if i < in_peace:
            node.do(role, *words)
        else:
            step.take(node, role, *words)
    wait_for("both hold it", lambda: qor.held(digest) and qva.held(digest))


def opinion_words(node: Node, digest: str) -> tuple[str, ...]:
    text = FOLDER / f"opinion-{node.low}"
    text.write_text(f"{node.party} agrees\n")
    return ("agreement", "opinion", digest, "--verdict", "agree", "--text", str(text))


def signed_event(nodes: tuple[Node, ...], first: Node, kind: str, digest: str) -> pathlib.Path:
    event = FOLDER / f"{kind}-{first.low}.dsse"
    event.unlink(missing_ok=True)
    first.do("legal", "agreement", kind, digest, "--out", str(event))
    for node in nodes:
        for role in ("legal", "tech"):
            if node is first and role == "legal":
                continue
            DEMO.run("--key", str(node.person(role).key), "agreement", "sign-event", str(event), "--out", str(event))
    return event


def once(node: Node, kind: str, key: str) -> None:
    rows = node.do("dpo", "audit", "show", "--type", kind, "--limit", "1000")["entries"]
    seen = [json.dumps([row["leaf"]["data"].get(k) for k in key.split()]) for row in rows]
    check(f"{node.party} logged each {kind} once", len(seen) == len(set(seen)), seen)


def walk(qor: Node, qva: Node) -> None:
    now = datetime.datetime.now(datetime.timezone.utc)
    v1 = bring_about(qor, qva, "v1.toml", now - datetime.timedelta(days=1), {})
    for node in (qor, qva):
        wait_for("live", lambda node=node: node.live(v1))
    pair = Step((qor, qva), pair_view(v1), stale(v1))
    pair.take(qva, "duty", "agreement", "suspend", v1, "--reason", "technical")
    resume = signed_event((qor, qva), qva, "resume", v1)
    pair.take(qva, "legal", "agreement", "resume", str(resume))
    check("in force again", pair_view(v1)(qor) == "active")
    v2 = amend(qor, qva, "v2.toml", now + datetime.timedelta(days=2), {"version": "2", "replaces": f"sha256:{v1}"})
    check("the first version until the second begins", qor.state(v1) == qva.state(v1) == "active" and qor.state(v2) == qva.state(v2) == "signed")
    notice = signed_event((qor,), qor, "terminate", v1)
    pair.take(qor, "legal", "agreement", "terminate", str(notice))
    check("over on both", qor.state(v1) == qva.state(v1) == "terminated")
    for node in (qor, qva):
        once(node, "agreement.sign", "agr kid")
        once(node, "suspend.set", "agr by peer")
        once(node, "suspend.lift", "agr by peer")
        once(node, "agreement.take", "agr")
        node.do("admin", "audit", "check")


if __name__ == "__main__":
    sys.exit(run(f"agreement killed ({MODE})", ("QOR", "QVA"), walk))
