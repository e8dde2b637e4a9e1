"""The balance, its movements and payouts, as the official client asks for them."""

import pytest
import requests
import stripe

from tests.demo.sandbox.test_payments import VISA

NET = 120900 - 3536  # less 2.9 % and 30


@pytest.fixture
def paid(client):
    def pay_one(amount=120900, currency="eur"):
        return client.v1.payment_intents.create({
            "amount": amount, "currency": currency, "payment_method": VISA, "confirm": True,
            "return_url": "https://portal.example/back",
        })  # fmt: skip

    return pay_one


def movements(client, **asked):
    return list(client.v1.balance_transactions.list(asked).auto_paging_iter())


def available(client):
    return {one.currency: one.amount for one in client.v1.balance.retrieve().available}


def test_a_charge_tells_its_fee_and_who_paid_it(client, paid):
    made = paid()
    (moved,) = movements(client, type="charge", expand=["data.source"])
    assert (moved.amount, moved.fee, moved.net) == (120900, 3536, NET)
    assert (moved.source.payment_intent, moved.fee_details[0].type) == (made.id, "stripe_fee")
    assert client.v1.balance_transactions.retrieve(moved.id).source == moved.source.id


def test_all_that_is_available_is_paid_out_in_each_currency(sandbox, client, paid, receiver):
    first, second = paid(), paid()
    paid(5000, "usd")
    euros, dollars = sandbox.pay_out()
    assert (euros["amount"], euros["currency"], euros["status"]) == (2 * NET, "eur", "paid")
    assert (dollars["amount"], dollars["currency"]) == (5000 - 175, "usd")
    assert set(available(client).values()) == {0}
    held = movements(client, payout=euros["id"], type="charge", expand=["data.source"])
    assert [one.source.payment_intent for one in held] == [second.id, first.id]
    body, _signature = receiver.wait_for("payout.paid")
    assert euros["id"].encode() in body
    assert sandbox.pay_out() == []


def test_a_payout_is_read_and_listed_with_what_it_holds(sandbox, client, paid):
    paid()
    (made,) = sandbox.pay_out()
    found = client.v1.payouts.retrieve(made["id"], {"expand": ["balance_transaction"]})
    assert (found.balance_transaction.type, found.balance_transaction.net) == ("payout", -NET)
    assert found.trace_id.value
    assert [one.id for one in client.v1.payouts.list({"status": "paid"})] == [made["id"]]
    assert list(client.v1.payouts.list({"created": {"gt": found.created}})) == []


def test_one_by_hand_takes_what_is_asked_and_names_no_movements(client, paid):
    paid()
    made = client.v1.payouts.create({"amount": 100, "currency": "eur"})
    assert (made.automatic, available(client)) == (False, {"eur": NET - 100})
    with pytest.raises(stripe.InvalidRequestError, match="automatic transfers"):
        movements(client, payout=made.id)


def test_forints_are_paid_out_in_whole_ones(sandbox, client, paid):
    paid(1_000_050, "huf")
    there = available(client)["huf"]
    with pytest.raises(stripe.InvalidRequestError, match="divisible by 100"):
        client.v1.payouts.create({"amount": 1001, "currency": "huf"})
    (made,) = sandbox.pay_out()
    assert (made["amount"], available(client)["huf"]) == (there - there % 100, there % 100)


@pytest.mark.parametrize(("amount", "code"), [
    (0, "parameter_invalid_integer"), (NET + 1, "balance_insufficient"),
])  # fmt: skip
def test_more_than_there_is_or_nothing_is_refused(client, paid, amount, code):
    paid()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payouts.create({"amount": amount, "currency": "eur"})
    assert caught.value.code == code


def test_a_payout_nobody_knows_is_missing(client):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payouts.retrieve("po_nobodyknowsit")
    assert caught.value.http_status == 404
    with pytest.raises(stripe.InvalidRequestError, match="No such payout"):
        movements(client, payout="po_nobodyknowsit")


def test_what_the_bank_sends_back_is_available_again(sandbox, client, paid, receiver):
    paid()
    (made,) = sandbox.pay_out()
    failed = sandbox.fail_payout(made["id"])
    assert (failed["status"], failed["failure_code"]) == ("failed", "account_closed")
    assert available(client) == {"eur": NET}
    receiver.wait_for("payout.failed")
    again = requests.post(f"{sandbox.url}/_payouts/{made['id']}/fail", timeout=10)
    assert again.status_code == 400
    assert [one["amount"] for one in sandbox.pay_out()] == [NET]


def test_the_page_shows_the_balance_and_its_button_pays_out(sandbox, client, paid):
    assert "Nothing yet" in requests.get(sandbox.url, timeout=10).text
    paid()
    assert "1,173.64" in requests.get(sandbox.url, timeout=10).text
    browser = {"Accept": "text/html,*/*;q=0.8"}
    page = requests.post(f"{sandbox.url}/_payouts", headers=browser, timeout=10)
    assert (page.status_code, page.url) == (200, f"{sandbox.url}/")
    assert available(client) == {"eur": 0}
