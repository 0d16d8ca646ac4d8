#!/usr/bin/env python3
"""Injects faults into the decision function, one at a time, and shows that the tests see each of them.

    tests/oracle/mutants.py                 every fault: the unit tests first, then the oracle
    tests/oracle/mutants.py --by oracle     the oracle alone; --by tests: the unit tests alone
    tests/oracle/mutants.py --only REGEX    those whose name fits; --list prints them all

A fault is one textual change whose old text must be found exactly once. The checkout is not touched: the sources are copied to
build/mutants/source and built there, at -O0, only what is needed. The golden decisions are left out of the tests: they see every change and
say nothing about what it means. Exits 1 when a fault survives, 2 when a text is not found or the unchanged sources fail.
"""

from __future__ import annotations

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from mutant_list import MUTANTS, Mutant  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build/mutants"
SOURCE = WORK / "source"
BUILD = WORK / "build"
TESTS = "*Evaluate*:*RefusalTest*:*RetainTest*:*UnmaskTest*:*PropertiesTest*:*WalkTest*:*PermitTest*:-*ReplaysTheGoldenDecisions*"
ORACLE_DECISIONS = "12000"
TIMEOUT_SECONDS = 600


def run(command: list[str | pathlib.Path], where: pathlib.Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], cwd=where, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)


def copy_sources() -> None:
    """What git knows and what it would add, newer files only, so that a second run builds little."""
    listed = run(["git", "ls-files", "--cached", "--others", "--exclude-standard"]).stdout.split("\n")
    for name in listed:
        origin, copy = ROOT / name, SOURCE / name
        if not name or not origin.is_file():
            continue
        if copy.is_file() and copy.read_bytes() == origin.read_bytes():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, copy)


def configure() -> None:
    done = run(["cmake", "-S", SOURCE, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS=-O0 -g0", "-DCMAKE_CXX_COMPILER=clang++-19",
                "-DCMAKE_C_COMPILER=clang-19", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache", "-DENTENTE_WERROR=OFF"])
    if done.returncode != 0:
        raise SystemExit(f"mutants: cmake fails\n{done.stdout}{done.stderr}")


DOES_NOT_BUILD = "does not build"


def builds(target: str) -> bool:
    return run(["ninja", "-C", BUILD, target]).returncode == 0


def by_tests() -> str:
    """The first test that fails, or nothing."""
    if not builds("policy_test"):
        return DOES_NOT_BUILD
    done = run([BUILD / "bin/policy_test", f"--gtest_filter={TESTS}", "--gtest_fail_fast", "--gtest_brief=1"], SOURCE)
    if done.returncode == 0:
        return ""
    failed = re.search(r"\[  FAILED  \] (\S+?)(,|\s|$)", done.stdout)
    return failed.group(1) if failed else f"exit {done.returncode}"


def by_oracle() -> str:
    """The first difference that the oracle prints, or nothing; also nothing where node is absent."""
    if not builds("oracle_decide"):
        return DOES_NOT_BUILD
    done = run([ROOT / "tests/oracle/oracle.sh", "run", BUILD / "bin/oracle_decide", "--decisions", ORACLE_DECISIONS, "--seed", "1"])
    if done.returncode == 0:
        return ""
    lines = done.stderr.split("\n")
    return f"oracle: {lines[1][:60]}" if len(lines) > 1 else "oracle"


CHECKS = {"tests": [by_tests], "oracle": [by_oracle], "both": [by_tests, by_oracle]}


def killer(mutant: Mutant, how: str) -> str:
    """What sees the fault, or nothing. The source is as it was afterwards."""
    path = SOURCE / mutant.file
    original = path.read_text()
    if original.count(mutant.old) != 1:
        raise SystemExit(f"mutants: {mutant.name}: its text is {original.count(mutant.old)} times in {mutant.file}: {mutant.old!r}")
    path.write_text(original.replace(mutant.old, mutant.new))
    try:
        for check in CHECKS[how]:
            try:
                seen = check()
            except subprocess.TimeoutExpired:
                seen = "no end"
            if seen:
                return seen
        return ""
    finally:
        path.write_text(original)


def check_list() -> None:
    names = [mutant.name for mutant in MUTANTS]
    if len(names) != len(set(names)):
        raise SystemExit("mutants: one name twice")
    for mutant in MUTANTS:
        found = (ROOT / mutant.file).read_text().count(mutant.old)
        if found != 1:
            print(f"mutants: {mutant.name}: its text is {found} times in {mutant.file}: {mutant.old!r}")
            sys.exit(2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--by", choices=CHECKS, default="both")
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    check_list()
    chosen = [mutant for mutant in MUTANTS if re.search(options.only, mutant.name)]
    if options.list:
        print("\n".join(f"{mutant.name}  ({mutant.file})" for mutant in chosen))
        return 0
    copy_sources()
    configure()
    for check in CHECKS[options.by]:
        if seen := check():
            print(f"mutants: the unchanged sources fail: {seen}")
            return 2
    started, survivors = time.monotonic(), []
    for mutant in chosen:
        seen = killer(mutant, options.by)
        # A fault that the compiler refuses shows nothing about the tests.
        if seen in ("", DOES_NOT_BUILD):
            survivors.append(mutant.name)
        print(f"{'SURVIVES' if mutant.name in survivors else 'killed':9} {mutant.name:58} {seen}", flush=True)
    print(f"mutants: {len(chosen)} faults, {len(chosen) - len(survivors)} killed, {time.monotonic() - started:.0f} s")
    return 1 if survivors or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
