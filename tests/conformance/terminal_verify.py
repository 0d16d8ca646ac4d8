#!/usr/bin/env python3
"""`entente audit verify` over good and tampered bundles: exit code, --json, and what people read.

    terminal_verify.py SAMPLES-PROGRAM ENTENTE
"""

from __future__ import annotations

import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile


def run(program: str, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run([program, "audit", "verify", *words], capture_output=True, text=True)


def words_of(samples: pathlib.Path, case: dict) -> list[str]:
    words = [str(samples / f"{case['name']}.tar"), "--policy", str(samples / "policy"), "--dpo", (samples / "officer").read_text()]
    return words + (["--previous", str(samples / f"{case['name']}.previous")] if case["previous"] else [])


def differences(program: str, samples: pathlib.Path, case: dict) -> list[str]:
    words = words_of(samples, case)
    told, shown = run(program, "--json", *words), run(program, *words)
    code = 0 if case["verdict"].startswith("VERIFIED") else 4
    out = [f"exit code {done.returncode} for {code}" for done in (told, shown) if done.returncode != code]
    report = json.loads(told.stdout)
    if report["verdict"] != case["verdict"] or shown.stdout.split("\n")[0] != case["verdict"]:
        out.append(f"{report['verdict']} for {case['verdict']}")
    fault = report.get("fault", {})
    if any(fault.get(key) != case.get(key) for key in ("claim", "file", "index")):
        out.append(f"another fault: {fault}")
    if [field["value"] for field in report.get("opened", [])] != case["opened"]:
        out.append("other opened fields")
    if len(report["claims"]) != shown.stdout.count(" holds: ") + shown.stdout.count(" FAILS: ") + shown.stdout.count(" not checked: "):
        out.append("a claim without its line")
    return out


def usage(program: str, samples: pathlib.Path) -> list[str]:
    bundle, policy = str(samples / "whole.tar"), str(samples / "policy")
    wanted = [
        ("a file that is not there", 1, ("no-such-file", "--policy", policy)),
        ("a policy that is not there", 1, (bundle, "--policy", "no-such-file")),
        ("a policy that is none", 4, (bundle, "--policy", bundle)),
        ("no policy", 2, (bundle,)),
        ("nothing to verify", 2, ("--policy", policy)),
        ("one entry by proof", 0, ("--policy", policy, "--proof", str(samples / "5.tlog-proof"), "--leaf", str(samples / "5.leaf"))),
        ("another entry's proof", 4, ("--policy", policy, "--proof", str(samples / "5.tlog-proof"), "--leaf", policy)),
        ("a proof without its leaf", 2, ("--policy", policy, "--proof", str(samples / "5.tlog-proof"))),
    ]
    return [f"{what}: exit code {got}" for what, code, words in wanted if (got := run(program, *words).returncode) != code]


def files(program: str, samples: pathlib.Path) -> list[str]:
    log = (samples / "log").read_text()
    printed = subprocess.run([program, "audit", "catalogue"], capture_output=True, check=True).stdout
    reference = pathlib.Path(__file__).resolve().parents[2] / "docs/reference/audit-events.md"
    out = [] if hashlib.sha256(printed).hexdigest() in reference.read_text() else ["the catalogue printed is not the published one"]
    for name, code in (("fork.split-view", 0), ("policy", 4), ("no-such-file", 1)):
        done = subprocess.run([program, "audit", "evidence", str(samples / name), "--log", log], capture_output=True, text=True)
        out += [] if done.returncode == code else [f"evidence {name}: exit code {done.returncode} for {code}"]
    return out


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        samples = pathlib.Path(folder)
        subprocess.run([sys.argv[1], folder], check=True)
        cases = json.loads((samples / "cases.json").read_text())
        wrong = [f"{case['name']}: {what}" for case in cases for what in differences(sys.argv[2], samples, case)]
        wrong += usage(sys.argv[2], samples)
        wrong += files(sys.argv[2], samples)
    for what in wrong:
        print(f"terminal: {what}")
    print(f"terminal: {len(cases)} bundles, {len(wrong)} differences")
    return 1 if wrong or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
