#!/usr/bin/env python3
"""A state that shows two histories of its log, on three real nodes: Valmara (QVA) runs on a copy of its own folder while Orsena (QOR) is away and on the
other while Tamrin (QTA) is. When those two meet again they hold the proof, in a file that convinces whoever never saw the logs; the log is cosigned no
more and nothing flows under an agreement that says `split_view = "stop"`.

  python3 tests/integration/split_view.py BIN_DIR [prefix|same-size]
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
from typing import Any

from life import DEMO, FOLDER, ROOT, Node, check, run, wait_for
from three_parties import first_version, question

KIND = sys.argv[2] if len(sys.argv) > 2 else "prefix"


def alarms(node: Node) -> list[dict[str, Any]]:
    return [a for a in node.do("dpo", "status")["alarms"] if a["party"] == "QVA"]


def entries(node: Node) -> list[dict[str, Any]]:
    return node.do("dpo", "audit", "show", "--type", "witness.evidence")["entries"]


def history(qva: Node, witness: str, least: int) -> int:
    """Runs QVA with one witness until that one cosigned at least `least` entries; ends it as a power cut does. Returns the size."""
    qva.start()
    qva.do("admin", "audit", "witness", "--party", witness)
    qva.stop()
    qva.start()
    size = 0
    while size < least:
        size = qva.do("admin", "audit", "tick")["size"]
    told = qva.do("admin", "audit", "witnesses")
    check("the witness is told with what it cosigned", [(w["name"], w["size"], w["behind"]) for w in told["witnesses"]] == [(witness, size, 0)], told)
    check("its quorum is fresh", told["quorum_age_seconds"] < 120 and told["witnesses"][0]["cosigned"].endswith("Z"), told)
    qva.kill()
    return size


def fork(qor: Node, qva: Node, qta: Node) -> None:
    base = qva.do("dpo", "status")["log"]["size"]
    qva.stop()
    other = qva.data.with_name("qva-other")
    shutil.copytree(qva.data, other, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
    qor.stop()
    one = history(qva, "QTA", base + 640)
    shutil.rmtree(qva.data)
    other.rename(qva.data)
    qta.stop()
    qor.start()
    two = history(qva, "QOR", one + (64 if KIND == "prefix" else 0))
    check("the second history has the size that the proof needs", two > one if KIND == "prefix" else two == one, (one, two))
    check("each of them alone has nothing to say", alarms(qor) == [])
    qta.start()


def entente(folder: pathlib.Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What a stranger runs: no node, no key, nothing but the file in an empty folder."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("ENTENTE_")}
    return subprocess.run([str(DEMO.BIN.resolve() / "entente"), *words], cwd=folder, env=clean, capture_output=True, text=True)


def of_others(raw: bytes, vkey: str) -> set[int]:
    """Where signature lines of keys stand that the reader did not name: a signed note's reader ignores them, so they change nothing."""
    out: set[int] = set()
    begin = 0
    own = f"\u2014 {vkey.split('+')[0]} ".encode()
    for line in raw.splitlines(keepends=True):
        if line.startswith("\u2014 ".encode()) and not line.startswith(own):
            out |= set(range(begin, begin + len(line)))
        begin += len(line)
    return out


def convince(node: Node, vkey: str, other_vkey: str) -> None:
    found = alarms(node)
    check(f"{node.party} has one alarm", len(found) == 1 and found[0]["kind"] == "split-view", found)
    file = node.data / "audit/evidence" / found[0]["file"]
    folder = FOLDER / f"court-{node.low}"
    folder.mkdir()
    shutil.copy(file, folder / "it.split-view")
    told = entente(folder, "--json", "audit", "evidence", "it.split-view", "--log", vkey)
    check("the file convinces who never saw the logs", told.returncode == 0 and json.loads(told.stdout)["verdict"] == "SPLIT-VIEW", told)
    check("the file is of the kind that was made", f"\nkind {KIND}\n" in file.read_text())
    raw = file.read_bytes()
    ignored = of_others(raw, vkey)
    for at in sorted({0, len(raw) - 1, *range(5, len(raw), max(1, len(raw) // 40))}):
        changed = bytearray(raw)
        changed[at] ^= 1
        (folder / "bad").write_bytes(changed)
        code = entente(folder, "audit", "evidence", "bad", "--log", vkey).returncode
        check(f"a change at byte {at} is refused", code == 4 or (at in ignored and code == 0), code)
    (folder / "bad").write_bytes(raw[:-1])
    check("a cut file is refused", entente(folder, "audit", "evidence", "bad", "--log", vkey).returncode == 4)
    check("it says nothing of another log", entente(folder, "audit", "evidence", "it.split-view", "--log", other_vkey).returncode == 4)


def in_bundle(node: Node, vkey: str) -> None:
    """Whoever gets a part of this node's log gets the proof with it."""
    bundle = node.do("dpo", "audit", "export")["file"]
    with tarfile.open(bundle) as tar:
        inside = [m.name for m in tar.getmembers() if m.name.startswith("evidence/")]
    check("the bundle holds the proof", inside == ["evidence/" + alarms(node)[0]["file"]], inside)
    folder = FOLDER / f"court-{node.low}"
    own = node.do("dpo", "audit", "policy")["policy"]
    (folder / "policy").write_text(own)
    unknown = json.loads(entente(folder, "--json", "audit", "verify", "--policy", "policy", bundle).stdout)
    check("a bundle with it verifies", unknown["verdict"].startswith("VERIFIED"), unknown)
    (folder / "both").write_text(own if vkey in own else f"log {vkey}\n{own}")
    told = entente(folder, "audit", "verify", "--policy", "both", bundle)
    check("it says what the proof proves", told.returncode == 0 and "showed two histories" in told.stdout, told)


def vkey_of(node: Node) -> str:
    policy = node.do("dpo", "audit", "policy")["policy"]
    return next(line.split()[1] for line in policy.splitlines() if line.startswith("log "))


def walk(qor: Node, qva: Node, qta: Node) -> None:
    data = FOLDER / "data"
    subprocess.run([sys.executable, str(ROOT / "scripts/make-demo-data"), str(data), "--travellers", "10", "--listed", "20"], check=True, stdout=subprocess.DEVNULL)
    qor.flight = qor.do("one", "flight", "import", str(data / "flight.edi"))["flights"][0]["flight"]
    digest = first_version(qor, qva)
    vkey, other = vkey_of(qva), vkey_of(qta)

    fork(qor, qva, qta)
    if KIND == "prefix":
        qva.start()  # only the log itself can give the proof, and its own program gives it
    for node in (qor, qta):
        wait_for(f"{node.party} holds the proof", lambda node=node: any(a["kind"] == "split-view" for a in alarms(node)), 180)
        check(f"{node.party} has one entry", len(entries(node)) == 1, entries(node))
        convince(node, vkey, other)
        in_bundle(node, vkey)
        check(f"{node.party} says it to people", "showed two histories" in DEMO.run("--node", str(node.data), "--key", str(node.person("dpo").key), "status"))
    if KIND == "prefix":
        wait_for("the copy that meets its other self stops", lambda: qva.do("dpo", "status")["log"]["state"] == "broken", 180)
        told = qva.do("admin", "audit", "tick", expect=1)
        check("nobody cosigns it any more", not told.get("witnessed", False), told)
    else:
        try:
            qva.start()
            check("who showed two histories finds no witness and does not start", False)
        except DEMO.Failed as ended:
            check("it says that no witness answers", "log-unwitnessed" in str(ended), ended)

    check("nothing flows with QVA", qor.state(digest, "QVA") == "suspended", qor.status())
    qor.refused("one", "S01", *question(qor, "QVA", "screen-terrorism", "QOR-QVA-2026-001"))
    qor.stop()
    qor.start()
    check("a restart forgets nothing", len(alarms(qor)) == 1 and qor.state(digest, "QVA") == "suspended", qor.status())
    check("and writes nothing twice", len(entries(qor)) == 1, entries(qor))


if __name__ == "__main__":
    sys.exit(run(f"split view {KIND}", ("QOR", "QVA", "QTA"), walk))
