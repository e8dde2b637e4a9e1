"""Payment intents and refunds: what holds of our sandbox holds of the other peers too."""

import pytest
import stripe

VISA = "pm_card_visa"
DECLINING = "pm_card_chargeCustomerFail"  # the one that all peers decline when it is charged


def paid(peer, amount=120900, **more):
    return peer.client.v1.payment_intents.create({
        "amount": amount, "currency": "eur", "payment_method": VISA, "confirm": True,
        **peer.confirming, **more,
    })  # fmt: skip


def id_of(named):
    """Some peers answer the object itself where others name it."""
    return getattr(named, "id", named)


def test_an_intent_begins_without_a_card_and_can_be_read_again(peer):
    made = peer.client.v1.payment_intents.create({
        "amount": 5000, "currency": "eur", "metadata": {"invoice": "DUE-2026-000001"},
    })  # fmt: skip
    assert made.id.startswith("pi_")
    assert made.status == "requires_payment_method"
    found = peer.client.v1.payment_intents.retrieve(made.id)
    assert (found.amount, found.currency) == (5000, "eur")
    assert found.metadata.to_dict() == {"invoice": "DUE-2026-000001"}


def test_a_good_card_pays_and_leaves_a_charge(peer):
    made = paid(peer)
    assert made.status == "succeeded"
    found = peer.client.v1.payment_intents.retrieve(made.id, {"expand": ["latest_charge"]})
    assert found.latest_charge.status == "succeeded"
    assert found.latest_charge.amount == 120900
    assert found.latest_charge.payment_intent == made.id


def test_an_intent_that_has_its_card_pays_when_it_is_confirmed(peer):
    made = peer.client.v1.payment_intents.create(
        {"amount": 5000, "currency": "eur", "payment_method": VISA}
    )
    assert made.status == "requires_confirmation"
    confirmed = peer.client.v1.payment_intents.confirm(made.id, dict(peer.confirming))
    assert confirmed.status == "succeeded"


def test_a_declined_card_is_a_card_error_with_its_code(peer):
    with pytest.raises(stripe.CardError) as caught:
        paid(peer, payment_method=DECLINING)
    assert caught.value.http_status == 402
    assert caught.value.code == "card_declined"


def test_a_cancelled_intent_can_be_neither_confirmed_nor_cancelled_again(peer):
    made = peer.client.v1.payment_intents.create(
        {"amount": 5000, "currency": "eur", "payment_method": VISA}
    )
    assert peer.client.v1.payment_intents.cancel(made.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        peer.client.v1.payment_intents.confirm(made.id, dict(peer.confirming))
    with pytest.raises(stripe.InvalidRequestError):
        peer.client.v1.payment_intents.cancel(made.id)


def test_what_does_not_exist_is_a_404(peer):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        peer.client.v1.payment_intents.retrieve("pi_nobodyknowsit")
    assert caught.value.http_status == 404


def test_a_payment_is_refunded_in_part_and_the_refund_can_be_read(peer):
    made = paid(peer)
    refund = peer.client.v1.refunds.create({"payment_intent": made.id, "amount": 900})
    assert (refund.amount, refund.currency, refund.status) == (900, "eur", "succeeded")
    assert peer.client.v1.refunds.retrieve(refund.id).charge == id_of(made.latest_charge)
    listed = peer.client.v1.refunds.list({"payment_intent": made.id})
    assert [row.id for row in listed.data] == [refund.id]


def test_a_refund_without_an_amount_gives_all_of_it_back(peer):
    made = paid(peer)
    assert peer.client.v1.refunds.create({"charge": id_of(made.latest_charge)}).amount == 120900


def test_an_unpaid_intent_cannot_be_refunded(peer):
    made = peer.client.v1.payment_intents.create({"amount": 5000, "currency": "eur"})
    with pytest.raises((stripe.InvalidRequestError, stripe.APIError)):
        peer.client.v1.refunds.create({"payment_intent": made.id})


@pytest.mark.parametrize("amount", [12.5, "many", True])
def test_an_amount_that_is_no_whole_number_is_refused(checkout_peer, amount):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        checkout_peer.client.v1.payment_intents.create({"amount": amount, "currency": "eur"})
    assert caught.value.param == "amount"


def test_an_amount_below_the_minimum_is_refused(checkout_peer):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        checkout_peer.client.v1.payment_intents.create({"amount": 1, "currency": "usd"})
    assert caught.value.code == "amount_too_small"


def test_no_more_can_be_refunded_than_was_paid(checkout_peer):
    refunds = checkout_peer.client.v1.refunds
    made = paid(checkout_peer)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        refunds.create({"payment_intent": made.id, "amount": 120901})
    assert "greater than" in caught.value.user_message
    refunds.create({"payment_intent": made.id, "amount": 120000})
    with pytest.raises(stripe.InvalidRequestError):
        refunds.create({"payment_intent": made.id, "amount": 901})
    refunds.create({"payment_intent": made.id, "amount": 900})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        refunds.create({"payment_intent": made.id})
    assert caught.value.code == "charge_already_refunded"


def test_a_declined_try_can_be_mended_with_another_card(checkout_peer):
    with pytest.raises(stripe.CardError) as caught:
        paid(checkout_peer, payment_method=DECLINING)
    error = caught.value.error
    assert error.decline_code == "generic_decline"
    assert error.payment_intent.status == "requires_payment_method"
    mended = checkout_peer.client.v1.payment_intents.confirm(
        error.payment_intent.id, {"payment_method": VISA, **checkout_peer.confirming}
    )
    assert mended.status == "succeeded"


def test_a_card_that_asks_waits_for_the_payer(peer):
    made = paid(peer, payment_method=peer.asking_card())
    assert made.status == "requires_action"
    assert made.next_action.type in {"redirect_to_url", "use_stripe_sdk"}
    assert made.latest_charge is None


def test_a_card_that_asks_is_declined_when_nobody_is_there(checkout_peer):
    with pytest.raises(stripe.CardError) as caught:
        checkout_peer.client.v1.payment_intents.create({
            "amount": 5000, "currency": "eur", "confirm": True, "off_session": True,
            "payment_method": "pm_card_authenticationRequired",
        })  # fmt: skip
    assert caught.value.code == "authentication_required"


def test_the_fee_stands_in_the_balance_transaction(checkout_peer):
    made = paid(checkout_peer)
    found = checkout_peer.client.v1.charges.retrieve(
        made.latest_charge, {"expand": ["balance_transaction"]}
    )
    moved = found.balance_transaction
    assert moved.net == moved.amount - moved.fee
    assert moved.fee == sum(part.amount for part in moved.fee_details) > 0
