"""The page on which the payer types a card."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.demo.sandbox.test_checkout import order, priced
from tests.demo.sandbox_process import ASKS, DECLINED, DISPUTED, FOREIGN, PAYS

PAID_KINDS = [
    "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
    "checkout.session.completed",
]  # fmt: skip


@pytest.fixture
def session(client):
    return client.v1.checkout.sessions.create(order(customer_email="dues@firm.example"))


@pytest.fixture
def kinds(client):
    """The kinds of all events so far, oldest first."""
    return lambda: [row.type for row in client.v1.events.list({"limit": 100}).data][::-1]


def read(url):
    return requests.get(url, timeout=10, allow_redirects=False)


def test_the_page_shows_who_asks_for_how_much_and_that_no_money_moves(client):
    lines = [priced(9500, quantity=3), priced(25000)]
    page = read(client.v1.checkout.sessions.create(order(line_items=lines)).url)
    assert page.status_code == 200
    for words in ("Local sandbox: no money moves", "Linehall", "EUR 535.00", "Seat × 3"):
        assert words in page.text
    assert 'href="https://portal.example/invoice">Back</a>' in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_good_card_pays_and_sends_the_payer_back(sandbox, client, session, kinds):
    paid = sandbox.pay(session.url, PAYS)
    assert paid.location == f"https://portal.example/back?session={session.id}"
    found = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge"]}
    )
    assert (found.status, found.payment_status) == ("complete", "paid")
    assert found.payment_intent.status == "succeeded"
    assert found.payment_intent.latest_charge.amount == found.amount_total == 120900
    assert found.customer_details.email == "dues@firm.example"
    assert kinds() == PAID_KINDS


def test_the_metadata_for_the_payment_reaches_it(sandbox, client):
    about = {"metadata": {"attempt": "17"}, "description": "Dues 2026"}
    session = client.v1.checkout.sessions.create(order(payment_intent_data=about))
    sandbox.pay(session.url)
    (intent,) = client.v1.payment_intents.list().data
    assert intent.metadata.to_dict() == {"attempt": "17"}
    assert intent.description == "Dues 2026"


def test_a_declined_card_leaves_the_page_open_and_says_so(sandbox, client, session, kinds):
    declined = sandbox.pay(session.url, DECLINED)
    assert (declined.status, declined.location) == (402, None)
    assert "Your card was declined. Nothing was charged." in declined.error
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert kinds()[-1] == "payment_intent.payment_failed"
    assert sandbox.pay(session.url, PAYS).location
    assert len(client.v1.payment_intents.list().data) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"card": "1234"}, "not one of the sandbox&#39;s test cards"),
        ({"expiry": "13/40"}, "Enter month and year"),
        ({"expiry": "01/20"}, "This card has expired"),
        ({"cvc": "x"}, "three digits"),
    ],
)
def test_a_wrong_field_is_answered_at_the_field_and_keeps_what_was_typed(session, wrong, words):
    typed = {"card": PAYS, "expiry": "12/40", "cvc": "123", **wrong}
    typed["card_number"] = typed.pop("card")
    page = requests.post(session.url, data=typed, timeout=10)
    assert page.status_code == 422
    assert words in page.text
    assert all(f'value="{value}"' in page.text for value in typed.values())


def test_a_card_that_asks_pays_once_the_payer_authorises(sandbox, client, session):
    asks = requests.post(
        session.url, {"card_number": ASKS, "expiry": "12/40", "cvc": "123"}, timeout=10
    )
    assert "Authorise EUR 1,209.00" in asks.text
    (intent,) = client.v1.payment_intents.list().data
    assert intent.status == "requires_action"
    assert sandbox.pay(session.url, ASKS).location
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_card_that_asks_is_not_charged_when_the_bank_says_no(sandbox, client, session, kinds):
    refused = sandbox.pay(session.url, ASKS, authorise=False)
    assert refused.location is None
    assert "unable to authenticate" in refused.error
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert kinds()[-1] == "payment_intent.payment_failed"


def test_an_intent_without_a_page_of_its_own_is_authorised_and_sent_back(client):
    made = client.v1.payment_intents.create({
        "amount": 5000, "currency": "eur", "confirm": True, "return_url": "https://a.example/?x=1",
        "payment_method": "pm_card_authenticationRequired",
    })  # fmt: skip
    page = made.next_action.redirect_to_url.url
    answer = requests.post(page, {"answer": "authorise"}, allow_redirects=False, timeout=10)
    assert answer.headers["Location"] == (
        f"https://a.example/?x=1&payment_intent={made.id}&redirect_status=succeeded"
    )
    assert client.v1.payment_intents.retrieve(made.id).status == "succeeded"


def test_eight_presses_at_once_pay_once(client, session):
    typed = {"card_number": PAYS, "expiry": "12/40", "cvc": "123"}

    def press(_number):
        return requests.post(session.url, typed, allow_redirects=False, timeout=20).status_code

    with ThreadPoolExecutor(8) as presses:
        assert set(presses.map(press, range(8))) == {303}
    assert len(client.v1.charges.list().data) == 1


def test_the_page_of_a_paid_session_says_so(sandbox, session):
    sandbox.pay(session.url)
    assert "This has been paid" in read(session.url).text


def test_the_page_of_an_expired_session_says_so_and_takes_no_card(sandbox, client, session):
    client.v1.checkout.sessions.expire(session.id)
    page = read(session.url)
    assert page.status_code == 410
    assert "This payment page has expired" in page.text
    assert "https://portal.example/invoice" in page.text
    assert sandbox.pay(session.url).status == 410
    assert not client.v1.charges.list().data


def test_a_session_expires_by_itself_when_its_time_is_over(sandbox, session, kinds):
    sandbox.advance(24 * 3600 + 1)
    assert "This payment page has expired" in read(session.url).text
    assert kinds() == ["checkout.session.expired"]


def test_expiring_calls_off_a_payment_that_waits_for_the_bank(client, session):
    requests.post(session.url, {"card_number": ASKS, "expiry": "12/40", "cvc": "123"}, timeout=10)
    (intent,) = client.v1.payment_intents.list().data
    client.v1.checkout.sessions.expire(session.id)
    answer = requests.post(
        intent.next_action.redirect_to_url.url, {"answer": "authorise"}, timeout=10
    )
    assert answer.status_code == 410
    assert client.v1.payment_intents.retrieve(intent.id).status == "canceled"


def test_an_unknown_page_is_a_404_in_words(sandbox):
    page = read(f"{sandbox.url}/c/pay/cs_test_nobody")
    assert page.status_code == 404
    assert "No such payment page" in page.text


def test_names_are_shown_as_text_not_as_markup(client):
    name = {"currency": "eur", "unit_amount": 500, "product_data": {"name": "<b>Dues</b>"}}
    session = client.v1.checkout.sessions.create(
        order(line_items=[{"price_data": name, "quantity": 1}])
    )
    assert "&lt;b&gt;Dues&lt;/b&gt;" in read(session.url).text


def test_a_disputed_payment_succeeds_and_the_dispute_follows(sandbox, client, session, kinds):
    assert sandbox.pay(session.url, DISPUTED).location
    assert "charge.dispute.created" in kinds()[kinds().index("payment_intent.succeeded") :]
    (dispute,) = client.v1.disputes.list().data
    assert (dispute.status, dispute.amount, dispute.reason) == (
        "needs_response", 120900, "fraudulent",
    )  # fmt: skip
    charge = client.v1.charges.retrieve(dispute.charge)
    assert charge.disputed
    with pytest.raises(Exception, match="charged back"):
        client.v1.refunds.create({"charge": charge.id})


@pytest.mark.parametrize(("words", "outcome"), [("winning_evidence", "won"), ("hm", "lost")])
def test_a_dispute_is_won_or_lost_by_its_evidence(sandbox, client, session, words, outcome):
    sandbox.pay(session.url, DISPUTED)
    (dispute,) = client.v1.disputes.list().data
    staged = {"evidence": {"uncategorized_text": words}, "submit": False}
    assert client.v1.disputes.update(dispute.id, staged).status == "needs_response"
    staged["submit"] = True
    assert client.v1.disputes.update(dispute.id, staged).status == outcome
    net = sum(row.net for row in client.v1.balance_transactions.list().data)
    (funds,) = client.v1.balance.retrieve().available
    assert funds.amount == net


def test_who_paid_in_pounds_gets_the_same_pounds_back_in_whatever_parts(sandbox, client, session):
    sandbox.pay(session.url, FOREIGN)
    found = client.v1.checkout.sessions.retrieve(session.id)
    assert (found.amount_total, found.currency) == (120900, "eur")
    shown = found.presentment_details
    assert (shown.presentment_amount, shown.presentment_currency) == (103974, "gbp")
    refunds = [
        client.v1.refunds.create({"payment_intent": found.payment_intent, "amount": amount})
        for amount in (1, 70001, 50898)
    ]
    assert {one.currency for one in refunds} == {"eur"}
    given = [one.presentment_details.presentment_amount for one in refunds]
    assert sum(given) == 103974
    (charge,) = client.v1.charges.list().data
    assert charge.refunded


def test_who_pays_in_euros_is_told_of_no_other_currency(sandbox, client, session):
    sandbox.pay(session.url, PAYS)
    found = client.v1.checkout.sessions.retrieve(session.id)
    assert "presentment_details" not in found.to_dict()
