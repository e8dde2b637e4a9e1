"""Sending money back, against the sandbox over HTTP; and what somebody sent back elsewhere."""

from datetime import date, timedelta

import pytest
import requests
from sqlalchemy import select

from portal.core import clock, jobs
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import IllegalMove, Refused
from portal.dues import actions, cards, money_back, queries
from portal.dues.actions import Arrival, Outcome, Sending
from portal.dues.models import (
    Account,
    Payment,
    PaymentMethod,
    Refund,
    RefundOrigin,
    RefundStatus,
)
from tests.dues.books import deliver, event, make_invoice
from tests.make import make_firm, make_person

KEY = {"Authorization": "Bearer sk_test_portal"}
S = RefundStatus

MOVES = {
    (S.REQUESTED, S.PENDING), (S.REQUESTED, S.SUCCEEDED), (S.REQUESTED, S.FAILED),
    (S.REQUESTED, S.CANCELLED), (S.PENDING, S.SUCCEEDED), (S.PENDING, S.FAILED),
    (S.PENDING, S.CANCELLED), (S.SUCCEEDED, S.FAILED),
}  # fmt: skip


@pytest.mark.parametrize("old", S)
@pytest.mark.parametrize("new", S)
def test_every_move_of_a_refund_is_in_the_table_or_refused(old, new):
    if (old, new) in MOVES:
        assert old.to(new) is new
    else:
        with pytest.raises(IllegalMove):
            old.to(new)


def paid_by_card(stripe, invoice, **facts):
    """A card payment of all that is owed, booked."""
    stripe.pay(cards.start(invoice.id, "/pay/x"), **facts)
    cards.look(queries.last_attempt(invoice.id).id)
    return db.session.scalars(select(Payment).order_by(Payment.id.desc())).first()


def card_credit(stripe, total=1000, **facts):
    """A card payment that pays nothing any more: its invoice was taken back."""
    invoice = make_invoice(total=total, **facts)
    payment = paid_by_card(stripe, invoice)
    actions.credit(invoice, "Withdrawn")
    db.session.commit()
    return payment


def bank_credit(total=1000, currency="EUR"):
    arrived = Arrival(
        Money(total, currency), date(2026, 1, 5), make_firm().id, by=make_person("finance")
    )
    payment = actions.receive(arrived, [])
    db.session.commit()
    return payment


def send_back(payment, minor, **facts):
    refund = actions.request_refund(
        payment, Money(minor, payment.currency), Sending("Too much", **facts)
    )
    db.session.commit()
    return refund


def at_stripe(stripe, payment, minor, **facts):
    """What somebody does in Stripe's own dashboard."""
    answer = requests.post(
        f"{stripe.url}/v1/refunds", headers=KEY, timeout=10,
        data={"payment_intent": payment.external_id, "amount": minor, **facts},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    return answer.json()


def found():
    db.session.expire_all()
    return db.session.scalars(select(Refund).order_by(Refund.id)).all()


def booked(account):
    rows = {one.account: one.minor for one in queries.trial_balance(date(2099, 1, 1))}
    return rows.get(account, 0)


def money_from_payers():
    """What lies at Stripe, its fees apart."""
    return booked(Account.CARD_CLEARING) + booked(Account.FEES)


def books_are_well():
    assert list(queries.ledger_faults()) == []


def test_a_card_payment_goes_back_in_parts_and_as_a_whole(stripe, sent):
    payment = card_credit(stripe)
    send_back(payment, 400)
    send_back(payment, 600)
    mails = sent()
    assert [(one.status, one.amount_minor) for one in found()] == [
        (S.SUCCEEDED, 400), (S.SUCCEEDED, 600)
    ]  # fmt: skip
    assert sorted(one["amount"] for one in stripe.state()["refund"]) == [400, 600]
    assert money_from_payers() == booked(Account.UNALLOCATED) == 0
    assert sum("is on its way back" in one["Subject"] for one in mails) == 2
    books_are_well()


def test_a_refund_retry_is_one_refund(stripe):
    payment = card_credit(stripe)
    refund = send_back(payment, 400)
    stripe.post_faults(lose=3)
    jobs.work()
    assert found()[0].status is S.PENDING
    for _again in range(3):
        money_back.send(refund.id)
        db.session.commit()
    assert found()[0].status is S.SUCCEEDED
    assert len(stripe.state()["refund"]) == 1
    assert stripe.state()["refund"][0]["metadata"] == {"refund": str(refund.id)}


def test_the_key_of_a_refund_is_its_number(stripe):
    refund = send_back(card_credit(stripe), 400)
    jobs.work()
    keys = [one["idempotency_key"] for one in stripe.state()["requests"]]
    assert keys.count(f"refund-{refund.id}") == 1


def test_nothing_is_asked_of_stripe_before_the_request_is_kept(stripe):
    refund = send_back(card_credit(stripe), 400)
    assert (refund.status, stripe.state().get("refund", [])) == (S.REQUESTED, [])
    assert queries.unallocated_of(refund.payment) == 600


def test_money_that_pays_an_invoice_cannot_be_sent_back(stripe):
    payment = paid_by_card(stripe, make_invoice(total=1000))
    with pytest.raises(Refused, match="no more can be sent back"):
        send_back(payment, 1)


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [(1001, "EUR", "no more"), (0, "EUR", "above zero"), (-5, "EUR", "above zero"),
     (5, "USD", "amount of EUR")],
)  # fmt: skip
def test_never_more_than_is_left_nor_nothing_nor_another_currency(minor, currency, words):
    payment = bank_credit()
    with pytest.raises(Refused, match=words):
        actions.request_refund(payment, Money(minor, currency), Sending("Because"))


def test_a_transfer_is_sent_back_by_staff_with_its_day(at):
    at(2026, 6, 1)
    payment = bank_credit()
    refund = send_back(payment, 1000, sent_on=date(2026, 5, 30))
    assert (refund.status, refund.sent_on) == (S.SUCCEEDED, date(2026, 5, 30))
    assert booked(Account.BANK) == 0
    books_are_well()
    with pytest.raises(Refused, match="has not come"):
        send_back(bank_credit(), 1, sent_on=date(2026, 6, 2))


def test_a_transfer_cannot_go_to_a_card_and_withheld_tax_nowhere():
    with pytest.raises(Refused, match="send the money by bank"):
        send_back(bank_credit(), 1, method=PaymentMethod.CARD)
    with pytest.raises(Refused, match="tax office"):
        send_back(bank_credit(), 1, method=PaymentMethod.WITHHOLDING)


@pytest.mark.parametrize(
    ("currency", "total", "part"), [("JPY", 12000, 7000), ("KWD", 12340, 340)]
)
def test_currencies_of_no_and_of_three_decimals_go_back_to_the_unit(stripe, currency, total, part):
    payment = card_credit(stripe, total=total, currency=currency)
    send_back(payment, part)
    send_back(payment, total - part)
    jobs.work()
    amounts = {one["amount"] for one in stripe.state()["refund"]}
    assert amounts == {total - part, part}
    assert {one["currency"] for one in stripe.state()["refund"]} == {currency.lower()}
    books_are_well()


def test_three_decimals_go_to_a_card_in_tens_and_by_bank_to_the_unit(stripe):
    with pytest.raises(Refused, match="end it with 0"):
        send_back(card_credit(stripe, total=12340, currency="KWD"), 345)
    assert send_back(bank_credit(12345, "KWD"), 345).status is S.SUCCEEDED


def test_a_card_payment_goes_back_in_its_own_currency_to_the_same_card(stripe):
    payment = card_credit(stripe, total=5000, currency="USD")
    send_back(payment, 5000)
    jobs.work()
    (made,) = stripe.state()["refund"]
    assert (made["currency"], made["payment_intent"]) == ("usd", payment.external_id)


def test_sending_one_of_two_payments_back_leaves_the_other_alone(stripe):
    """Two payments at once lose none, and voiding one leaves what was bought."""
    invoice = make_invoice(total=1000)
    hosted = cards.start(invoice.id, "/pay/x")
    actions.record_transfer(invoice, invoice.total, invoice.issued_on, by=make_person("finance"))
    db.session.commit()
    stripe.pay(hosted)
    cards.look(queries.last_attempt(invoice.id).id)
    second = db.session.scalars(select(Payment).order_by(Payment.id.desc())).first()
    send_back(second, 1000)
    jobs.work()
    assert queries.face(invoice) == "Paid"
    assert found()[0].status is S.SUCCEEDED
    books_are_well()


def test_what_stripe_refuses_has_failed_and_the_money_is_the_payers_again(stripe, sent):
    payment = card_credit(stripe)
    refund = send_back(payment, 400)
    at_stripe(stripe, payment, 700)
    make_person("finance", email="wim@test.example")
    mails = sent()  # ours first; then the poller finds the other
    failed, other = found()
    assert (failed.status, other.status) == (S.FAILED, S.SUCCEEDED)
    assert "greater than unrefunded amount" in failed.trouble
    assert queries.unallocated_of(payment) == 300
    assert [one["To"] for one in mails if "failed" in one["Subject"]] == ["wim@test.example"]
    assert refund in db.session.scalars(queries.refunds_to_look_at()).all()
    books_are_well()


def test_a_refund_is_called_off_only_before_stripe_was_asked(stripe):
    payment = card_credit(stripe)
    refund = send_back(payment, 400)
    actions.cancel_refund(refund)
    db.session.commit()
    jobs.work()
    assert (found()[0].status, stripe.state().get("refund", [])) == (S.CANCELLED, [])
    assert queries.unallocated_of(payment) == 1000
    other = send_back(payment, 300)
    jobs.work()
    with pytest.raises(Refused, match="asked already"):
        actions.cancel_refund(other)
    books_are_well()


@pytest.mark.parametrize("told", ["webhook", "charge", "poller"])
def test_what_was_sent_back_in_stripes_dashboard_is_found_once(browser, stripe, sent, told):
    make_person("finance", email="wim@test.example")
    invoice = make_invoice(total=1000)
    payment = paid_by_card(stripe, invoice)
    made = at_stripe(stripe, payment, 300)
    if told == "webhook":
        deliver(browser, event("refund.created", made["id"]))
        deliver(browser, event("refund.updated", made["id"], "evt_2"))
    elif told == "charge":
        deliver(browser, event("charge.refunded", made["charge"]))
    mails = sent()
    for _again in range(2):
        money_back.look_after_money_back()
    (refund,) = found()
    assert (refund.status, refund.origin) == (S.SUCCEEDED, RefundOrigin.PROVIDER_DASHBOARD)
    assert queries.balance(invoice).minor == 300
    assert sum("outside the portal" in one["Subject"] for one in mails) == 1
    books_are_well()
    browser.sign_in(make_person("finance"))
    assert "Refunds to look at" in browser.get("/staff/")
    browser.get("/staff/dues/refunds")
    browser.post(f"/staff/dues/refunds/{refund.id}/seen", page="/staff/dues/refunds")
    assert db.session.scalars(queries.refunds_to_look_at()).all() == []


def test_more_sent_back_at_stripe_than_was_left_is_booked_as_lost(stripe):
    payment = card_credit(stripe)
    send_back(payment, 800, method=PaymentMethod.BANK)
    at_stripe(stripe, payment, 1000)
    money_back.look_after_money_back()
    assert (booked(Account.BAD_DEBT), queries.unallocated_of(payment)) == (800, 0)
    books_are_well()


def test_a_refund_of_a_payment_that_is_not_ours_is_left_alone(stripe):
    payment = card_credit(stripe)
    receipt = money_back.gateway().refund_receipt(at_stripe(stripe, payment, 100)["id"])
    stranger = type(receipt)(**{**vars(receipt), "payment_intent": "pi_stranger"})
    assert actions.apply_refund(stranger) is Outcome.UNMATCHED
    assert found() == []


def test_a_refund_that_the_bank_sends_back_later_is_undone(stripe):
    payment = card_credit(stripe)
    send_back(payment, 400)
    jobs.work()
    (refund,) = found()
    receipt = money_back.gateway().refund_receipt(refund.external_id)
    failed = type(receipt)(**{**vars(receipt), "status": "failed", "trouble": "lost card"})
    for _twice in range(2):
        actions.apply_refund(failed)
        db.session.commit()
    assert (found()[0].status, found()[0].trouble) == (S.FAILED, "lost card")
    assert queries.unallocated_of(payment) == 1000
    books_are_well()


def test_a_missed_answer_is_read_again_by_the_poller(stripe):
    payment = card_credit(stripe)
    refund = send_back(payment, 400)
    at_stripe(stripe, payment, 400, **{"metadata[refund]": str(refund.id)})
    money_back.look_after_money_back()
    assert (found()[0].status, len(found())) == (S.SUCCEEDED, 1)


def test_the_poller_asks_nobody_where_no_card_was_ever_charged(stripe):
    bank_credit()
    money_back.look_after_money_back()
    assert stripe.state()["requests"] == []


@pytest.fixture
def finance(browser, stripe):
    return browser.sign_in(make_person("finance"))


def refund_form(browser, payment, **facts):
    url = f"/staff/dues/payments/{payment.id}/refund"
    browser.get(url)
    seen = str(queries.postings_of(payment))
    form = {"amount": "4.00", "method": "bank", "sent_on": "", "reason": "Too much", "seen": seen}
    return browser.post(url, **{"status": 303, **form, **facts})


def test_staff_send_a_card_payment_back(browser, finance, stripe):
    payment = card_credit(stripe)
    assert "Send it back" in browser.get(f"/staff/dues/payments/{payment.id}")
    refund_form(browser, payment, method="card")
    page = browser.get(f"/staff/dues/payments/{payment.id}")
    assert "EUR\xa04.00 is on its way back to the card" in page
    assert "Call it off" in page
    jobs.work()
    assert "Sent back" in browser.get("/staff/dues/refunds?status=succeeded")
    assert "No refund here" in browser.get("/staff/dues/refunds?status=failed")


def test_the_same_refund_form_sent_twice_sends_once(browser, finance):
    payment = bank_credit()
    seen = str(queries.postings_of(payment))
    refund_form(browser, payment, seen=seen)
    page = refund_form(browser, payment, seen=seen, status=200).text
    assert "moved since you opened this page" in page
    assert len(found()) == 1


@pytest.mark.parametrize(
    ("facts", "words"),
    [({"amount": "10.01"}, "no more can be sent back"), ({"amount": "x"}, "in figures"),
     ({"reason": ""}, "Say why"), ({"method": "withholding"}, "Choose one"),
     ({"method": "card"}, "send the money by bank"), ({"sent_on": "2099-01-01"}, "has not come")],
)  # fmt: skip
def test_a_bad_refund_is_answered_in_words(browser, finance, facts, words):
    payment = bank_credit()
    assert words in refund_form(browser, payment, status=200, **facts).text
    assert found() == []


def test_the_list_of_refunds_costs_the_same_at_any_length(browser, finance, statements):
    counts = []
    for more in (2, 10):
        for _ in range(more):
            send_back(bank_credit(), 100)
        statements.clear()
        browser.get("/staff/dues/refunds")
        counts.append(len([one for one in statements if one.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 12


def test_a_refund_while_stripe_is_away_waits_and_is_tried_again(stripe, at):
    payment = card_credit(stripe)
    send_back(payment, 400)
    stripe.post_faults(fail=6)
    jobs.work()
    assert found()[0].status is S.PENDING
    at(*(clock.now() + timedelta(minutes=2)).timetuple()[:6])
    stripe.post_faults(fail=0)
    jobs.work()
    assert found()[0].status is S.SUCCEEDED
