"""The local Stripe sandbox as a real process, with the levers and the payer that tests need."""

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import requests

from portal.demo.running import free_port

ROOT = Path(__file__).parents[2]
PAYS = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
ASKS = "4000 0025 0000 3155"
ASKS_AGAIN = "4000 0027 6000 3184"  # for every later charge too
FAILS_LATER = "4000 0000 0000 0341"  # it can be saved, and is declined when it is charged
FOREIGN = "4000 0082 6000 0000"  # its payer is shown, and pays, pounds
DISPUTED = "4000 0000 0000 0259"
SECRET = "whsec_sandbox"
STARTS_WITHIN = 60


class Alert(HTMLParser):
    """The words in the page's alert, if it has one."""

    def __init__(self, page):
        super().__init__()
        self.words, self._depth = [], 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if self._depth or ("role", "alert") in attrs:
            self._depth += 1

    def handle_endtag(self, _tag):
        self._depth = max(0, self._depth - 1)

    def handle_data(self, data):
        if self._depth:
            self.words.append(data.strip())


@dataclass
class Paid:
    """How a press on Pay ended: `location` where the payer was sent, or `error`, what was said."""

    status: int
    location: str | None
    error: str | None


class SandboxProcess:
    def __init__(self, process, url):
        self.process = process
        self.url = url
        self.wire = requests.Session()
        self.wire.trust_env = False

    def post_faults(self, **faults):
        return self._told(self.wire.post(f"{self.url}/_faults", json=faults, timeout=60))

    def state(self):
        return self._told(self.wire.get(f"{self.url}/_state", timeout=60))

    def forget(self):
        """Everything gone: objects, kept answers, webhooks under way, faults, clock."""
        return self._told(self.wire.delete(f"{self.url}/_state", timeout=60))

    def advance(self, seconds):
        return self._told(
            self.wire.post(f"{self.url}/_clock", json={"advance": seconds}, timeout=60)
        )

    def pay_out(self):
        """Everything that is available; the payouts, one for each currency."""
        return self._told(self.wire.post(f"{self.url}/_payouts", timeout=60))["data"]

    def fail_payout(self, payout_id):
        return self._told(self.wire.post(f"{self.url}/_payouts/{payout_id}/fail", timeout=60))

    def set_clock(self, instant: datetime):
        """Let its clock run on from `instant`, as when a test has moved the portal's."""
        moved = {"now": instant.timestamp()}
        return self._told(self.wire.post(f"{self.url}/_clock", json=moved, timeout=60))

    def pay(self, session_url, card=PAYS, *, authorise=True, expiry="12/40", cvc="123"):
        """Fill in the hosted page and press Pay; answer the bank too when it asks."""
        fields = {"card_number": card, "expiry": expiry, "cvc": cvc}
        answer = self._press(session_url, fields)
        if answer.status_code == 303 and "/c/auth/" in answer.headers["Location"]:
            asks = urljoin(session_url, answer.headers["Location"])
            answer = self._press(asks, {"answer": "authorise" if authorise else "fail"})
        location = answer.headers.get("Location")
        if location and location.startswith("/c/pay/"):
            answer = self.wire.get(urljoin(session_url, location), timeout=60)
            location = None
        error = None if location else " ".join(filter(None, Alert(answer.text).words))
        return Paid(answer.status_code, location, error)

    def wait_for(self, is_true, seconds=60):
        """Its state, as soon as `is_true(state)` holds."""
        until = time.monotonic() + seconds
        while not is_true(state := self.state()):
            assert time.monotonic() < until, json.dumps(state, indent=1)[:4000]
            time.sleep(0.03)
        return state

    def wait_until_delivered(self, seconds=60):
        return self.wait_for(
            lambda state: all(row["state"] != "pending" for row in state["deliveries"]), seconds
        )

    def _press(self, url, fields):
        return self.wire.post(url, data=fields, allow_redirects=False, timeout=60)

    @staticmethod
    def _told(answer):
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def running_sandbox(
    data_dir, *, webhook_url="", webhook_secret=SECRET, port=None, retry_seconds=0.2, options=()
):
    """Start it on `port` (or a free one), hand it over when it answers, and stop it at the end."""
    port = port or free_port()
    command = [
        sys.executable, "-m", "portal.demo.sandbox", "--port", str(port), "--data", str(data_dir),
        "--webhook-secret", webhook_secret, "--webhook-url", webhook_url,
        "--retry-seconds", str(retry_seconds), *options,
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    sandbox = SandboxProcess(process, f"http://127.0.0.1:{port}")
    try:
        wait_until_it_answers(process, f"{sandbox.url}/_health")
        yield sandbox
    finally:
        sandbox.wire.close()
        stop(process)


def wait_until_it_answers(process, url):
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            requests.get(url, timeout=60)
        except requests.ConnectionError:
            assert process.poll() is None, f"it ended with {process.returncode}"
            assert time.monotonic() < until, f"nothing answers at {url}"
            time.sleep(0.02)
        else:
            return


def stop(process):
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
