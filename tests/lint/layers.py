#!/usr/bin/env python3
"""Holds the house together: an include must be reached by its room's DEPS, DEPS have no cycle, and some things stay in their rooms.

Reads the `room(NAME ... DEPS ...)` lines of every CMakeLists.txt. Exits 1 with one line for each breach.
"""

from __future__ import annotations

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORDS = {"SRCS", "HDRS", "DEPS", "LIBS", "TESTS"}
# Floors from below: a room may use only rooms whose floor is not above its own.
FLOORS = [("crypto", "proto"), ("keys", "policy"), ("node_base", "node_model", "node_ingest", "node_match", "node_rehearsal", "node_ledger"), ("node_store", "node_audit"),
          ("node_exchange", "node_hits", "node_upkeep"), ("node_wire", "node_admin"), ("node_rpc", "node_web", "node_cli"), ("node_app",)]
# What only these folders may include.
ONLY = [
    (r'#include [<"].*\.pb\.h[>"]', ("proto", "node/wire", "node/rpc", "node/web", "node/cli"), "generated protobuf headers"),
    (r"#include <grpc", ("node/rpc", "node/cli"), "gRPC"),
    (r"#include <boost/(beast|asio)", ("node/rpc", "node/web"), "Beast"),
    (r"#include <sqlcipher|#include <sqlite3", ("node/store",), "SQL"),
    (r"#include <spdlog", ("node/base",), "the logger behind LogSafe"),
]
# Below `node`, nothing reads a clock, logs or starts a thread, and only `keys` touches the disk.
PURE = [(r"system_clock|clock_gettime|gettimeofday|\btime\(nullptr\)", "a clock"), (r"std::thread|std::jthread|pthread_create", "a thread"), (r"std::cerr|std::cout|\bprintf\(", "output")]
PURE_ROOTS = ("crypto", "policy", "keys")
DISK = re.compile(r"std::(i|o)?fstream|\bfopen\(|::open\(")


def rooms() -> dict[str, tuple[pathlib.Path, set[str]]]:
    out: dict[str, tuple[pathlib.Path, set[str]]] = {}
    for lists in ROOT.rglob("CMakeLists.txt"):
        if "build" in lists.relative_to(ROOT).parts:
            continue
        text = re.sub(r"#.*", "", lists.read_text())
        for call in re.findall(r"\broom\(([^)]*)\)", text):
            words = call.split()
            deps, current = set(), ""
            for word in words[1:]:
                if word in WORDS:
                    current = word
                elif current == "DEPS":
                    deps.add(word)
            out[words[0]] = (lists.parent, deps)
    return out


def reach(name: str, graph: dict[str, set[str]], seen: tuple[str, ...] = ()) -> set[str]:
    if name in seen:
        raise SystemExit(f"layers: DEPS form a cycle: {' -> '.join(seen + (name,))}")
    out: set[str] = set()
    for dep in graph.get(name, set()):
        out |= {dep} | reach(dep, graph, seen + (name,))
    return out


def floor(name: str) -> int:
    for level, names in enumerate(FLOORS):
        if any(name == n or name.startswith(n + "_") for n in names):
            return level
    return len(FLOORS)


def main() -> int:
    found = rooms()
    graph = {name: deps for name, (_, deps) in found.items()}
    folders = {folder.relative_to(ROOT).as_posix(): name for name, (folder, _) in found.items()}
    breaches: list[str] = []
    checked = 0
    for name, (folder, deps) in found.items():
        allowed = reach(name, graph) | {name}
        for dep in deps & graph.keys():
            if floor(dep) > floor(name):
                breaches.append(f"{folder.relative_to(ROOT)}: {name} stands below {dep} and may not use it")
        for source in sorted(p for p in folder.iterdir() if p.suffix in (".cc", ".h")):
            checked += 1
            where = source.relative_to(ROOT).as_posix()
            text = source.read_text()
            for include in re.findall(r'#include "([^"]+)"', text):
                target = folders.get(str(pathlib.PurePosixPath(include).parent))
                if target is not None and target not in allowed:
                    breaches.append(f"{where}: includes {include}, which the DEPS of {name} do not reach")
            for pattern, homes, what in ONLY:
                if re.search(pattern, text) and not where.startswith(tuple(h + "/" for h in homes)):
                    breaches.append(f"{where}: {what} belongs in {', '.join(homes)}")
            if where.startswith(tuple(r + "/" for r in PURE_ROOTS)) and not source.stem.endswith(("_test", "_util")):
                for pattern, what in PURE:
                    if re.search(pattern, text):
                        breaches.append(f"{where}: {what} has no place below node/")
                if not where.startswith("keys/") and DISK.search(text):
                    breaches.append(f"{where}: only keys touches the disk")
    for breach in breaches:
        print(f"layers: {breach}")
    print(f"layers: {len(found)} rooms, {checked} files, {len(breaches)} breaches")
    return 1 if breaches or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
