#!/usr/bin/env python3
"""How much memory a node takes at its peak while files come in, tag sets are built and flights are screened.

Real nodes in processes of their own, made as the demo makes them. Every peak is read from the kernel (VmHWM, reset before each step);
the reference is the same node before anything came in. `anon` is the peak of the process's own memory, sampled: the rest is mapped files,
a tag set's replica among them, which the kernel takes back when it needs the room. Prints a table, or with --json what every benchmark
prints.
  python3 tests/bench/memory.py [--json] [--large]
"""

from __future__ import annotations

import argparse
import json
import pathlib
import platform
import shutil
import sys
import tempfile
import threading
from typing import Any, Callable

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/testing"))

from demo_nodes import load_demo  # noqa: E402

PASSENGERS = "pax_id,surname,given,dob,sex,nationality,doc_number,doc_issuer,doc_type,carrier,flight,flight_date,from,to\n"
LIST = "entry_id,surname,given,dob,sex,nationality,doc_number,doc_issuer,doc_type,ground,grade,expires\n"


def born(i: int) -> str:
    return f"19{50 + i % 49}0{1 + i % 9}15"


def passengers(path: pathlib.Path, rows: int, day: str) -> None:
    with open(path, "w") as out:
        out.write(PASSENGERS)
        for i in range(rows):
            out.write(f"R{i},PAXSUR{i % 997}X,GIV{i % 89}Y,{born(i)},F,QMA,KX{i:07d},QMA,P,Q7,{rows},{day},QVL,QOE\n")


def watchlist(path: pathlib.Path, rows: int) -> None:
    with open(path, "w") as out:
        out.write(LIST)
        for i in range(rows):
            out.write(f"V{i},SUR{i % 9973}X,GIV{i % 89}Y,{born(i)},F,QMA,LX{i:07d},QMA,P,terrorism.travel,B2,2090-12-31\n")
        # Variants of the first entries, behind all others.
        for i in range(min(rows, 1000)):
            out.write(f"V{i},OTHER{i % 9973}X,GIV{i % 89}Y,{born(i)},F,QMA,,,,terrorism.travel,B2,2090-12-31\n")


class Meter:
    def __init__(self) -> None:
        self.results: list[dict[str, Any]] = []

    @staticmethod
    def read(node: Any, field: str) -> float:
        for line in open(f"/proc/{node.process.pid}/status"):
            if line.startswith(field):
                return round(int(line.split()[1]) / 1024, 1)
        raise RuntimeError(f"the kernel tells no {field}")

    def peak(self, node: Any) -> float:
        return self.read(node, "VmHWM")

    def measure(self, name: str, node: Any, idle: float, act: Callable[[], Any]) -> None:
        with open(f"/proc/{node.process.pid}/clear_refs", "w") as reset:
            reset.write("5")
        done = threading.Event()
        anon = [0.0]

        def sample() -> None:
            while not done.wait(0.02):
                anon[0] = max(anon[0], self.read(node, "RssAnon"))
        sampler = threading.Thread(target=sample)
        sampler.start()
        try:
            act()
        finally:
            done.set()
            sampler.join()
        value = self.peak(node)
        self.results.append({"name": name, "value": value, "unit": "MB", "reference": idle, "ratio": round(value / idle, 2), "runs": 1, "anon": anon[0]})


def walk(demo: Any, meter: Meter, folder: pathlib.Path, large: bool) -> None:
    import datetime
    day = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d")
    qor, qva = demo.Node("QOR", demo.free_port()), demo.Node("QVA", demo.free_port())
    try:
        for node in (qor, qva):
            node.make()
            node.start()
            node.add_people({"legal": "approver", "tech": "custodian", "duty": "officer", "one": "officer"})
            node.make_card()
        qor.do("admin", "peer", "add", str(qva.card), "--fingerprint", qva.fingerprint)
        qva.do("admin", "peer", "add", str(qor.card), "--fingerprint", qor.fingerprint)
        envelope = demo.make_agreement(qor, qva)
        for node in (qor, qva):
            node.do("admin", "agreement", "import", str(envelope))
            node.stop()
            node.start()
        idle = {node.party: meter.peak(node) for node in (qor, qva)}
        meter.results.append({"name": "idle", "value": idle["QOR"], "unit": "MB", "reference": 100, "ratio": round(idle["QOR"] / 100, 2), "runs": 1})
        data = folder / "file.csv"
        flight = ""
        for rows in (2_000, 20_000, 200_000):
            passengers(data, rows, day)

            def take() -> None:
                nonlocal flight
                found = qor.do("one", "flight", "import", str(data))["flights"][0]
                assert found["travellers"] == rows
                flight = flight or found["flight"]
            meter.measure(f"flight_csv_{rows}", qor, idle["QOR"], take)
        for rows in (200_000, 20_000, 2_000):
            watchlist(data, rows)
            meter.measure(f"list_csv_{rows}", qva, idle["QVA"], lambda: qva.do("one", "list", "import", str(data), "--list", "subjects"))
        words = ["screen", "--flight", flight, "--peer", "QVA", "--clause", "screen-terrorism", "--purpose", "terrorism.travel", "--basis", "protocol-4"]

        def screen() -> None:
            batches = qor.do("one", *words)["batches"]
            assert len(batches) == 4 and all(b["state"] == "complete" for b in batches), batches
        meter.measure("tag_set_2000_and_screen_2000_holder", qva, idle["QVA"], screen)
        meter.measure("screen_2000_asker", qor, idle["QOR"], screen)
        if large:
            rows = 50_000
            watchlist(data, rows)
            qva.do("one", "list", "import", str(data), "--list", "subjects")
            meter.measure(f"tag_set_{rows}_holder", qva, idle["QVA"], screen)
            meter.measure(f"replica_{rows}_asker", qor, idle["QOR"], screen)
    finally:
        qor.stop()
        qva.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--large", action="store_true", help="also a tag set of 50,000 rows; takes minutes")
    args = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="entente-memory-"))
    meter = Meter()
    try:
        walk(load_demo(folder), meter, folder, args.large)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if args.json:
        print(json.dumps({"machine": platform.machine(), "kernel": "libsodium", "results": meter.results}))
    else:
        for row in meter.results:
            print(f"{row['name']:<40} {row['value']:>8} {row['unit']}   {row['ratio']:>5} of {row['reference']} {row['unit']}   anon {row.get('anon', '')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
