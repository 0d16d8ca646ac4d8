#!/usr/bin/env python3
"""The life of an agreement, with nothing but `entente` commands, on two real nodes: draft, opinions, proposal, signatures, activation; an
amendment that takes over; stop and resume; notice. A crash, a restart and a cut line in between: both nodes end in the same state, or say
which signature or message is missing.

  python3 tests/integration/agreement_life.py BIN_DIR
"""

from __future__ import annotations

import datetime
import json
import sys
import time

from life import DEMO, FOLDER, Node, check, document, run, wait_for

import produced  # from tests/testing, which life.py puts on the path


def first_version(qor: Node, qva: Node) -> str:
    yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    path, digest = document((qor, qva), "v1.toml", yesterday, {})
    qor.do("admin", "agreement", "draft", str(path))
    check("a draft is no agreement", not qor.held(digest) and qva.draft(digest) is None)
    missing = (qor.draft(digest) or {})["missing"]
    check("the checklist names both opinions, the proposal and four signatures", len(missing) == 7, missing)
    # Order and four eyes.
    qor.refused("legal", "AG-223", "agreement", "propose", digest)
    qor.opinion(digest, "agree")
    qor.refused("one", "AG-501", "agreement", "propose", digest, code=4)
    qor.do("legal", "agreement", "propose", digest)
    check("the proposal reached the other node", (qva.draft(digest) or {}).get("state") == "proposed")
    qor.do("legal", "agreement", "propose", digest, expect=1)
    text = "0" * 16
    qva.do("legal", "agreement", "sign", digest, "--lang", "en", "--read", text, expect=2)
    # The holder's side may not sign before its own officer was heard.
    qva.refused("legal", "AG-223", "agreement", "sign", digest, "--read", qva.to_read(digest))
    qva.opinion(digest, "conditions")
    qor.sign("legal", digest)
    qor.sign("tech", digest, "fr")
    # The asker dies; the holder's people go on, and the news waits.
    qor.kill()
    told = qva.sign("legal", digest, "ru")["told"]
    check("the cut line is told", not told[0]["ok"], told)
    qva.sign("tech", digest)
    check("complete on one side", qva.held(digest))
    qor.start()
    check("the other side says what is missing", len((qor.draft(digest) or {}).get("missing", [])) == 2 or qor.held(digest))
    wait_for("both hold version 1", lambda: qor.held(digest))
    for node in (qor, qva):
        wait_for("live", lambda node=node: node.live(digest))
        check("in force", node.state(digest) == "active")
    return digest


def amend(qor: Node, qva: Node, v1: str) -> str:
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=90)
    path, digest = document((qor, qva), "v2.toml", start, {"version": "2", "replaces": f"sha256:{v1}", "clause.screen-terrorism.quota_per_day": "300000"})
    qva.do("admin", "agreement", "draft", str(path))
    changes = qva.do("legal", "agreement", "changes", digest)
    check("a higher quota is wider", changes["needs_opinions"] is True, changes)
    qva.opinion(digest, "agree")
    qva.do("tech", "agreement", "propose", digest)
    qor.opinion(digest, "object")
    qor.refused("legal", "AG-223", "agreement", "sign", digest, "--read", qor.to_read(digest))
    qor.opinion(digest, "conditions")
    for node in (qor, qva):
        node.sign_both(digest)
    check("both hold version 2", qor.held(digest) and qva.held(digest))
    check("version 1 until version 2 begins", qor.state(v1) == "active" and qor.state(digest) == "signed")
    qva.kill()
    qva.start()
    wait_for("version 2 takes over on both", lambda: all(n.state(digest) == "active" and n.state(v1) == "superseded" for n in (qor, qva)), 180)
    return digest


def stop_and_resume(qor: Node, qva: Node, digest: str) -> None:
    started = time.monotonic()
    qva.do("duty", "agreement", "suspend", digest, "--reason", "security")
    took = time.monotonic() - started
    check("suspended on both", qva.state(digest) == "suspended" and qor.state(digest) == "suspended")
    check("the stop took effect in time", took < 5, took)
    qor.refused("one", "AG-501", "agreement", "suspend", digest, code=4)
    qor.kill()
    qor.start()
    check("a stop survives kill -9", qor.state(digest) == "suspended")
    event = FOLDER / "resume.dsse"
    qva.refused("duty", "AG-503", "agreement", "resume", digest, "--out", str(event), code=4)
    wrote = qva.do("legal", "agreement", "resume", digest, "--out", str(event))
    check("four keys lift it", wrote["needed"] == 4, wrote)
    qva.refused("legal", "AG-501", "agreement", "resume", str(event), code=4)
    for node, role in ((qva, "tech"), (qor, "legal"), (qor, "tech")):
        DEMO.run("--key", str(node.person(role).key), "agreement", "sign-event", str(event), "--out", str(event))
    qva.do("legal", "agreement", "resume", str(event))
    check("in force again on both", qva.state(digest) == "active" and qor.state(digest) == "active")


def terminate(qor: Node, qva: Node, digest: str) -> None:
    event = FOLDER / "notice.dsse"
    qor.do("legal", "agreement", "terminate", digest, "--out", str(event))
    qor.refused("legal", "AG-501", "agreement", "terminate", str(event), code=4)
    DEMO.run("--key", str(qor.person("tech").key), "agreement", "sign-event", str(event), "--out", str(event))
    qva.stop()
    told = qor.do("legal", "agreement", "terminate", str(event))["told"]
    check("the absent peer is named", not told[0]["ok"], told)
    check("over here at once", qor.state(digest) == "terminated")
    qva.start()

    def there() -> bool:
        qva.do("admin", "agreement", "activate", digest, expect=3)  # asks the peer for its status and events
        return qva.state(digest) == "terminated"
    wait_for("over there too", there)


def close(qor: Node, qva: Node, digest: str) -> None:
    for node in (qor, qva):
        proof = FOLDER / f"proof-{node.low}.dsse"
        wrote = node.do("legal", "agreement", "deletion-proof", digest, "--out", str(proof))
        check("two keys prove it", wrote["needed"] == 2, wrote)
        node.refused("legal", "AG-501", "agreement", "deletion-proof", str(proof), code=4)
        DEMO.run("--key", str(node.person("tech").key), "agreement", "sign-event", str(proof), "--out", str(proof))
        check("not closed by one proof", node.state(digest) == "terminated")
        node.do("legal", "agreement", "deletion-proof", str(proof))
    wait_for("closed on both", lambda: qor.state(digest) == qva.state(digest) == "closed")


def rejected(qor: Node, qva: Node) -> None:
    start = datetime.datetime.now(datetime.timezone.utc)
    path, digest = document((qor, qva), "other.toml", start, {"id": "QOR-QVA-2027-009"})
    qor.do("admin", "agreement", "draft", str(path))
    qor.opinion(digest, "agree")
    qor.do("tech", "agreement", "propose", digest)
    qva.do("legal", "agreement", "reject", digest, "--reason", "not-needed")
    check("rejected on both", (qva.draft(digest) or {})["state"] == "rejected" and (qor.draft(digest) or {})["state"] == "rejected")
    qor.refused("legal", "draft-state", "agreement", "sign", digest, "--read", qor.to_read(digest), code=1)


def logs(qor: Node, qva: Node) -> None:
    for node in (qor, qva):
        node.do("admin", "audit", "check")
        for kind in ("agreement.opinion", "agreement.sign", "agreement.active", "policy.change", "suspend.set", "suspend.lift", "agreement.end"):
            shown = json.dumps(node.do("dpo", "audit", "show", "--type", kind))
            check(f"{node.party} has {kind} in its log", kind in shown, shown[:200])


def walk(qor: Node, qva: Node) -> None:
    v1 = first_version(qor, qva)
    v2 = amend(qor, qva, v1)
    stop_and_resume(qor, qva, v2)
    rejected(qor, qva)
    terminate(qor, qva, v2)
    close(qor, qva, v2)
    logs(qor, qva)
    produced.check("tests/integration/agreement_life.py", [node.data / "audit" for node in (qor, qva)], lambda: [node.do("admin", "audit", "tick") for node in (qor, qva)])


if __name__ == "__main__":
    sys.exit(run("agreement life", ("QOR", "QVA"), walk))
