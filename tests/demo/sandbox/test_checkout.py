"""Checkout Sessions and idempotency keys, as the portal uses them."""

import time
from uuid import uuid4

import pytest
import stripe

VISA = "pm_card_visa"


def order(**more):
    price = {"currency": "eur", "unit_amount": 120900, "product_data": {"name": "Dues 2026"}}
    return {
        "mode": "payment", "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": "https://portal.example/back?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://portal.example/invoice", **more,
    }  # fmt: skip


def priced(amount, currency="eur", quantity=1):
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Seat"}}
    return {"price_data": price, "quantity": quantity}


def test_a_new_session_is_open_unpaid_and_has_a_page(checkout_peer):
    expires_at = int(time.time()) + 3600
    sessions = checkout_peer.client.v1.checkout.sessions
    made = sessions.create(order(
        client_reference_id="17", customer_email="dues@firm.example", expires_at=expires_at,
        metadata={"attempt": "17"}, payment_intent_data={"metadata": {"attempt": "17"}},
    ))  # fmt: skip
    assert (made.status, made.payment_status, made.mode) == ("open", "unpaid", "payment")
    assert made.url.startswith("http")
    found = sessions.retrieve(made.id, {"expand": ["line_items"]})
    assert (found.amount_total, found.currency) == (120900, "eur")
    assert (found.client_reference_id, found.expires_at) == ("17", expires_at)
    assert found.metadata.to_dict() == {"attempt": "17"}
    assert found.payment_intent is None
    assert found.line_items.data[0].description == "Dues 2026"


def test_quantities_and_lines_add_up(checkout_peer):
    made = checkout_peer.client.v1.checkout.sessions.create(
        order(line_items=[priced(9500, quantity=3), priced(25000)])
    )
    assert made.amount_total == 53500
    lines = checkout_peer.client.v1.checkout.sessions.line_items.list(made.id)
    assert sorted(line.amount_total for line in lines.data) == [25000, 28500]


def test_an_expired_session_stays_expired(checkout_peer):
    sessions = checkout_peer.client.v1.checkout.sessions
    made = sessions.create(order())
    assert sessions.expire(made.id).status == "expired"
    assert sessions.retrieve(made.id).url is None
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sessions.expire(made.id)
    assert caught.value.http_status == 400


def test_the_newest_sessions_are_listed_first(checkout_peer):
    sessions = checkout_peer.client.v1.checkout.sessions
    older, newer = (sessions.create(order()) for _ in range(2))
    listed = sessions.list({"limit": 2})
    assert {row.id for row in listed.data} == {older.id, newer.id}
    further = sessions.list({"limit": 1, "starting_after": newer.id})
    assert [row.id for row in further.data] == [older.id]


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"colour": "teal"}, "colour"),
        ({"line_items": [priced("12.5")]}, "line_items[0][price_data][unit_amount]"),
        ({"line_items": [priced(100, "xyz")]}, "line_items[0][price_data][currency]"),
        ({"mode": "gift"}, "mode"),
        ({"customer_email": "nobody"}, "customer_email"),
        ({"expires_at": 1}, "expires_at"),
        ({"metadata": {"k": "v" * 501}}, "metadata"),
    ],
)
def test_a_wrong_parameter_is_named(checkout_peer, asked, param):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        checkout_peer.client.v1.checkout.sessions.create(order(**asked))
    assert caught.value.http_status == 400
    assert caught.value.param.startswith(param.split("[")[0])


@pytest.mark.parametrize("left_out", ["mode", "line_items", "success_url"])
def test_a_session_without_what_it_needs_is_refused(checkout_peer, left_out):
    asked = {name: value for name, value in order().items() if name != left_out}
    with pytest.raises(stripe.InvalidRequestError):
        checkout_peer.client.v1.checkout.sessions.create(asked)


def test_a_total_below_the_minimum_is_refused(checkout_peer):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        checkout_peer.client.v1.checkout.sessions.create(order(line_items=[priced(49)]))
    assert caught.value.code == "amount_too_small"


def test_lines_of_two_currencies_are_refused(checkout_peer):
    with pytest.raises(stripe.InvalidRequestError):
        checkout_peer.client.v1.checkout.sessions.create(
            order(line_items=[priced(5000), priced(5000, "usd")])
        )


def test_the_same_key_gives_the_same_session(checkout_peer):
    sessions = checkout_peer.client.v1.checkout.sessions
    key = {"idempotency_key": f"inv-1-att-1-{uuid4()}"}
    first, again = (sessions.create(order(), key) for _ in range(2))
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers


def test_the_same_key_with_other_parameters_is_refused(checkout_peer):
    sessions = checkout_peer.client.v1.checkout.sessions
    key = {"idempotency_key": f"inv-1-att-1-{uuid4()}"}
    sessions.create(order(), key)
    with pytest.raises(stripe.IdempotencyError) as caught:
        sessions.create(order(client_reference_id="18"), key)
    assert caught.value.http_status == 400


def test_a_request_that_was_refused_for_its_form_does_not_use_up_its_key(checkout_peer):
    sessions = checkout_peer.client.v1.checkout.sessions
    key = {"idempotency_key": f"inv-1-att-1-{uuid4()}"}
    with pytest.raises(stripe.InvalidRequestError):
        sessions.create(order(colour="teal"), key)
    assert sessions.create(order(), key).status == "open"


def test_a_refund_under_one_key_is_made_once(checkout_peer):
    client, key = checkout_peer.client, {"idempotency_key": f"refund-{uuid4()}"}
    made = client.v1.payment_intents.create({
        "amount": 5000, "currency": "eur", "payment_method": VISA, "confirm": True,
        **checkout_peer.confirming,
    })  # fmt: skip
    asked = {"payment_intent": made.id, "amount": 3000}
    assert len({client.v1.refunds.create(asked, key).id for _ in range(3)}) == 1
    assert client.v1.charges.retrieve(made.latest_charge).amount_refunded == 3000


def test_a_decline_is_replayed_too(checkout_peer):
    key = {"idempotency_key": f"decline-{uuid4()}"}
    asked = {
        "amount": 5000, "currency": "eur", "payment_method": "pm_card_visa_chargeDeclined",
        "confirm": True, **checkout_peer.confirming,
    }  # fmt: skip
    seen = set()
    for _ in range(2):
        with pytest.raises(stripe.CardError) as caught:
            checkout_peer.client.v1.payment_intents.create(asked, key)
        seen.add(caught.value.error.payment_intent.id)
    assert len(seen) == 1


def test_a_session_of_a_customer_names_it(checkout_peer):
    client = checkout_peer.client
    customer = client.v1.customers.create({"name": "Firm", "email": "dues@firm.example"})
    assert client.v1.customers.retrieve(customer.id).email == "dues@firm.example"
    made = client.v1.checkout.sessions.create(order(customer=customer.id))
    assert made.customer == customer.id
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(order(customer="cus_nobody"))


def test_what_stripe_has_and_the_sandbox_has_not_is_said_not_ignored(client):
    with pytest.raises(stripe.InvalidRequestError, match="does not act on allow_promotion_codes"):
        client.v1.checkout.sessions.create(order(allow_promotion_codes=True))
    with pytest.raises(stripe.InvalidRequestError, match="mode=payment and mode=setup only"):
        client.v1.checkout.sessions.create(order(mode="subscription"))


def test_currencies_keep_stripes_decimals(client):
    sessions = client.v1.checkout.sessions
    assert sessions.create(order(line_items=[priced(50, "jpy")])).amount_total == 50
    with pytest.raises(stripe.InvalidRequestError, match="last digits"):
        sessions.create(order(line_items=[priced(5005, "kwd")]))
    with pytest.raises(stripe.InvalidRequestError, match=r"at least GBP 0\.30"):
        sessions.create(order(line_items=[priced(29, "gbp")]))
