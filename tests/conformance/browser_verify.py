#!/usr/bin/env python3
"""The offline verifier in Chromium: good and tampered bundles, chosen and dropped as a reader would, against what ledger::VerifyBundle says.

    browser_verify.py SAMPLES-PROGRAM VERIFY.HTML

Also: the published digest is that of the page, and the page reaches no network. Skips with one line where Chromium or its driver is missing.
"""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """As much of WebDriver as this test needs."""

    def __init__(self, driver: str, chromium: str, profile: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.process = subprocess.Popen([driver, f"--port={port}", "--allowed-ips=127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{port}"
        self.session = ""
        deadline = time.monotonic() + 30
        while True:
            try:
                self.call("GET", "/status")
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}"]
        options = {"browserName": "chrome", "goog:chromeOptions": {"binary": chromium, "args": flags}}
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": options}})
        self.session = f"/session/{made['sessionId']}"

    def call(self, method: str, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()) from error

    def open(self, url: str) -> None:
        self.call("POST", f"{self.session}/url", {"url": url})

    def find(self, css: str) -> str:
        return self.call("POST", f"{self.session}/element", {"using": "css selector", "value": css})[ELEMENT]

    def type(self, css: str, text: str) -> None:
        self.call("POST", f"{self.session}/element/{self.find(css)}/value", {"text": text})

    def run(self, script: str, *args):
        return self.call("POST", f"{self.session}/execute/sync", {"script": script, "args": list(args)})

    def close(self) -> None:
        if self.session:
            self.call("DELETE", self.session)
        self.process.terminate()
        self.process.wait(timeout=20)


READ = """
const text = (id) => document.getElementById(id).textContent;
const claims = {};
for (const row of document.querySelectorAll('#claims tr')) claims[row.dataset.claim] = row.children[1].textContent;
return {state: document.body.dataset.state ?? '', trouble: text('trouble'), hidden: document.getElementById('report').hidden,
  verdict: text('verdict'), colour: document.getElementById('verdict').className, fault: text('fault'), claims,
  remarks: document.querySelectorAll('#remarks li').length,
  opened: [...document.querySelectorAll('#opened li')].map((e) => e.textContent)};
"""
# A file dropped on a zone, as the browser delivers it.
DROP = """
const [id, name, base64] = arguments;
const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const transfer = new DataTransfer();
transfer.items.add(new File([bytes], name));
document.getElementById(id).dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}));
"""
REACH = """
const url = arguments[0];
new Image().src = url + '/image';
navigator.sendBeacon(url + '/beacon');
fetch(url + '/fetch').catch(() => {});
const script = document.createElement('script');
script.src = url + '/script';
document.head.append(script);
const inline = document.createElement('script');
inline.textContent = 'document.body.dataset.inline = "ran"';
document.head.append(inline);
return document.body.dataset.inline ?? 'refused';
"""


def settled(browser: Browser) -> dict:
    deadline = time.monotonic() + 60
    while True:
        seen = browser.run(READ)
        if seen["state"] == "done":
            return seen
        if time.monotonic() > deadline:
            raise RuntimeError(f"the page does not come to an end: {seen}")
        time.sleep(0.05)


def place_of(case: dict) -> str:
    index = f", entry {case['index']}" if "index" in case else ""
    return f"{case['claim']}: {case['file']}{index}: "


def differences(case: dict, seen: dict) -> list[str]:
    out = []
    if seen["hidden"] or seen["trouble"]:
        return [f"no report: {seen['trouble']}"]
    if seen["verdict"] != case["verdict"]:
        out.append(f"{seen['verdict']} for {case['verdict']} ({seen['fault']})")
    if seen["colour"] != ("good" if case["verdict"].startswith("VERIFIED") else "bad"):
        out.append("another colour")
    if "claim" in case and not seen["fault"].startswith(place_of(case)):
        out.append(f"`{seen['fault']}` for `{place_of(case)}`")
    if "claim" not in case and seen["claims"] != case["claims"]:
        out.append(f"claims {seen['claims']} for {case['claims']}")
    if "claim" in case and seen["claims"].get(case["claim"]) != "FAILS":
        out.append("the claim at fault is not red")
    if "claim" not in case and (seen["remarks"] != case["remarks"] or len(seen["opened"]) != len(case["opened"])):
        out.append("other remarks or opened fields")
    out += [f"`{value}` is not shown" for value, line in zip(case["opened"], seen["opened"]) if not line.endswith(": " + value)]
    return out


def check_case(browser: Browser, page: str, samples: pathlib.Path, case: dict, dropped: bool) -> list[str]:
    browser.open(page)
    bundle = samples / f"{case['name']}.tar"
    browser.type("#officers", (samples / "officer").read_text())
    if case["previous"]:
        browser.type("#previous", str(samples / f"{case['name']}.previous"))
    if dropped:
        for zone, path in (("policy-zone", samples / "policy"), ("bundle-zone", bundle)):
            browser.run(DROP, zone, path.name, base64.b64encode(path.read_bytes()).decode())
    else:
        browser.type("#policy", str(samples / "policy"))
        browser.type("#bundle", str(bundle))
    return differences(case, settled(browser))


def check_network(browser: Browser, page: str) -> list[str]:
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            asked.append(self.path)
            self.send_error(404)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    browser.open(page)
    inline = browser.run(REACH, f"http://127.0.0.1:{server.server_address[1]}")
    time.sleep(1)  # nothing to wait for: the point is that nothing comes
    server.shutdown()
    out = [f"the page reached {path}" for path in asked]
    return out + ([] if inline == "refused" else ["a script that is not the page's ran"])


def main() -> int:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        print("chromium or chromium-driver is missing. Next: scripts/setup")
        return 1
    program, html = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    published = pathlib.Path(f"{html}.sha256").read_text().split()[0]
    wrong = [] if published == hashlib.sha256(html.read_bytes()).hexdigest() else ["the published digest is another"]
    with tempfile.TemporaryDirectory() as folder:
        samples = pathlib.Path(folder) / "samples"
        subprocess.run([program, str(samples)], check=True)
        cases = json.loads((samples / "cases.json").read_text())
        browser = Browser(driver, chromium, folder + "/profile")
        try:
            for number, case in enumerate(cases):
                wrong += [f"{case['name']}: {what}" for what in check_case(browser, html.as_uri(), samples, case, number % 2 == 0)]
            wrong += check_network(browser, html.as_uri())
        finally:
            browser.close()
    for what in wrong:
        print(f"browser: {what}")
    print(f"browser: {len(cases)} bundles, {len(wrong)} differences")
    return 1 if wrong or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
