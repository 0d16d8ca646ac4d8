#!/usr/bin/env python3
"""Kills the asker, then the holder, at many points of a screening, and starts it again: `kill_batch.py BIN_FOLDER [ROUNDS]`.

After each kill: the batch ends once, no chunk of it was counted twice at the holder, the next screening works, and in the end both logs
verify offline.
"""

from __future__ import annotations

import collections
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ["ENTENTE_BIN"] = sys.argv[1]
loader = importlib.machinery.SourceFileLoader("demo_run", str(ROOT / "scripts/demo-run"))
spec = importlib.util.spec_from_loader("demo_run", loader)
assert spec is not None
demo = importlib.util.module_from_spec(spec)
loader.exec_module(demo)

WORDS = ["screen", "--peer", "QVA", "--clause", "screen-terrorism", "--purpose", "terrorism.travel", "--basis", "protocol-4"]


def make() -> tuple[Any, Any]:
    demo.DEMO = pathlib.Path(tempfile.mkdtemp(prefix="entente-kill-"))
    (demo.DEMO / "people").mkdir(mode=0o700)
    demo.PASSPHRASE = demo.DEMO / "people" / "seal"
    demo.SEAL = ["--key-file", str(demo.PASSPHRASE)]
    qor, qva = demo.Node("QOR", demo.free_port()), demo.Node("QVA", demo.free_port())
    for node in (qor, qva):
        node.make()
        node.start()
        node.add_people({"legal": "approver", "tech": "custodian", "duty": "officer", "one": "officer", "audit": "auditor"})
        node.make_card()
    qor.do("admin", "peer", "add", str(qva.card), "--fingerprint", qva.fingerprint)
    qva.do("admin", "peer", "add", str(qor.card), "--fingerprint", qor.fingerprint)
    envelope = demo.make_agreement(qor, qva)
    for node in (qor, qva):
        node.do("admin", "agreement", "import", str(envelope))
    subprocess.run([sys.executable, str(ROOT / "scripts/make-demo-data"), str(demo.DEMO / "data"), "--listed", "100"], check=True, stdout=subprocess.DEVNULL)
    qva.do("one", "list", "import", str(demo.DEMO / "data/list.csv"), "--list", "subjects")
    return qor, qva


def start_screening(qor: Any, flight: str) -> subprocess.Popen[str]:
    command = [str(demo.BIN / "entente"), "--node", str(qor.data), "--key", str(qor.person("one").key), "--passphrase-file", str(demo.PASSPHRASE), "--json",
               *WORDS, "--flight", flight]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill(node: Any) -> None:
    node.process.send_signal(signal.SIGKILL)
    node.process.wait()
    node.process = None


def batches(qor: Any) -> dict[str, dict[str, Any]]:
    return {row["batch"]: row for row in qor.do("one", "screen", "list")["batches"]}


def wait_ended(qor: Any, known: set[str]) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        fresh = [row for batch, row in batches(qor).items() if batch not in known]
        if all(row["state"] != "open" for row in fresh):
            return fresh
        time.sleep(0.3)
    raise SystemExit("kill: a batch never ended")


def answers(qva: Any) -> collections.Counter[tuple[str, int]]:
    seen: collections.Counter[tuple[str, int]] = collections.Counter()
    at = 0
    while True:
        rows = qva.do("audit", "audit", "show", "--type", "screen.answer", "--from", str(at), "--limit", "1000")["entries"]
        for row in rows:
            data = row["leaf"]["data"]
            seen[(data["batch"], data["chunk"])] += 1
        if len(rows) < 1000:
            return seen
        at = rows[-1]["index"] + 1


def main() -> int:
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    qor, qva = make()
    try:
        flight = qor.do("one", "flight", "import", str(demo.DEMO / "data/flight.edi"))["flights"][0]["flight"]
        demo.wait_for(lambda: subprocess.run([str(demo.BIN / "entente"), "--node", str(qor.data), "--key", str(qor.person("admin").key), "--passphrase-file",
                                              str(demo.PASSPHRASE), "peer", "check", "QVA"], capture_output=True).returncode == 0, "the peer")
        began = time.monotonic()
        first = start_screening(qor, flight)
        out, _ = first.communicate(timeout=120)
        whole = time.monotonic() - began
        assert json.loads(out)["hits"] == 4, out  # nobody is protected here: the fourth planted person shows
        ends: collections.Counter[str] = collections.Counter()
        for victim in (qor, qva):
            for i in range(rounds):
                known = set(batches(qor))
                screening = start_screening(qor, flight)
                time.sleep(whole * (i + 0.5) / rounds)
                kill(victim)
                if victim is qva:
                    time.sleep(0.2)
                victim.start()
                screening.communicate(timeout=120)
                fresh = wait_ended(qor, known)
                assert len(fresh) <= 1, f"one screening, {len(fresh)} batches"
                for row in fresh:
                    ends[f"{victim.party} {row['state']}"] += 1
                    if victim is qor:
                        assert row["state"] == "complete", row
                        assert row["hits"] == 4, row
        twice = {place: n for place, n in answers(qva).items() if n != 1}
        assert not twice, f"chunks counted twice: {twice}"
        demo.wait_for(lambda: start_screening(qor, flight).wait() == 0, "a good screening after all that")
        verified = 0
        for node in (qor, qva):
            node.do("admin", "audit", "tick")
            policy = demo.DEMO / f"{node.low}.policy"
            policy.write_text(node.do("audit", "audit", "policy")["policy"])
            node.stop()
            report = json.loads(demo.run("--json", "audit", "verify", str(next((node.data / "audit").glob("20*"))), "--policy", str(policy)))
            verified += report["verdict"].startswith("VERIFIED")
        assert verified == 2
        print(f"kill: {2 * rounds} kills, ends {dict(ends)}, chunks counted twice 0, logs verified {verified}")
        return 0
    finally:
        for node in (qor, qva):
            if node.process is not None and node.process.poll() is None:
                kill(node)
        shutil.rmtree(demo.DEMO, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
