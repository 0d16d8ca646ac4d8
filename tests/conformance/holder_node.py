"""A real node as the holder: the two programs, run as a person would. Nothing here knows a format that crosses."""

from __future__ import annotations

import json
import pathlib
import signal
import socket
import subprocess
import time
from typing import Any


class Failed(Exception):
    pass


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class HolderNode:
    def __init__(self, bin_folder: pathlib.Path, folder: pathlib.Path, party: str) -> None:
        self._bin, self._folder, self.party = bin_folder, folder, party
        self.address = f"127.0.0.1:{free_port()}"
        self.data = folder / party.lower()
        self._passphrase = folder / "passphrase"
        self._passphrase.touch(mode=0o600)
        self._passphrase.write_text("for invented people only\n")
        self._process: subprocess.Popen[bytes] | None = None

    def entente(self, *words: str) -> dict[str, Any]:
        done = subprocess.run([str(self._bin / "entente"), "--json", *words, "--passphrase-file", str(self._passphrase)],
                              capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise Failed(f"entente {' '.join(words)}: exit {done.returncode}: {done.stdout}{done.stderr}")
        value: dict[str, Any] = json.loads(done.stdout) if done.stdout.strip() else {}
        return value

    def _key(self, person: str) -> str:
        return str(self._folder / f"{person}.key")

    def do(self, person: str, *words: str) -> dict[str, Any]:
        return self.entente("--node", str(self.data), "--key", self._key(person), *words)

    def make(self, name: str, dns: str) -> None:
        public = {person: self.entente("person", "new", f"{self.party.lower()}-{person}", "--out", self._key(person)) for person in ("admin", "dpo", "one", "two")}
        subprocess.run([str(self._bin / "entente"), "init", "--data", str(self.data), "--party", self.party, "--name", name, "--dns", dns,
                        "--listen", self.address, "--administrator", self._key("admin"), "--dpo", self._key("dpo")],
                       check=True, stdout=subprocess.DEVNULL, timeout=60)
        self.start()
        for person in ("one", "two"):
            ident = f"{self.party.lower()}-{person}"
            self.do("admin", "person", "add", "--id", ident, "--name", ident, "--role", "officer", "--public-key", public[person]["public_key"])
            self.do("dpo", "person", "confirm", ident)

    def start(self) -> None:
        with open(self._folder / "node.log", "ab") as log:
            self._process = subprocess.Popen([str(self._bin / "entented"), "--data", str(self.data)], stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise Failed("the node ended: " + (self._folder / "node.log").read_text()[-2000:])
            if (self.data / "run/admin.sock").exists():
                try:
                    self.do("admin", "status")
                    return
                except Failed:
                    pass
            time.sleep(0.1)
        raise Failed("the node did not come up")

    def stop(self) -> None:
        """Ends the process that start() made, by its id."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(timeout=5)
        self._process = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None
