#!/usr/bin/env python3
"""Two states compare a day of their exchange, on two real nodes and with nothing but `entente` commands: a tag set, a screening, a disclosure, its outcome and
its recall; both say that the day is equal, and two files say it off line.

  python3 tests/integration/reconcile.py BIN_DIR
"""

from __future__ import annotations

import datetime
import json
import pathlib
import subprocess
import sys
from typing import Any

from life import DEMO, FOLDER, ROOT, Node, check, run, wait_for
from three_parties import first_version, question

FLAGS = ["death-penalty-risk", "identity-unconfirmed", "political-offence", "refoulement-risk", "torture-risk", "own-national-minor", "no-air-link"]


def walk_a_hit(qor: Node, qva: Node) -> None:
    data = FOLDER / "data"
    subprocess.run([sys.executable, str(ROOT / "scripts/make-demo-data"), str(data), "--travellers", "20", "--listed", "60"], check=True, stdout=subprocess.DEVNULL)
    qva.do("one", "list", "import", str(data / "list.csv"), "--list", "subjects")
    qor.flight = qor.do("one", "flight", "import", str(data / "flight.edi"))["flights"][0]["flight"]
    qor.do("one", *question(qor, "QVA", "screen-terrorism", "QOR-QVA-2026-001"))
    hit = next(h["hit"] for h in qor.do("one", "hits", "list")["hits"] if "A1" in h["rules"].split())
    qor.do("one", "review", hit, "--verdict", "confirmed", "--reason", "agrees with the passport")
    qor.do("one", "disclose", "ask", hit, "--clause", "disclose-terrorism", "--fields", "person.family-name,hit.reason", "--case", "QOR-1", "--necessity", "arrival tonight")
    qva.do("duty", "review", hit, "--verdict", "approve", "--reason", "same person", *[w for f in FLAGS for w in ("--flag", f"{f}=absent")])
    qva.do("one", "disclose", "release", hit)
    qor.do("one", "hits", "outcome", hit, "--result", "confirmed")
    qva.do("one", "recall", "send", hit, "--reason", "court")
    wait_for("the receipt", lambda: any(r["receipt"] for r in qva.do("one", "recall", "list")["recalls"]))


def reconcile(node: Node, peer: str, day: str, expect: int = 0) -> dict[str, Any]:
    return node.do("dpo", "audit", "reconcile", "--peer", peer, "--day", day, "--save", expect=expect)


def offline(first: pathlib.Path, second: pathlib.Path, expect: int) -> dict[str, Any]:
    return json.loads(DEMO.run("--json", "audit", "reconcile", "--files", str(first), str(second), expect=expect))


def walk(qor: Node, qva: Node) -> None:
    first_version(qor, qva)
    walk_a_hit(qor, qva)
    day = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    told, back = reconcile(qor, "QVA", day), reconcile(qva, "QOR", day)
    check("the day is equal", (told["result"], back["result"]) == ("equal", "equal"), (told, back))
    check("two numbers say so", told["messages"] == 2 and told["mine"] == told["theirs"] == back["mine"], told)
    # A tag set, one chunk, a request, a disclosure, an outcome, a recall and its receipt.
    check("every step is in it", told["records"] == back["records"] >= 7, told)
    check("both logs signed the note", told["note"].count("\n\u2014 audit.") == 2, told["note"])
    check("a day before is equal and empty", qor.do("dpo", "audit", "reconcile", "--peer", "QVA")["records"] == 0)

    sets = [pathlib.Path(told["set"]), pathlib.Path(back["set"])]
    check("the files are the same", sets[0].read_bytes() == sets[1].read_bytes() and len(sets[0].read_bytes()) == 64 * told["records"])
    check("two files say it off line", offline(*sets, expect=0)["result"] == "equal")
    raw = sets[1].read_bytes()
    cut = FOLDER / "cut.set"
    cut.write_bytes(raw[:64] + raw[128:])
    check("one that is missing is named", offline(sets[0], cut, 4)["differences"] == [{"kind": "only-first", "key": raw[64:96].hex()}])
    cut.write_bytes(raw[:32] + bytes(32) + raw[64:])
    check("one that differs is named", offline(sets[0], cut, 4)["differences"] == [{"kind": "differs", "key": raw[:32].hex()}])
    for what, content in (("half a record", raw[:-1]), ("another order", raw[64:128] + raw[:64] + raw[128:])):
        cut.write_bytes(content)
        DEMO.run("audit", "reconcile", "--files", str(sets[0]), str(cut), expect=1)
        check(f"{what} is no set", True)
    DEMO.run("audit", "reconcile", "--files", str(sets[0]), str(FOLDER / "nothing"), expect=1)
    DEMO.run("audit", "reconcile", expect=2)
    qor.refused("one", "role", "audit", "reconcile", "--peer", "QVA")
    check("each comparison has its entry", len(qor.do("dpo", "audit", "show", "--type", "reconcile.day", "--limit", "1000")["entries"]) >= 2)
    check("nothing differed", qor.do("dpo", "audit", "show", "--type", "reconcile.differ")["entries"] == [] and qor.do("dpo", "status")["alarms"] == [])


if __name__ == "__main__":
    sys.exit(run("reconcile", ("QOR", "QVA"), walk))
