#!/usr/bin/env python3
"""Runs a transcript of `entente`: transcripts.py ENTENTE FILE.

    $ agreement check $T/draft.toml      arguments of one call; $T is an empty folder, paths are from the repository's root
    QOR-QVA-2026-001: well formed        what it must print, standard output and error together
    exit 0                               with this code

An expected line that ends in `...` needs only to begin so; `...` alone stands for any lines. What stands after `exit` and empty lines are for people.
"""

from __future__ import annotations

import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def blocks(text: str) -> list[list[str]]:
    out: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            out.append([line[2:]])
        elif out and line and not out[-1][-1].startswith("exit "):
            out[-1].append(line)
    return out


def alike(wanted: list[str], lines: list[str]) -> bool:
    if not wanted or not lines:
        return not wanted and not lines
    if wanted[0] == "...":
        return alike(wanted[1:], lines) or alike(wanted, lines[1:])
    first = lines[0].startswith(wanted[0][:-3]) if wanted[0].endswith("...") else lines[0] == wanted[0]
    return first and alike(wanted[1:], lines[1:])


def fault(entente: str, block: list[str], folder: str) -> str:
    command, *wanted = (line.replace("$T", folder) for line in block)
    done = subprocess.run([entente, *shlex.split(command)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    lines = [line for line in done.stdout.splitlines() if line] + [f"exit {done.returncode}"]
    if alike(wanted, lines):
        return ""
    return "\n  ".join(["$ " + command, "printed:", *lines, "wanted:", *wanted])


def main() -> int:
    entente, path = sys.argv[1:]
    wanted = blocks(pathlib.Path(path).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        faults = [text for block in wanted if (text := fault(entente, block, folder))]
    for text in faults:
        print(text)
    print(f"transcripts: {len(wanted)} calls, {len(faults)} faults")
    return 1 if faults or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
