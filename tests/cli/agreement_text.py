#!/usr/bin/env python3
"""From a template to a draft that lints, and what people read of it: `agreement_text.py ENTENTE`.

Nothing of the program is imported: prose hashes, fingerprints and key ids are computed here from the pages.
"""

from __future__ import annotations

import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO = ROOT / "docs/examples/demo-agreement.toml"
PROFILES = ("icao-floor", "coe-108plus", "eu-led-pnr", "eu-cjeu-strict")
TEMPLATES = ("missing-persons", "multilateral-working-group", "terrorism-minimal", "trafficking")
failures: list[str] = []


def check(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


def run(*words: object, code: int = 0) -> str:
    done = subprocess.run([sys.argv[1], "agreement", *map(str, words)], capture_output=True, text=True, timeout=60)
    check(done.returncode == code, f"exit {done.returncode}, not {code}: {' '.join(map(str, words))}\n{done.stderr}")
    return done.stdout if code in (0, 3) else done.stdout + done.stderr


def run_json(*words: object, code: int = 0) -> dict:
    return json.loads(run(*words, "--json", code=code) or "{}")


def key_id(label: str) -> str:
    kid = hashlib.sha256(b"entente/kid/1\n" + hashlib.sha256(label.encode()).digest()).hexdigest()[:32]
    return f"ed25519:{label}:{kid}"


def answer(path: str, profile: str) -> str:
    key = path.split(".")[-1]
    if path == "id":
        return "QOR-QVA-2027-003"
    if key == "legal_profile":
        return profile
    party = path.split(".")[1].lower() if path.startswith("party.") else ""
    fixed = {"from": "2027-03-01T00:00:00Z", "assessment_date": "2027-01-15", "assessment_hash": "sha256:" + hashlib.sha256(party.encode()).hexdigest(),
             "sign_legal": key_id(party + "-legal"), "sign_technical": key_id(party + "-tech"), "suspend": f"{key_id(party + '-dpo')},{key_id(party + '-legal')}"}
    return fixed.get(key, "Text of " + path.replace("_", " "))


def drafts(folder: pathlib.Path) -> None:
    for template in TEMPLATES:
        parties = ("QOR", "QTA", "QVA") if template.startswith("multi") else ("QOR", "QVA")
        begin = ["new", "--template", template] + [w for p in parties for w in ("--party", p)]
        questions = [q["path"] for q in run_json(*begin, "--questions")["questions"]]
        # The printed file names the same questions, all of them open.
        printed = [line[:-2] for line in run(*begin, "--questions").split("\n") if line.endswith(" =")]
        check(printed == questions, f"{template}: the answers file asks something else")
        draft = folder / f"{template}.toml"
        for profile in PROFILES:
            answers = folder / "answers"
            answers.write_text("".join(f"{q} = {answer(q, profile)}\n" for q in questions))
            run(*begin, "--answers", answers, "--out", draft)
            found = run_json("lint", draft, "--now", "2027-02-01T00:00:00Z")
            check(found["errors"] == 0, f"{template} {profile}: {found}")
        draft.unlink()
        answers.write_text("".join(f"{q} = {answer(q, profile)}\n" for q in questions[1:]))
        check("id" in run(*begin, "--answers", answers, "--out", draft, code=1) and not draft.exists(), f"{template}: written without an answer")
        run(*begin, "--answers", answers, "--set", "id=QOR-QVA-2027-004", "--out", draft)
        read(draft)


def read(document: pathlib.Path) -> None:
    digest = hashlib.sha256(document.read_bytes()).hexdigest()
    texts = set()
    for lang in ("en", "fr", "ru"):
        shown = run_json("show", document, "--lang", lang)
        text_hash = "sha256:" + hashlib.sha256(shown["text"].encode()).hexdigest()
        check(shown["text_hash"] == text_hash and shown["hash"] == "sha256:" + digest, f"{document.name} {lang}: another hash")
        plain = run("show", document, "--lang", lang)
        check(plain == f"{shown['text']}\nhash of this text: {text_hash}\n", f"{document.name} {lang}: text and JSON differ")
        check(digest in plain and "_" not in shown["text"], f"{document.name} {lang}: not prose")
        texts.add(shown["text"])
    check(len(texts) == 3, f"{document.name}: the languages do not differ")


def fingerprints() -> None:
    words = (ROOT / "policy/text/words.txt").read_text().split()
    number = int.from_bytes(hashlib.sha256(DEMO.read_bytes()).digest()[:11], "big")
    expected = " ".join(words[number >> 77 - 11 * i & 2047] for i in range(8))
    shown = run_json("fingerprint", DEMO)
    check(shown["words"] == expected, f"fingerprint {shown['words']}, not {expected}")
    check(run("fingerprint", DEMO).split("\n")[0] == expected, "fingerprint: text and JSON differ")
    run("fingerprint", DEMO, "--heard", expected.upper())
    run("fingerprint", DEMO, "--heard", expected + " one", code=4)


def refusals(folder: pathlib.Path) -> None:
    check("AG-307" in run("lint", DEMO, "--now", "2026-06-01T00:00:00Z"), "the one-way right is not remarked")
    bad = folder / "bad.toml"
    bad.write_text(DEMO.read_text().replace("mask_after_days = 183", "mask_after_days = 400", 1))
    found = run_json("lint", bad, "--now", "2026-06-01T00:00:00Z", code=3)["findings"]
    check([(f["code"], f["line"], f["column"]) for f in found if f["severity"] == "error"] == [("AG-208", 92, 19)], f"lint of a loose clause: {found}")
    bad.write_bytes(b"version = 1\n")
    for words in (("lint",), ("show",), ("matrix",)):
        run(*words, bad, code=3)
    bad.write_bytes(b"a" * (100 << 20))
    for words in (("lint",), ("show",), ("matrix",), ("fingerprint",)):
        run(*words, bad, code=1)
    run("show", DEMO, "--lang", "de", code=1)
    run("show", folder / "none", code=1)
    run("new", "--template", "tax", "--party", "QOR", "--party", "QVA", "--out", folder / "x", code=1)
    run("show", code=2)
    for command in ("show", "new", "templates", "format", "fingerprint", "matrix", "lint"):
        check("Usage:" in run(command, "--help"), f"{command} --help")


def formats(folder: pathlib.Path) -> None:
    loose, tidy = folder / "loose.toml", folder / "tidy.toml"
    loose.write_text("# a draft\n" + DEMO.read_text().replace(" = ", "=").replace('["arrives", "departs"]', "['departs','arrives']"))
    run("lint", loose, code=3)
    check(run_json("format", loose, "--out", tidy)["changed"] is True and tidy.read_bytes() == DEMO.read_bytes(), "format: not the one spelling")
    check(run("format", loose) == DEMO.read_text(), "format: prints something else")
    loose.write_text("version\n")
    check("line 1" in run("format", loose, code=1), "format: the line is not named")


def matrix() -> None:
    pairs = run_json("matrix", DEMO, DEMO)["agreements"][1]["pairs"]
    check([(p["holder"], p["asker"], [f["action"] for f in p["flows"]]) for p in pairs]
          == [("QOR", "QVA", ["disclose", "onward", "screen"]), ("QVA", "QOR", ["disclose", "screen"])], f"matrix: {pairs}")
    check(len(run("matrix", DEMO, "--csv").splitlines()) == 3, "matrix --csv: a line for each pair")
    check("QOR        -   SDO" in run("matrix", DEMO), "matrix: the table")


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        names = [t["name"] for t in run_json("templates")["templates"]]
        check(tuple(names) == TEMPLATES, f"templates: {names}")
        drafts(folder)
        read(DEMO)
        fingerprints()
        refusals(folder)
        matrix()
        formats(folder)
    for failure in failures:
        print(f"agreement-text: {failure}")
    print(f"agreement-text: {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
