#!/usr/bin/env python3
"""What a person is told when a step about an agreement cannot be: reason, exit code, a sentence that says what is wrong, and a next step.

  python3 tests/integration/agreement_words.py BIN_DIR
"""

from __future__ import annotations

import datetime
import sys

from life import DEMO, FOLDER, Node, check, document, run, wait_for


def told(node: Node, role: str, *args: str) -> tuple[int, str]:
    """Exit code and what stands on the terminal."""
    words = ["--node", str(node.data), "--key", str(node.person(role).key), "--passphrase-file", str(DEMO.PASSPHRASE), *args]
    done = DEMO.subprocess.run([str(DEMO.BIN / "entente"), *words], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def says(node: Node, role: str, code: int, parts: tuple[str, ...], *args: str) -> None:
    got, text = told(node, role, *args)
    check(f"`{' '.join(args[:3])[:60]}` ends with {code}", got == code, f"{got}: {text}")
    for part in parts:
        check(f"`{' '.join(args[:2])}` says `{part}`", part in text, text)


def sealed(node: Node) -> None:
    """A key that a file seals opens with that file and with no other."""
    other = FOLDER / "other-seal"
    words = ["--node", str(node.data), "--key", str(node.person("admin").key)]
    DEMO.run("person", "new", "x-other", "--out", str(FOLDER / "x-other.key"), "--key-file", str(other))
    for name, path, code in (("its own", DEMO.PASSPHRASE, 0), ("another", other, 4), ("none", FOLDER / "absent", 1)):
        done = DEMO.subprocess.run([str(DEMO.BIN / "entente"), *words, "--passphrase-file", str(path), "status"], capture_output=True, text=True, timeout=60)
        check(f"with {name} the command ends with {code}", done.returncode == code, (done.returncode, done.stderr))
    check("the seal is closed to others", (other.stat().st_mode & 0o777, other.stat().st_size) == (0o600, 32), oct(other.stat().st_mode))


def drafts(qor: Node, digest: str, path: str) -> None:
    code, text = told(qor, "admin", "agreement", "status")
    check("beside a draft nobody is told that none is held", code == 0 and "no agreement is held" not in text, text)
    says(qor, "admin", 0, ("no agreement is held yet", "agreement status"), "agreement", "list")
    says(qor, "admin", 1, ("first-version", "Next: read it whole"), "agreement", "changes", digest)
    says(qor, "admin", 4, ("AG-502", "bare document", "agreement draft"), "agreement", "import", path)
    says(qor, "one", 4, ("AG-501", "this key (", "is not on QOR's node card", "entente peer list"), "agreement", "propose", digest)
    says(qor, "admin", 1, ("draft-unknown", "on the table"), "agreement", "changes", "0" * 64)


def complete(qor: Node, qva: Node, digest: str) -> None:
    qor.opinion(digest, "agree")
    qor.do("legal", "agreement", "propose", digest)
    qva.opinion(digest, "agree")
    for node in (qor, qva):
        node.sign_both(digest)
    wait_for("both hold it", lambda: qor.held(digest) and qva.held(digest))


def held(qor: Node, digest: str, path: str) -> None:
    says(qor, "admin", 1, ("draft-unknown", "held already", "agreement list"), "agreement", "changes", digest)
    again, _ = document((qor,), "again.toml", datetime.datetime.now(datetime.timezone.utc), {"title": "Again"}, base=FOLDER / path)
    says(qor, "admin", 3, ("AG-218", "write version = 2 and replaces = \"sha256:" + digest), "agreement", "draft", str(again))
    says(qor, "legal", 1, ("stop-unknown", "no stop is open with any party", "Next:"), "agreement", "resume", digest, "--out", str(FOLDER / "none.dsse"))
    says(qor, "one", 3, ("clause-unknown", "Next:"), "tagset", "fetch", "--peer", "QVA", "--clause", "onward-nobody")
    says(qor, "one", 4, ("AG-501", "not on QOR's node card"), "agreement", "suspend", digest)
    says(qor, "duty", 4, ("AG-503", "not one of the"), "agreement", "terminate", digest, "--out", str(FOLDER / "none.dsse"))


def paper(qor: Node, path: str) -> None:
    first, second = FOLDER / "paper-1.dsse", FOLDER / "paper-2.dsse"
    says(qor, "legal", 0, ("1 signature in the envelope",), "agreement", "sign", path, "--out", str(first))
    says(qor, "tech", 0, ("2 signatures in the envelope",), "agreement", "sign", str(first), "--out", str(second))
    says(qor, "admin", 4, ("AG-501", "no valid signature of QVA's"), "agreement", "import", str(second))
    says(qor, "legal", 0, ("a resume or a notice", "may be the same file"), "agreement", "sign-event", "--help")


def walk(qor: Node, qva: Node) -> None:
    sealed(qor)
    yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    path, digest = document((qor, qva), "v1.toml", yesterday, {})
    qor.do("admin", "agreement", "draft", str(path))
    drafts(qor, digest, str(path))
    paper(qor, str(path))
    complete(qor, qva, digest)
    held(qor, digest, path.name)


if __name__ == "__main__":
    sys.exit(run("agreement words", ("QOR", "QVA"), walk))
