"""What surrounds the portal for a year: its web server, Stripe and a mail server that fail."""

import hashlib
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from aiosmtpd.controller import Controller
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.core import clock
from portal.core.links import settings as settings_of
from portal.demo.seed.bank import Movement

STRIPE_FAULTS: tuple[dict[str, Any], ...] = (
    {"drop": 2}, {"duplicate": 3}, {"reorder": 2}, {"fail": 1}, {"lose": 1},
    {"delay": {"n": 1, "seconds": 0.5}},
)  # fmt: skip
REFUSED = ("451 Try again later", "421 Closing for a while", "452 No room just now")
JSON = {"Accept": "application/json"}
PAYS, DECLINES, ASKS = "4242424242424242", "4000000000000002", "4000002500003155"
IS_DISPUTED, FAILS_LATER = "4000000000000259", "4000000000000341"


class Sandbox:
    """The Stripe sandbox as a process, its levers, and its hosted page as a payer uses it."""

    def __init__(self, url: str) -> None:
        self.url, self.wire = url, requests.Session()

    def set_clock(self, instant: datetime) -> None:
        self.wire.post(f"{self.url}/_clock", json={"now": instant.timestamp()}, timeout=10)

    def order(self, wanted: dict[str, Any]) -> None:
        self.wire.post(f"{self.url}/_faults", json=wanted, timeout=10)

    def pay(self, page: str, card: str) -> None:
        """Fill in the hosted page and press Pay; when the bank asks, say yes."""
        fields = {"card_number": card, "expiry": "12/40", "cvc": "123"}
        answer = self.wire.post(page, data=fields, allow_redirects=False, timeout=30)
        asked = answer.headers.get("Location", "")
        if "/c/auth/" in asked:
            self.wire.post(
                urljoin(page, asked), data={"answer": "authorise"}, allow_redirects=False,
                timeout=30,
            )  # fmt: skip

    def dashboard(self, path: str, asked: Mapping[str, str | int]) -> bool:
        """Do something where the treasurer is signed in at Stripe; False when it is refused."""
        key = {"Authorization": f"Bearer {settings_of().stripe_key}"}
        answer = self.wire.post(f"{self.url}/v1/{path}", data=asked, headers=key, timeout=30)
        return answer.ok

    def pay_out(self) -> list[dict[str, Any]]:
        """All that lies there goes to the bank: one payout for each currency."""
        answer = self.wire.post(f"{self.url}/_payouts", headers=JSON, timeout=30)
        return list(answer.json()["data"]) if answer.ok else []

    def wait_until_delivered(self, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            state = self.wire.get(f"{self.url}/_state", timeout=10).json()
            if all(row["state"] != "pending" for row in state["deliveries"]):
                return
            time.sleep(0.05)


class MoodyServer:
    """A mail server that refuses now and then before it takes a mail, never after."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.refuses = rng, True
        self.message_ids: Counter[str] = Counter()
        self.letters: Counter[str] = Counter()  # the same words twice on a day are twice too
        self.refused = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuses and self.rng.random() < 0.08:
            self.refused += 1
            return self.rng.choice(REFUSED)
        message = message_from_bytes(envelope.original_content, policy=default)
        self.message_ids[str(message["Message-ID"])] += 1
        text = message.get_body(("plain",))
        words = f"{message['To']} {message['Subject']} {text.get_content() if text else ''}"
        letter = hashlib.sha256(words.encode()).hexdigest()[:12]
        self.letters[f"{message['To']}: {message['Subject']} ({clock.today()}, {letter})"] += 1
        return "250 Kept"


@dataclass
class Surroundings:
    sandbox: Sandbox
    mail: MoodyServer
    rng: random.Random
    ordered: Counter[str] = field(default_factory=Counter)
    on_their_way: list[Movement] = field(default_factory=list)  # not yet on a statement

    def trouble(self) -> None:
        """Every few days something of Stripe's goes wrong."""
        if self.rng.random() < 0.3:
            wanted = self.rng.choice(STRIPE_FAULTS)
            self.sandbox.order(wanted)
            self.ordered.update(list(wanted))

    def mend(self) -> None:
        self.mail.refuses = False
        self.sandbox.order(dict.fromkeys(("drop", "duplicate", "reorder", "fail", "lose"), 0))


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


@contextmanager
def surroundings(app: Flask, folder: Path, rng: random.Random) -> Iterator[Surroundings]:
    """Everything in this process, but for the sandbox, so that one clock serves all of it."""
    settings = settings_of()
    stripe, post = urlsplit(settings.stripe_url), urlsplit(settings.smtp_url)
    moody = MoodyServer(random.Random(rng.random()))  # noqa: S311
    mail = Controller(moody, hostname=post.hostname or "", port=post.port or 25)
    web = make_server(settings.host, settings.port, app, threaded=True, request_handler=Quiet)
    hook = f"http://{settings.host}:{settings.port}/webhooks/stripe"
    command = [
        sys.executable, "-m", "portal.demo.sandbox", "--host", str(stripe.hostname),
        "--port", str(stripe.port), "--data", str(folder / "stripe"), "--webhook-url", hook,
        "--webhook-secret", settings.stripe_webhook_secrets[0], "--retry-seconds", "0.2",
    ]  # fmt: skip
    mail.start()
    threading.Thread(target=web.serve_forever, daemon=True).start()
    process = subprocess.Popen(command)  # noqa: S603 - our own command
    sandbox = Sandbox(settings.stripe_url)
    try:
        _wait_for(f"{sandbox.url}/_health")
        yield Surroundings(sandbox, moody, rng)
    finally:
        process.terminate()
        process.wait(15)
        web.shutdown()
        mail.stop()


def _wait_for(url: str, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            requests.get(url, timeout=2)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing answers at {url}")
