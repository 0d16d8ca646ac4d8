#!/usr/bin/env python3
"""What the terminal offers, a node does; what a node does, the terminal can ask for. Compares node/cli/remote_commands.cc with the table of
node/admin/admin.cc. Exits 1 with one line for each command that one of them lacks."""

from __future__ import annotations

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = r'"([a-z-]+(?: [a-z-]+)*)"'


def composed(name: str, named: set[str]) -> bool:
    """node/cli/agreement_node_commands.cc puts the group before its commands."""
    group, _, rest = name.partition(" ")
    return group == "agreement" and rest in named


def main() -> int:
    remote = (ROOT / "node/cli/remote_commands.cc").read_text()
    offered = set(re.findall(r'\n {6}\{' + NAME + ",", remote))
    done = set(re.findall(r"\{\{" + NAME + ",", (ROOT / "node/admin/admin.cc").read_text()))
    named = set()
    for file in (ROOT / "node/cli").glob("*.cc"):
        named |= set(re.findall(NAME, file.read_text()))
    faults = [f"node/cli/remote_commands.cc: `{name}` is offered, and no node does it" for name in sorted(offered - done)]
    faults += [f"node/admin/admin.cc: nothing in node/cli asks for `{name}`" for name in sorted(done - named) if not composed(name, named)]
    if not offered or not done:
        faults.append("no commands were found: this check no longer reads the tables")
    print("\n".join(faults) if faults else f"{len(done)} commands, each on both sides")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
