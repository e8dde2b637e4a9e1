import time

import pytest

from portal.core.config import Settings
from portal.core.money import Money
from portal.core.states import Refused
from portal.core.stripe_gateway import ForgedEvent, Gateway, PageRefused, StripeAway, gateway
from tests.dues.books import event, signed


def ask(key="key-1", money=None, **facts):
    defaults = {
        "attempt_id": 7, "key": key, "money": money or Money(1200, "EUR"), "name": "Invoice 7",
        "email": "a@b.example", "success_url": "http://portal.test/a",
        "cancel_url": "http://portal.test/b", "expires_at": int(time.time()) + 3600,
    }  # fmt: skip
    return gateway().checkout(**defaults | facts)


def test_a_page_is_made_once_for_each_key(stripe):
    at = int(time.time()) + 3600
    first, again, other = ask(expires_at=at), ask(expires_at=at), ask("key-2", expires_at=at)
    assert first == again
    assert other.session_id != first.session_id
    assert first.url.startswith(stripe.url)
    assert first.expires_at == at


def test_a_receipt_says_what_stripe_knows_now(stripe):
    page = ask()
    receipt = gateway().receipt(page.session_id)
    assert (receipt.status, receipt.is_paid, receipt.attempt_id) == ("open", False, 7)
    stripe.pay(page.url)
    receipt = gateway().receipt(page.session_id)
    assert (receipt.status, receipt.is_paid, receipt.has_failed) == ("complete", True, False)
    assert receipt.money == Money(1200, "EUR")
    assert receipt.payment_intent.startswith("pi_")


def test_a_session_that_stripe_does_not_know_has_no_receipt(stripe):
    assert gateway().receipt("cs_test_nothing") is None


def test_a_page_is_closed_once_and_closing_it_again_is_fine(stripe):
    page = ask()
    gateway().expire(page.session_id)
    gateway().expire(page.session_id)
    assert gateway().receipt(page.session_id).status == "expired"


def test_a_lost_answer_is_asked_for_again_and_charges_once(stripe):
    stripe.post_faults(lose=2)
    page = ask()
    assert [made["id"] for made in stripe.state()["checkout.session"]] == [page.session_id]


def test_stripe_that_fails_is_away_and_one_that_says_no_made_nothing(stripe):
    stripe.post_faults(fail=3)
    with pytest.raises(StripeAway, match="Nothing was charged"):
        ask()
    with pytest.raises(PageRefused):
        ask("key-3", expires_at=int(time.time()) + 60)


def test_stripe_that_is_not_there_is_away():
    nowhere = Gateway(
        Settings(
            secret_key="t" * 32, site_url="http://portal.test", data=None, database_url="",
            stripe_key="sk_test_x", stripe_url="http://127.0.0.1:9", testing=True,
            stripe_webhook_secrets=("whsec_x",),
        )
    )  # fmt: skip
    with pytest.raises(StripeAway):
        nowhere.receipt("cs_test_1")


def test_nothing_about_our_machine_is_told(stripe):
    ask()
    ask("key-2")  # the library would tell of the first request with the second
    asked = [one for one in stripe.state()["requests"] if one["path"] == "/v1/checkout/sessions"]
    assert len(asked) == 2
    assert not any("Telemetry" in name for one in asked for name in one["headers"])


@pytest.mark.parametrize("currency", ["CLF", "IQD", "LYD", "UYW"])
def test_currencies_of_more_decimals_than_cards_have_are_refused(stripe, currency):
    with pytest.raises(Refused, match=f"{currency} cannot be paid by card"):
        ask(money=Money(1200, currency))


@pytest.mark.parametrize(
    ("currency", "minor"),
    [
        ("EUR", 120900), ("JPY", 120000), ("KWD", 365500), ("USD", 50), ("ISK", 12345),
        ("UGX", 5), ("RSD", 140551), ("MGA", 250_000), ("HUF", 4_500_050), ("TWD", 140_030),
    ],
)  # fmt: skip
def test_what_goes_out_comes_back_in_a_currency_of_any_decimals(stripe, currency, minor):
    page = ask(money=Money(minor, currency))
    assert gateway().receipt(page.session_id).money == Money(minor, currency)


def test_an_event_about_a_thing_without_an_id_is_heard(app):
    body = event("balance.available").replace(b'"id": "cs_1", ', b"")
    assert gateway().event(body, signed(body)).object_id == ""


def test_an_event_is_believed_when_one_of_our_secrets_signed_it(app):
    two = Gateway(
        Settings(
            secret_key="t" * 32, site_url="http://portal.test", data=None, database_url="",
            stripe_key="sk_test_x", stripe_webhook_secrets=("whsec_old", "whsec_new"),
            testing=True,
        )
    )  # fmt: skip
    body = event(event_id="evt_9", object_id="cs_9")
    for secret in ("whsec_old", "whsec_new"):
        heard = two.event(body, signed(body, secret=secret))
        assert (heard.id, heard.object_id) == ("evt_9", "cs_9")
    with pytest.raises(ForgedEvent):
        two.event(body, signed(body, secret="whsec_older"))
