"""A card that is saved on the hosted page, and charged later without the payer."""

import pytest
import stripe

from tests.demo.sandbox.test_checkout import order
from tests.demo.sandbox_process import ASKS, ASKS_AGAIN, DECLINED, FAILS_LATER, PAYS

EXPANDED = {"expand": ["setup_intent.payment_method"]}


def setup(**more):
    return {
        "mode": "setup", "currency": "eur", "success_url": "https://portal.example/back",
        "cancel_url": "https://portal.example/left", "customer_creation": "always",
        "customer_email": "dues@firm.example", "client_reference_id": "7",
        "setup_intent_data": {"metadata": {"mandate": "7"}}, **more,
    }  # fmt: skip


@pytest.fixture
def saved(sandbox, client):
    """Save a card on a new page; the session as it then is."""

    def save(card, **how):
        made = client.v1.checkout.sessions.create(setup(**how.pop("asked", {})))
        sandbox.pay(made.url, card, **how)
        return client.v1.checkout.sessions.retrieve(made.id, EXPANDED)

    return save


def charge(client, session, **more):
    method = session.setup_intent.payment_method
    return client.v1.payment_intents.create({
        "amount": 5000, "currency": "eur", "customer": session.customer,
        "payment_method": method.id, "off_session": True, "confirm": True, **more,
    })  # fmt: skip


def test_a_saved_card_has_a_customer_and_charges_nothing(client, saved):
    session = saved(PAYS, expiry="11/31")
    assert (session.status, session.payment_status) == ("complete", "no_payment_required")
    card = session.setup_intent.payment_method.card
    assert (card.brand, card.last4, card.exp_month, card.exp_year) == ("visa", "4242", 11, 2031)
    assert session.customer.startswith("cus_")
    assert session.setup_intent.metadata.to_dict() == {"mandate": "7"}
    assert client.v1.charges.list().data == []


def test_a_saved_card_pays_while_its_payer_is_away(client, saved):
    session = saved(PAYS)
    made = charge(client, session)
    assert (made.status, made.customer) == ("succeeded", session.customer)
    assert made.payment_method == session.setup_intent.payment_method.id


def test_a_card_that_asked_when_it_was_saved_asks_no_more(client, saved):
    assert charge(client, saved(ASKS)).status == "succeeded"


def test_a_card_that_asks_every_time_needs_its_payer(client, saved):
    session = saved(ASKS_AGAIN)
    with pytest.raises(stripe.CardError) as caught:
        charge(client, session)
    assert caught.value.code == "authentication_required"
    intent = caught.value.error.payment_intent
    assert intent.status == "requires_payment_method"


def test_a_card_can_be_saved_and_decline_later(client, saved):
    session = saved(FAILS_LATER)
    with pytest.raises(stripe.CardError) as caught:
        charge(client, session)
    assert caught.value.code == "card_declined"


@pytest.mark.parametrize(("card", "how"), [(DECLINED, {}), (ASKS, {"authorise": False})])
def test_what_the_bank_refuses_is_not_saved(saved, card, how):
    session = saved(card, **how)
    assert session.status == "open"
    assert session.setup_intent.status == "requires_payment_method"
    assert session.setup_intent.payment_method is None


def test_a_paid_checkout_may_keep_its_card(sandbox, client):
    about = {"setup_future_usage": "off_session"}
    made = client.v1.checkout.sessions.create(
        order(payment_intent_data=about, customer_creation="always")
    )
    sandbox.pay(made.url)
    found = client.v1.checkout.sessions.retrieve(
        made.id, {"expand": ["payment_intent.payment_method"]}
    )
    method = found.payment_intent.payment_method
    assert found.customer == found.payment_intent.customer == method.customer


def test_a_card_of_another_customer_and_a_detached_one_are_refused(client, saved):
    session = saved(PAYS)
    with pytest.raises(stripe.InvalidRequestError, match="cannot be used"):
        charge(client, session, customer=saved(PAYS).customer)
    client.v1.payment_methods.detach(session.setup_intent.payment_method.id)
    with pytest.raises(stripe.InvalidRequestError, match="cannot be used"):
        charge(client, session)
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        client.v1.payment_methods.detach(session.setup_intent.payment_method.id)


def test_saving_takes_a_customer_that_exists_instead(client, saved):
    customer = client.v1.customers.create({"email": "dues@firm.example"}).id
    asked = {"customer": customer}
    refused = setup(**asked)
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        client.v1.checkout.sessions.create(refused)
    plain = {
        name: refused[name]
        for name in refused
        if name not in ("customer_creation", "customer_email")
    }
    made = client.v1.checkout.sessions.create(plain)
    assert made.customer == customer


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"currency": None}, "currency"), ({"payment_intent_data": {"description": "x"}}, "setup"),
     ({"line_items": [{"quantity": 1}]}, "setup")],
)  # fmt: skip
def test_saving_asks_for_no_payment(client, wrong, words):
    asked = {name: value for name, value in setup(**wrong).items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError, match=words):
        client.v1.checkout.sessions.create(asked)


def test_the_events_tell_of_a_saved_card(client, saved):
    saved(PAYS)
    kinds = [row.type for row in client.v1.events.list({"limit": 100}).data][::-1]
    assert kinds == [
        "setup_intent.created", "customer.created", "payment_method.attached",
        "setup_intent.succeeded", "checkout.session.completed",
    ]  # fmt: skip
