"""Peers that speak Stripe, a client for them, and a receiver of webhooks: all real processes."""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
import stripe

from portal.demo.running import free_port
from tests.demo.sandbox_process import SECRET, running_sandbox, stop, wait_until_it_answers

RETURN_URL = "https://portal.example/back"


@pytest.fixture(scope="session")
def app():
    """These tests need no portal: the sandbox is a process of its own."""


@pytest.fixture(autouse=True)
def empty_tables():
    """No tables either."""


def client_of(url, key="sk_test_contract", retries=2, timeout=(3, 20)):
    """The client as the portal makes it."""
    return stripe.StripeClient(
        key,
        base_addresses={"api": url},
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=timeout),
    )


class Receiver(ThreadingHTTPServer):
    """Takes webhooks: keeps every one, answers what `answers` says next, else 200."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken, self.answers = [], []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/webhooks/stripe"

    def wait_for(self, kind, seconds=60):
        """The body and the signature of the first webhook of this kind."""
        until = time.monotonic() + seconds
        while kind not in self.kinds:
            assert time.monotonic() < until, self.kinds
            time.sleep(0.03)
        return self.taken[self.kinds.index(kind)]

    @property
    def kinds(self):
        return [json.loads(body)["type"] for body, _signature in self.taken]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((body, self.headers["Stripe-Signature"]))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words):
        return


@pytest.fixture(scope="session")
def running_receiver():
    with Receiver() as receiver:
        threading.Thread(target=receiver.serve_forever, args=(0.05,), daemon=True).start()
        yield receiver
        receiver.shutdown()


@pytest.fixture
def receiver(running_receiver):
    running_receiver.taken.clear()
    running_receiver.answers.clear()
    return running_receiver


@pytest.fixture(scope="session")
def running(tmp_path_factory, running_receiver):
    folder = tmp_path_factory.mktemp("sandbox")
    with running_sandbox(folder, webhook_url=running_receiver.url) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running, receiver):
    running.forget()
    return running


@pytest.fixture
def client(sandbox):
    return client_of(sandbox.url)


@contextmanager
def running_localstripe(folder):
    port = free_port()
    program = Path(sys.executable).parent / "localstripe"
    process = subprocess.Popen(
        [program, "--port", str(port), "--from-scratch"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_it_answers(process, f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


@dataclass
class Peer:
    """Somebody who claims to speak Stripe, and what must be added when a card is confirmed."""

    name: str
    client: stripe.StripeClient
    confirming: dict = field(default_factory=dict)

    def asking_card(self):
        """A payment method that needs authentication; localstripe knows no token for it."""
        if self.name != "localstripe":
            return "pm_card_authenticationRequired"
        card = {"number": "4000002500003155", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
        return self.client.v1.payment_methods.create({"type": "card", "card": card}).id


@pytest.fixture(scope="session")
def localstripe(tmp_path_factory):
    with running_localstripe(tmp_path_factory.mktemp("localstripe")) as url:
        yield url


PEERS = ["sandbox", "localstripe"]
CHECKOUT_PEERS = ["sandbox"]  # localstripe has no Checkout, idempotency or refund limits
if os.environ.get("STRIPE_TEST_KEY"):
    PEERS.append("stripe")
    CHECKOUT_PEERS.append("stripe")


def make_peer(name, request):
    if name == "stripe":
        key = os.environ["STRIPE_TEST_KEY"]
        assert key.startswith(("sk_test_", "rk_test_")), "STRIPE_TEST_KEY must be a test key"
        there = client_of("https://api.stripe.com", key)
        return Peer(name, there, {"return_url": RETURN_URL})
    if name == "localstripe":
        return Peer(name, client_of(request.getfixturevalue("localstripe")))
    sandbox = request.getfixturevalue("sandbox")
    return Peer(name, client_of(sandbox.url), {"return_url": RETURN_URL})


@pytest.fixture(params=PEERS)
def peer(request):
    """Each peer in turn: what holds of one must hold of all."""
    return make_peer(request.param, request)


@pytest.fixture(params=["sandbox", "localstripe"])
def sending_peer(request, receiver):
    """The peers that can reach our receiver with a webhook."""
    peer = make_peer(request.param, request)
    if peer.name == "localstripe":
        hook = f"{request.getfixturevalue('localstripe')}/_config/webhooks/contract"
        asked = {"url": receiver.url, "secret": SECRET}
        requests.post(hook, json=asked, timeout=10).raise_for_status()
    return peer


@pytest.fixture(params=CHECKOUT_PEERS)
def checkout_peer(request):
    """The peers that have Checkout, idempotency keys and limits."""
    return make_peer(request.param, request)
