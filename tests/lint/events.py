#!/usr/bin/env python3
"""The closed catalogue of audit events and the code, held together by docs/reference/audit-events.md.

Its table `Who writes them` names for each type the files that write it and the tests that see it written, or says why no code writes it
yet. This fails when code writes a type that the table does not say, when the table names a writer or a test that is not there, and when
code writes to the store past the log without standing in `What changes without an entry`.
  python3 tests/lint/events.py [--table]     --table prints the rows as the code has them, to be pasted
Tests that run real nodes hand what their logs hold to `tests/testing/produced.py`, which reads the same table.
"""

from __future__ import annotations

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reference/audit-events.md"
TABLE = "node/ledger/catalogue_table.cc"
# An event is made where a variable or temporary of type Event, or a function that returns one, gets its type's name first.
MADE = re.compile(r"\b\w*Event(?:\s+\w+)?\(\s*((?:[\w.]+\s*\?\s*\"[a-z.]+\"\s*:\s*)?\"[a-z.]+\")")
# The log's own: pads and guards have makers, because nobody else may write them.
MAKERS = {"pad": re.compile(r"\bMakePad\(\)"), "guard": re.compile(r"\bMakeGuard\(")}
# Made of a name that comes from elsewhere: only in functions whose callers name the type.
NAMED_BY_CALLERS = {"node/exchange/acts.cc"}
UNNAMED = re.compile(r"\bEvent(?:\s+[a-z_]\w*)?\(\s*(?![\"\s)]|std::string|const|Event\b|\w+\s*\?\s*\")[a-z]\w*")
WRITES = re.compile(r"\b\w*store_?(?:\(\))?(?:\.|->)(?:Write|Commit)\(")


def code() -> dict[str, str]:
    out = {}
    for path in sorted((ROOT / "node").rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in (".cc", ".h") and name != TABLE and not re.search(r"_test\.|testing_|_for_test|_contract_test", path.name):
            out[name] = re.sub(r"//[^\n]*", "", path.read_text())
    return out


def catalogue() -> list[str]:
    return re.findall(r'^\s*\{"([a-z.]+)"', (ROOT / TABLE).read_text(), re.M)


def writers(files: dict[str, str], types: list[str]) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {kind: set() for kind in types}
    for name, text in files.items():
        for made in MADE.findall(text):
            for kind in re.findall(r'"([a-z.]+)"', made):
                if kind in out:
                    out[kind].add(name)
        for kind, maker in MAKERS.items():
            if maker.search(text) and not name.startswith("node/ledger/"):
                out[kind].add(name)
    return out


def rows(heading: str, cells: int) -> list[list[str]]:
    page = PAGE.read_text()
    if f"## {heading}\n" not in page:
        return []
    part = page.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found = [[c.strip() for c in line.strip("|\n ").split(" | ")] for line in part.split("\n") if line.startswith("| `")]
    return [row for row in found if len(row) == cells]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def check_row(row: list[str], code_says: set[str], breaches: list[str]) -> None:
    kind, by, seen, why = row[0].strip("`"), set(names(row[1])), names(row[2]), row[3]
    for name in sorted(code_says - by):
        breaches.append(f"{name} writes `{kind}`: say so in the table")
    for name in sorted(by - code_says):
        breaches.append(f"`{kind}`: the table names {name} as its writer, which does not write it")
    if by and (why != "-" or not seen):
        breaches.append(f"`{kind}` is written: the table names a test that sees it, and `-` as the reason")
    if not by and (seen or why in ("", "-")):
        breaches.append(f"`{kind}` is written by nobody: the table says why, and names no test")
    for name in seen:
        path = ROOT / name
        if not path.is_file():
            breaches.append(f"`{kind}`: the table names {name}, which is not there")
        elif f'"{kind}"' not in path.read_text() and "produced.check(" not in path.read_text():
            breaches.append(f"`{kind}`: {name} does not look for it")


def main() -> int:
    types, files, breaches = catalogue(), code(), []
    found = writers(files, types)
    if sys.argv[1:] == ["--table"]:
        for kind in types:
            print(f"| `{kind}` | {' '.join(f'`{n}`' for n in sorted(found[kind])) or '-'} |")
        return 0
    table = rows("Who writes them", 4)
    if [row[0].strip("`") for row in table] != types:
        breaches.append("the table does not have every type of the catalogue, in its order")
    for row in table:
        check_row(row, found.get(row[0].strip("`"), set()), breaches)
    for name, text in files.items():
        for unnamed in UNNAMED.findall(text):
            if not name.startswith("node/ledger/") and name not in NAMED_BY_CALLERS:
                breaches.append(f"{name}: an event whose type is not named where it is made: `{unnamed}`")
    silent = {row[0].strip("`") for row in rows("What changes without an entry", 2)}
    past = {name for name, text in files.items() if WRITES.search(text) and not name.startswith("node/store/")}
    for name in sorted(past - silent):
        breaches.append(f"{name} writes to the store past the log: make it an event's job, or say in the table why not")
    for name in sorted(silent - past):
        breaches.append(f"the table says that {name} writes to the store past the log, which it does not")
    for breach in breaches:
        print(f"events: {breach}")
    print(f"events: {len(types)} types, {sum(1 for kind in types if found[kind])} written, {len(past)} files past the log, {len(breaches)} breaches")
    return 1 if breaches or not types or not files else 0


if __name__ == "__main__":
    sys.exit(main())
