#!/usr/bin/env python3
"""recipe1.py against tests/vectors/recipe1 and the worked examples of the page."""

from __future__ import annotations

import csv
import hashlib
import re
import sys
from pathlib import Path

import recipe1
from checks import Checks

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "recipe1"


def rows(name: str) -> list[dict[str, str]]:
    with open(VECTORS / f"{name}.tsv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def unescape(text: str) -> str:
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda m: chr(int(m[1], 16)), text)


def unit_of(row: dict[str, str]) -> recipe1.Unit:
    documents = [recipe1.Document(row["doc_class"], row["doc_number"], row["doc_issuer"])] if row["doc_number"] else []
    return recipe1.Unit(row["surname"], row["given"], row["full"], row["dob"], row["sex"],
                        row["nationality"].split(";"), documents, row["source"] == "pnr")


def check_fields(checks: Checks) -> None:
    for row in rows("table"):
        checks.equal(recipe1.letters().get(chr(int(row["codepoint"][2:], 16))), row["latin"], row["codepoint"])
    checks.equal(len(recipe1.letters()), len(rows("table")), "size of the table")
    for row in rows("fold"):
        text = unescape(row["input"])
        if row["uses_icu"] == "1":
            checks.refuses(recipe1.NotCovered, lambda text=text: recipe1.fold(text), row["input"])
            continue
        checks.equal(recipe1.fold(text), row["folded"], row["input"])
        checks.equal("|".join(recipe1.words(recipe1.fold(text))), row["tokens"], row["input"])
    for row in rows("skeleton"):
        checks.equal(recipe1.skeleton(row["token"]), row["skeleton"], row["token"])


def check_keys(checks: Checks) -> int:
    """The number of key vectors that were compared."""
    compared = 0
    for case in rows("cases"):
        for side in "QL":
            try:
                have = recipe1.keys(unit_of(case), side == "L")
            except recipe1.NotCovered:
                continue
            want = [row for row in rows("keys") if row["case"] == case["id"] and row["side"] == side]
            checks.equal([(rule, "|".join(fields)) for rule, fields in have],
                         [(row["rule"], row["fields"]) for row in want], f"{case['id']} {side}")
            for (rule, fields), row in zip(have, want):
                digest = hashlib.sha256(recipe1.key_text(rule, fields)).hexdigest()[:32]
                checks.equal(digest, row["sha256_of_key_text_first_16_bytes"], f"{case['id']} {side} {rule}")
            compared += len(want)
    return compared


def check_examples(checks: Checks) -> None:
    page = recipe1.PAGE.read_text(encoding="utf-8")
    for example in re.findall(r"^```example\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        lines = [line.split(" ", 1) for line in example.splitlines()]
        facts = {name: value for name, value in lines if name != "key"}
        document = facts.get("document", "").split()
        unit = recipe1.Unit(facts.get("surname", ""), facts.get("given", ""), facts.get("full", ""), facts["dob"],
                            facts.get("sex", ""), [facts["nationality"]],
                            [recipe1.Document(*document)] if document else [], "source" in facts)
        try:
            have = recipe1.set_keys(unit, facts["set"], facts["side"] == "list")
        except recipe1.NotCovered:
            continue
        spelled = ["|".join((rule,) + fields) + " " + hashlib.sha256(recipe1.key_text(rule, fields)).hexdigest()
                   for rule, fields in have]
        checks.equal(spelled, [value for name, value in lines if name == "key"], f"example {facts}")


def main() -> int:
    checks = Checks("recipe1")
    check_fields(checks)
    compared = check_keys(checks)
    checks.equal(compared, 1110, "key vectors compared")  # all but the one case that needs ICU
    check_examples(checks)
    return checks.report()


if __name__ == "__main__":
    sys.exit(main())
