"""The process: whom it lets in, how it starts, stops and remembers."""

import signal
from datetime import UTC, datetime

import pytest
import requests
import stripe

from tests.demo.sandbox.conftest import client_of
from tests.demo.sandbox.test_checkout import order
from tests.demo.sandbox_process import running_sandbox


@pytest.mark.parametrize("key", ["sk_live_1234567890", "rk_live_1234567890", "pk_test_1", "x"])
def test_only_a_test_key_is_let_in(sandbox, key):
    with pytest.raises(stripe.AuthenticationError):
        client_of(sandbox.url, key).v1.balance.retrieve()


def test_without_a_key_nothing_is_told(sandbox):
    answer = requests.get(f"{sandbox.url}/v1/events", timeout=10)
    assert answer.status_code == 401
    assert "API key" in answer.json()["error"]["message"]


def test_an_unknown_address_is_answered_in_stripes_form(sandbox, client):
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        client.v1.coupons.list()


def test_it_is_well_and_shows_everything_it_holds(sandbox, client):
    made = client.v1.checkout.sessions.create(order())
    assert requests.get(f"{sandbox.url}/_health", timeout=10).json()["status"] == "ok"
    state = sandbox.state()
    assert [row["id"] for row in state["checkout.session"]] == [made.id]
    (asked,) = state["requests"]
    assert (asked["method"], asked["path"]) == ("POST", "/v1/checkout/sessions")
    assert "Authorization" not in asked["headers"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_it_is_told_to(tmp_path, how):
    with running_sandbox(tmp_path) as sandbox:
        sandbox.process.send_signal(how)
        assert sandbox.process.wait(timeout=60) == 0


def test_a_restart_forgets_nothing_not_even_keys(tmp_path):
    key = {"idempotency_key": "inv-1-att-1"}
    with running_sandbox(tmp_path) as sandbox:
        first = client_of(sandbox.url).v1.checkout.sessions.create(order(), key)
        port = int(sandbox.url.rsplit(":", 1)[1])
    with running_sandbox(tmp_path, port=port) as sandbox:
        again = client_of(sandbox.url).v1.checkout.sessions.create(order(), key)
        assert again.id == first.id
        assert sandbox.pay(first.url).location


def test_its_clock_can_be_set(sandbox, client):
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    sandbox.set_clock(noon)
    made = client.v1.checkout.sessions.create(order(expires_at=int(noon.timestamp()) + 3600))
    assert abs(made.created - noon.timestamp()) < 5


def test_its_clock_can_start_elsewhere(tmp_path):
    with running_sandbox(tmp_path, options=["--now", "2026-03-01T12:00:00+00:00"]) as sandbox:
        made = client_of(sandbox.url).v1.payment_intents.create({"amount": 500, "currency": "eur"})
        assert datetime.fromtimestamp(made.created, UTC).date().isoformat() == "2026-03-01"
