"""A provider that fails, loses answers or hangs, and what idempotency keys save then."""

import threading

import pytest
import requests
import stripe

from tests.demo.sandbox.conftest import client_of
from tests.demo.sandbox.test_checkout import order

KEY = {"idempotency_key": "inv-1-att-1"}


def test_a_short_failure_is_bridged_by_the_clients_retries(sandbox, client):
    sandbox.post_faults(fail=2)
    assert client.v1.checkout.sessions.create(order()).status == "open"
    state = sandbox.state()
    assert [row["status"] for row in state["requests"]] == [500, 500, 200]
    assert len({row["idempotency_key"] for row in state["requests"]}) == 1


def test_a_long_failure_is_an_error_and_leaves_nothing(sandbox):
    sandbox.post_faults(fail=1)
    with pytest.raises(stripe.APIError):
        client_of(sandbox.url, retries=0).v1.checkout.sessions.create(order())
    assert "checkout.session" not in sandbox.state()


def test_a_lost_answer_is_found_again_under_its_key(sandbox, client):
    sandbox.post_faults(lose=1)
    with pytest.raises(stripe.APIError):
        client_of(sandbox.url, retries=0).v1.checkout.sessions.create(order(), KEY)
    (made,) = sandbox.state()["checkout.session"]
    again = client.v1.checkout.sessions.create(order(), KEY)
    assert again.id == made["id"]
    assert again.last_response.headers["Idempotent-Replayed"] == "true"


def test_a_request_that_hangs_is_given_up_but_was_done(sandbox):
    sandbox.post_faults(hang={"n": 1, "seconds": 0.8})
    hasty = client_of(sandbox.url, retries=0, timeout=(60, 0.2))
    with pytest.raises(stripe.APIConnectionError):
        hasty.v1.checkout.sessions.create(order(), KEY)
    (made,) = sandbox.state()["checkout.session"]
    patient = client_of(sandbox.url, retries=9)  # until the first has been answered
    assert patient.v1.checkout.sessions.create(order(), KEY).id == made["id"]


def test_two_requests_under_one_key_at_once_are_a_conflict(sandbox):
    sandbox.post_faults(hang={"n": 1, "seconds": 3})
    slow = threading.Thread(
        target=client_of(sandbox.url).v1.checkout.sessions.create, args=(order(), KEY)
    )
    slow.start()
    sandbox.wait_for(lambda state: state["faults"]["hang"]["n"] == 0)
    with pytest.raises(stripe.APIError) as caught:
        client_of(sandbox.url, retries=0).v1.checkout.sessions.create(order(), KEY)
    slow.join()
    assert caught.value.http_status == 409
    assert caught.value.json_body["error"]["code"] == "idempotency_key_in_use"
    assert len(sandbox.state()["checkout.session"]) == 1


def test_a_hundred_requests_under_one_key_make_one_session(sandbox):
    answers = []

    def ask():
        answers.append(client_of(sandbox.url, retries=9).v1.checkout.sessions.create(order(), KEY))

    threads = [threading.Thread(target=ask) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 100
    assert len({session.id for session in answers}) == 1
    assert len(sandbox.state()["checkout.session"]) == 1


@pytest.mark.parametrize(
    "wrong", [{"flood": 1}, {"drop": -1}, {"drop": True}, {"delay": {"n": 1, "seconds": "x"}}, []]
)
def test_a_fault_that_does_not_exist_is_refused_in_words(sandbox, wrong):
    answer = requests.post(f"{sandbox.url}/_faults", json=wrong, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith((".", "}."))
