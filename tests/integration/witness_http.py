#!/usr/bin/env python3
"""The witness over plain HTTP, between one real node and an independent witness and log in this file: Orsena (QOR) gets its cosignature from a stranger's
witness by HTTP, does not start while that one is away, and cosigns the log of somebody who is no peer.

  python3 tests/integration/witness_http.py BIN_DIR
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import http.server
import json
import struct
import subprocess
import sys
import threading
import time
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from life import DEMO, FOLDER, Node, check, run


def raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def vkey(name: str, kind: int, public: bytes) -> str:
    return f"{name}+{key_id(name, kind, public).hex()}+{base64.b64encode(bytes([kind]) + public).decode()}"


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(root_of(leaves[:k]), root_of(leaves[k:]))


def consistent(old: int, new: int, proof: list[bytes], old_root: bytes, new_root: bytes) -> bool:
    """RFC 9162, 2.1.4.2."""
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof
    path = ([old_root] if old & (old - 1) == 0 else []) + proof
    if not path:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == old_root and sr == new_root and sn == 0


class Witness(http.server.ThreadingHTTPServer):
    """C2SP tlog-witness of one log, written from the specification; nothing of it is shared with the node."""

    def __init__(self, port: int) -> None:
        self.name = "witness.stranger.example/w1"
        self.key = Ed25519PrivateKey.generate()
        self.log_vkey = ""
        self.size, self.root = 0, hashlib.sha256(b"").digest()
        self.statuses: list[int] = []
        super().__init__(("127.0.0.1", port), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def vkey(self) -> str:
        return vkey(self.name, 4, raw(self.key))

    def decide(self, body: str) -> tuple[int, str]:
        head, note = body.split("\n\n", 1)
        lines = head.split("\n")
        old, proof = int(lines[0].removeprefix("old ")), [base64.b64decode(line) for line in lines[1:]]
        text, signatures = note.split("\n\n", 1)
        text += "\n"
        name, ident, key = self.log_vkey.split("+", 2)
        origin, size, root = text.split("\n")[:3]
        if origin != name:
            return 404, "unknown log\n"
        mine = [line.split(" ")[2] for line in signatures.splitlines() if line.split(" ")[1] == name]
        signature = base64.b64decode(mine[0])
        check("the log's line names its key", signature[:4].hex() == ident, signature)
        try:
            Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:]).verify(signature[4:], text.encode())
        except InvalidSignature:
            return 403, "invalid signature\n"
        if old != self.size:
            return 409, f"{self.size}\n"
        if not consistent(old, int(size), proof, self.root, base64.b64decode(root)):
            return 422, "consistency proof\n"
        self.size, self.root = int(size), base64.b64decode(root)
        now = int(time.time())
        signed = self.key.sign(f"cosignature/v1\ntime {now}\n{text}".encode())
        line = key_id(self.name, 4, raw(self.key)) + struct.pack(">Q", now) + signed
        return 200, f"\u2014 {self.name} {base64.b64encode(line).decode()}\n"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Witness

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status, told = self.server.decide(body) if self.path == "/w/add-checkpoint" else (404, "")
        self.server.statuses.append(status)
        self.send_response(status)
        self.send_header("Content-Type", "text/x.tlog.size" if status == 409 else "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(told.encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Log:
    """A log of somebody who is no peer: hashes of leaves, and heads signed in the C2SP form."""

    def __init__(self) -> None:
        self.origin = "log.stranger.example"
        self.key = Ed25519PrivateKey.generate()
        self.leaves = [hashlib.sha256(b"\x00" + bytes([i])).digest() for i in range(8)]

    def vkey(self) -> str:
        return vkey(self.origin, 1, raw(self.key))

    def note(self, size: int, root: bytes | None = None) -> str:
        root = root or root_of(self.leaves[:size])
        text = f"{self.origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        line = key_id(self.origin, 1, raw(self.key)) + self.key.sign(text.encode())
        return f"{text}\n\u2014 {self.origin} {base64.b64encode(line).decode()}\n"

    def body(self, old: int, size: int, proof: list[bytes], root: bytes | None = None) -> str:
        return f"old {old}\n" + "".join(base64.b64encode(h).decode() + "\n" for h in proof) + "\n" + self.note(size, root)


def talk(port: int, method: str, path: str, body: str = "") -> tuple[int, str, str]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request(method, path, body.encode() if method == "POST" else None)
    answer = line.getresponse()
    told = answer.status, answer.headers["Content-Type"], answer.read().decode()
    line.close()
    return told


def set_up(node: Node, more: str) -> None:
    config = node.data / "node.toml"
    config.write_text(config.read_text() + more)


def is_cosigned(text: str, told: str, name: str, public: Ed25519PublicKey) -> None:
    dash, who, line = told.rstrip("\n").split(" ")
    blob = base64.b64decode(line)
    check("the line is of the witness", dash == "\u2014" and who == name and told.count("\n") == 1, told)
    check("its time is now", abs(struct.unpack(">Q", blob[4:12])[0] - time.time()) < 600)
    public.verify(blob[12:], f"cosignature/v1\ntime {struct.unpack('>Q', blob[4:12])[0]}\n{text}".encode())


def witness_key(node: Node) -> Ed25519PublicKey:
    """As the node's card says it: 32 bytes after the name."""
    body = bytes.fromhex(node.card.with_suffix(".card-body").read_text().strip())
    name = b"witness.piu.orsena.example/w1"
    at = body.index(name) + len(name)
    return Ed25519PublicKey.from_public_bytes(body[at : at + 32])


def our_log_by_http(node: Node) -> None:
    port = DEMO.free_port()
    witness = Witness(port)
    log = next(line.split()[1] for line in node.do("dpo", "audit", "policy")["policy"].splitlines() if line.startswith("log "))
    witness.log_vkey = log
    node.stop()
    policy = node.data / "witness.policy"
    policy.write_text(f"log {log}\nwitness stranger {witness.vkey()} http://127.0.0.1:{port}/w\nquorum stranger\n")
    node.start()
    told = node.do("admin", "audit", "tick")
    check("the stranger cosigned our head by HTTP", told["witnessed"] and told["witnesses"][0]["size"] == told["size"] > 0, told)
    before = witness.size
    told = node.do("admin", "audit", "tick")
    check("and the next one, with a proof", witness.size > before and told["witnessed"], told)

    # It lost what it recorded: 409 with 0, and once more from there.
    witness.size, witness.root = 0, hashlib.sha256(b"").digest()
    witness.statuses.clear()
    told = node.do("admin", "audit", "tick")
    check("409 is answered by one more try", 409 in witness.statuses and witness.statuses[-1] == 200 and told["witnessed"], (witness.statuses, told))

    # It does not know this log any more.
    witness.log_vkey = log.replace("audit.", "other.", 1)
    told = node.do("admin", "audit", "tick", expect=1)
    check("a refusal is told", told["reason"] == "witness-refused", told)
    refused = node.do("dpo", "audit", "show", "--type", "witness.refuse")["entries"]
    check("and is an entry", any(entry["leaf"]["data"]["status"] == 404 and entry["leaf"]["data"]["witness"] == "stranger" for entry in refused), refused)
    witness.log_vkey = log

    # A start asks it too, and does without nobody.
    node.stop()
    witness.statuses.clear()
    node.start()
    check("a start asked by HTTP", witness.statuses[:1] == [200], witness.statuses)
    node.stop()
    witness.shutdown()
    witness.server_close()
    # It waits 20 s for an answer, and may be slow to begin.
    told = subprocess.run([str(DEMO.BIN / "entented"), "--data", str(node.data)], capture_output=True, text=True, timeout=180)
    check("no start without the only witness", told.returncode == 1 and "log-unwitnessed" in told.stderr, told)
    policy.unlink()


def a_foreign_log_by_http(node: Node) -> None:
    port, log = DEMO.free_port(), Log()
    set_up(node, f"witness_listen = '127.0.0.1:{port}'\nwitness_logs = ['{log.vkey()}']\n")
    node.start()
    public = witness_key(node)
    add = "/audit/witness/add-checkpoint"
    status, kind, told = talk(port, "POST", add, log.body(0, 1, []))
    check("the first head is cosigned", status == 200, (status, told))
    check("as text", kind == "text/plain; charset=utf-8", kind)
    told_key = node.do("dpo", "audit", "policy")["witness"]
    check("the node says its key as the card does", told_key == vkey("witness.piu.orsena.example/w1", 4, public.public_bytes_raw()), told_key)
    is_cosigned(log.note(1).split("\n\n")[0] + "\n", told, "witness.piu.orsena.example/w1", public)
    proof = [log.leaves[1], node_hash(log.leaves[2], log.leaves[3])]
    status, _, told = talk(port, "POST", add, log.body(1, 4, proof))
    check("the next one is, with a proof", status == 200, (status, told))
    path = f"/audit/witness/{hashlib.sha256(log.origin.encode()).hexdigest()}/checkpoint"
    check("anybody may read the last note", talk(port, "GET", path) == (200, "text/plain; charset=utf-8", log.note(4)))
    check("an old size is told the recorded one", talk(port, "POST", add, log.body(1, 4, proof)) == (409, "text/x.tlog.size", "4\n"))
    check("a head that its key did not sign is refused", talk(port, "POST", add, Log().body(0, 1, []))[0] == 403)
    stranger = Log()
    stranger.origin = "other.stranger.example"
    check("and so is another name", talk(port, "POST", add, stranger.body(0, 1, []))[0] == 404)
    check("a second history is refused", talk(port, "POST", add, log.body(4, 4, [], hashlib.sha256(b"x").digest()))[0] == 422)
    last = [root_of(log.leaves[4:8])]
    check("and ends it for that log", talk(port, "POST", add, log.body(4, 8, last))[0] == 403)
    check("there is nothing else at that door", talk(port, "GET", "/")[0] == 404)
    node.stop()


def walk(node: Node) -> None:
    our_log_by_http(node)
    a_foreign_log_by_http(node)


if __name__ == "__main__":
    sys.exit(run("witness by http", ("QOR",), walk))
