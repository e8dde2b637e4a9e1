"""Webhooks: signed, retried, and lost, doubled, late or out of order when that is asked for."""

import json
import time

import pytest
import stripe

from tests.demo.sandbox.conftest import client_of
from tests.demo.sandbox.test_checkout import order
from tests.demo.sandbox.test_hosted_page import PAID_KINDS
from tests.demo.sandbox_process import SECRET, running_sandbox


@pytest.fixture
def pay(sandbox, client):
    def pay_one():
        sandbox.pay(client.v1.checkout.sessions.create(order()).url)
        return sandbox.wait_until_delivered()

    return pay_one


def test_every_event_arrives_in_order_and_signed(pay, receiver, client):
    pay()
    assert receiver.kinds == PAID_KINDS
    body, signature = receiver.taken[-1]
    event = client.construct_event(body, signature, SECRET)
    assert event.data.object.payment_status == "paid"


def test_the_library_accepts_the_signature_of_every_peer(sending_peer, receiver):
    made = sending_peer.client.v1.payment_intents.create({
        "amount": 5000, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True,
        **sending_peer.confirming,
    })  # fmt: skip
    body, signature = receiver.wait_for("payment_intent.succeeded")
    event = sending_peer.client.construct_event(body, signature, SECRET)
    assert event.data.object.id == made.id


def test_an_altered_byte_or_another_secret_does_not_verify(pay, receiver, client):
    pay()
    body, signature = receiver.taken[-1]
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body.replace(b"120900", b"120901"), signature, SECRET)
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body, signature, "whsec_other")


def test_the_signature_carries_the_real_time_whatever_the_sandboxs_clock(
    sandbox, pay, receiver, client
):
    sandbox.advance(-90 * 24 * 3600)
    pay()
    body, signature = receiver.taken[-1]
    assert client.construct_event(body, signature, SECRET).created < time.time() - 80 * 24 * 3600


def test_a_receiver_that_fails_is_asked_again(pay, receiver):
    receiver.answers += [500, 302]
    state = pay()
    assert sorted(receiver.kinds) == sorted([*PAID_KINDS, *PAID_KINDS[:2]])
    assert [row["attempts"] for row in state["deliveries"]] == [2, 2, 1, 1]


def test_a_dropped_webhook_never_comes_but_its_event_is_listed(sandbox, pay, receiver, client):
    sandbox.post_faults(drop=3)
    pay()
    assert receiver.kinds == ["checkout.session.completed"]
    assert len(client.v1.events.list().data) == 4


def test_a_doubled_webhook_comes_twice_with_one_id(sandbox, pay, receiver):
    sandbox.post_faults(duplicate=1)
    pay()
    assert receiver.kinds == [PAID_KINDS[0], *PAID_KINDS]
    assert len({json.loads(body)["id"] for body, _signature in receiver.taken}) == 4


def test_a_delayed_webhook_comes_after_later_ones(sandbox, pay, receiver):
    sandbox.post_faults(delay={"n": 1, "seconds": 0.7})
    pay()
    assert receiver.kinds == [*PAID_KINDS[1:], PAID_KINDS[0]]


def test_reordered_webhooks_come_backwards(sandbox, pay, receiver):
    sandbox.post_faults(reorder=4)
    pay()
    assert receiver.kinds == PAID_KINDS[::-1]


def test_webhooks_under_way_survive_a_kill(receiver, tmp_path):
    with running_sandbox(tmp_path, webhook_url="http://127.0.0.1:9/") as sandbox:
        made = client_of(sandbox.url).v1.checkout.sessions.create(order())
        sandbox.pay(made.url)
        sandbox.process.kill()
        sandbox.process.wait()
    assert not receiver.taken
    with running_sandbox(tmp_path, webhook_url=receiver.url) as sandbox:
        found = client_of(sandbox.url).v1.checkout.sessions.retrieve(made.id)
        assert found.payment_status == "paid"
        sandbox.wait_until_delivered()
        assert sorted(receiver.kinds) == sorted(PAID_KINDS)
