"""kill -9 in the middle of 200 joins and payments: nothing is lost, nothing doubled."""

import os
import random
import re
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from sqlalchemy import create_engine, text

from portal.demo.running import free_port
from tests.demo.sandbox_process import SECRET, running_sandbox
from tests.founded import lay
from tests.running import PORTAL

JOINS = PAYMENTS = 100
KILLS = 6


@pytest.fixture(autouse=True)
def empty_tables():
    """This proof has a portal of its own."""


class Parts:
    """Web and worker, each started again as soon as it was killed."""

    def __init__(self, env):
        self.env, self.running, self.lock = env, {}, threading.Lock()

    def start(self, verb):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen([PORTAL, verb], env=self.env, start_new_session=True, **quiet)
        self.running[verb] = process

    def kill(self, verb):
        with self.lock:
            os.killpg(self.running[verb].pid, signal.SIGKILL)
            self.running[verb].wait()
            self.start(verb)

    def stop(self):
        for process in self.running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


class Visitor:
    """Somebody with a browser who tries again when the line breaks."""

    def __init__(self, url):
        self.url, self.session = url, requests.Session()

    def get(self, path):
        for _ in range(1200):
            try:
                answer = self.session.get(self._at(path), timeout=20)
                if answer.status_code < 500:
                    return answer
            except requests.RequestException:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{path} never answered")

    def _at(self, path):
        return path if path.startswith("http") else self.url + path

    def post(self, page, path=None, **facts):
        """The redirect, or None when no acknowledgement came."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).text)[1]
        facts["csrf_token"] = token
        try:
            answer = self.session.post(
                self._at(path or page), facts, timeout=20, allow_redirects=False
            )
        except requests.RequestException:
            return None
        return answer.headers["Location"] if answer.status_code == 303 else None

    def until(self, act):
        for _ in range(40):
            found = act()
            if found:
                return found
        raise AssertionError("never acknowledged")


def join(url, number):
    """The reference of an application whose sending was acknowledged."""
    one = Visitor(url)
    start = "/join/start?kind=provider_front&metric_full_time_equivalents=60&country=PH"
    tries = iter(range(100))
    there = one.until(
        lambda: one.post(start, applicant="Rosa", email=f"a{number}.{next(tries)}@kill.example")
    )
    base = there.rsplit("/", 1)[0]
    firm = {"name": f"Firm {number}", "registration_no": f"K{number}", "address": "1 Road"}
    one.until(lambda: one.post(f"{base}/firm", **firm))
    one.until(lambda: one.post(f"{base}/contacts", title="Director", phone="+639175550101"))
    declared = {
        "metric_full_time_equivalents": "60",
        "owner": "Its founders",
        "signed": "y",
        "accepts": "y",
    }
    one.until(lambda: one.post(f"{base}/declaration", **declared))
    one.until(lambda: "with us" in one.get(base).text or one.post(f"{base}/check"))
    return re.search(r"AP-[A-Z0-9]{8}", one.get(base).text)[0]


def register_and_pay(url, event, sandbox, number):
    """The token of an order that was acknowledged, and whose money Stripe has taken."""
    one, tries = Visitor(url), iter(range(100))

    def ask():
        email = f"p{number}.{next(tries)}@kill.example"
        facts = {"people-0-name": "Pat", "people-0-email": email, "buyer_name": "Pat"}
        facts |= {"buyer_email": email, "firm_name": "Kill Ltd", "billing_address": "1 Road"}
        facts |= {"country": "PH"}
        return one.post(f"/events/{event}/register", **facts)

    order = one.until(ask)
    pay_page = re.search(r'href="([^"]*/pay/[^"]+)"', one.get(order).text)[1]
    action = re.search(r'action="([^"]+/pay)"', one.get(pay_page).text)
    hosted = one.until(lambda: one.post(pay_page, action[1] if action else pay_page))
    assert sandbox.pay(hosted).location
    return order.rsplit("/", 1)[1]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(tmp_path, kept_demo, database_url):
    port = free_port()
    is_sqlite = database_url.startswith("sqlite")
    address = "" if is_sqlite else os.environ["TEST_DATABASE_URL"].split()[-1]
    env = os.environ | {"DEMO": "1", "PORT": str(port), "PORTAL_DATA": str(tmp_path)}
    env |= {"SITE_URL": f"http://127.0.0.1:{port}", "DATABASE_URL": address}
    env |= {"STRIPE_KEY": "sk_test_kill", "STRIPE_WEBHOOK_SECRET": SECRET}
    env |= {"SMTP_URL": "smtp://127.0.0.1:9"}  # nobody listens: mail must not hold anything up
    hook = f"http://127.0.0.1:{port}/webhooks/stripe"
    with running_sandbox(tmp_path / "stripe", webhook_url=hook, webhook_secret=SECRET) as sandbox:
        env["STRIPE_URL"] = sandbox.url
        lay(kept_demo, tmp_path, address)
        engine = create_engine(address or f"sqlite:///{tmp_path}/portal.db")
        parts = Parts(env)
        try:
            for verb in ("serve", "worker"):
                parts.start(verb)
            references, orders = _storm(parts, f"http://127.0.0.1:{port}", engine, sandbox)
            _wait_until_booked(engine, orders)
            parts.stop()
            _check(engine, env, references, orders, sandbox)
        finally:
            parts.stop()
            engine.dispose()


def _storm(parts, url, engine, sandbox):
    with engine.connect() as connection:
        find = "SELECT id FROM events WHERE title LIKE 'Annual meeting%' ORDER BY starts_at DESC"
        event = connection.execute(text(find)).scalar()
    over = threading.Event()

    def killer():
        chance = random.Random(7)
        for number in range(KILLS):
            if over.wait(chance.uniform(2.0, 4.0)):
                return
            parts.kill(("serve", "worker")[number % 2])

    threading.Thread(target=killer, daemon=True).start()
    with ThreadPoolExecutor(8) as pool:
        joins = [pool.submit(join, url, n) for n in range(JOINS)]
        paid = [pool.submit(register_and_pay, url, event, sandbox, n) for n in range(PAYMENTS)]
        found = [one.result() for one in joins], [one.result() for one in paid]
    over.set()
    return found


STATES = (
    "SELECT o.token, count(*), min(r.status) FROM event_orders o "
    "JOIN registrations r ON r.order_id = o.id GROUP BY o.token"
)


def _wait_until_booked(engine, orders, seconds=300):
    """The worker books what the webhooks told it, and what the killed ones left behind."""
    for _ in range(seconds):
        with engine.connect() as connection:
            states = {token: state for token, _n, state in connection.execute(text(STATES))}
        if all(states.get(token) == "confirmed" for token in orders):
            return
        time.sleep(1)
    missing = [token for token in orders if states.get(token) != "confirmed"]
    raise AssertionError(f"{len(missing)} paid orders are not confirmed")


def _check(engine, env, references, orders, sandbox):
    assert len(set(references)) == JOINS
    assert len(set(orders)) == PAYMENTS
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT reference, status FROM applications")).all()
        assert {r for r, status in kept if status == "submitted"} >= set(references)
        counts = {token: n for token, n, _ in connection.execute(text(STATES))}
        assert all(counts[token] == 1 for token in orders)
        intents = connection.execute(
            text("SELECT external_id FROM payments WHERE external_id IS NOT NULL")
        )
        booked = [row[0] for row in intents if row[0].startswith("pi_")]
        if engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    taken = [
        one["id"] for one in sandbox.state()["payment_intent"] if one["status"] == "succeeded"
    ]
    assert sorted(booked) == sorted(taken)
    for verb in ("verify-ledger", "check-audit"):
        done = subprocess.run([PORTAL, verb], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
