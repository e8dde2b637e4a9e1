"""Stripe says, we say."""

from datetime import timedelta

import pytest

from portal.core import clock, jobs
from portal.core.db import db
from portal.core.money import Money
from portal.core.stripe_gateway import gateway
from portal.dues import cards, comparing, money_back, queries
from portal.dues.actions import Arrival, receive
from portal.dues.jobs import look_after
from portal.dues.models import Payment, PaymentAttempt, PaymentMethod, ProviderReport
from tests.dues.books import make_invoice
from tests.dues.kept import every, keep_card, mails, make_payer
from tests.dues.test_refunds import at_stripe
from tests.make import business_day, make_person


def paid(stripe):
    invoice = make_invoice()
    stripe.pay(cards.start(invoice.id, "/pay/x"))
    look_after(every(PaymentAttempt)[-1].id)
    return invoice


def compare():
    comparing.compare()
    db.session.commit()
    return queries.last_report()


def in_two_hours(at, stripe):
    at(*(clock.now() + timedelta(hours=2)).timetuple()[:6])
    stripe.set_clock(clock.now())


def test_what_both_say_alike_is_no_difference(stripe, at):
    make_person("finance")
    paid(stripe), paid(stripe)
    in_two_hours(at, stripe)
    report = compare()
    counts = {"payments": 2, "refunds": 0, "disputes": 0, "payouts": 0}
    assert (report.rows, report.counts) == ([], counts)
    assert mails("dues/provider_differs") == []


def test_money_that_we_did_not_book_and_money_that_they_never_took_are_named_and_mailed(
    browser, stripe, at
):
    finance = make_person("finance")
    person, firm = make_payer()
    card = keep_card(stripe, firm, person)
    theirs = gateway().charge(
        attempt_id=99, key="theirs", money=Money(500, "EUR"), name="x",
        customer=card.customer_id, payment_method=card.payment_method_id,
    ).payment_intent  # fmt: skip
    invented = Arrival(
        Money(700, "EUR"), business_day(), None, PaymentMethod.CARD, external_id="pi_invented"
    )
    receive(invented, [])
    db.session.commit()
    in_two_hours(at, stripe)
    report = compare()
    assert {(one["id"], bool(one["theirs"]), bool(one["ours"])) for one in report.rows} == {
        (theirs, True, False), ("pi_invented", False, True),
    }  # fmt: skip
    compare()
    assert [one.recipient for one in mails("dues/provider_differs")] == [finance.email]
    assert len(every(ProviderReport)) == 1
    browser.sign_in(finance)
    page = browser.get("/staff/dues/reports/stripe")
    assert "2 differences" in page
    assert theirs in page
    assert "Differences with the card processor" in browser.get("/staff/")


def test_a_refund_that_we_do_not_know_is_named_until_it_was_looked_at(stripe, at):
    paid(stripe)
    (payment,) = every(Payment)
    made = at_stripe(stripe, payment, 300)
    in_two_hours(at, stripe)
    (row,) = compare().rows
    assert (row["kind"], row["id"], row["ours"]) == ("refunds", made["id"], "")
    money_back.look_at_refund(made["id"])
    db.session.commit()
    assert compare().rows == []


def test_an_amount_that_differs_is_named(stripe, at):
    invoice = paid(stripe)
    intent = stripe.state()["payment_intent"][-1]["id"]
    db.session.rollback()
    ours = {intent: Money(1, "EUR")}
    source = comparing.Source("payments", lambda _since: (), lambda _ids, _since: ours)
    taken = [comparing.Taken(intent, invoice.total, 0)]
    (row,) = comparing._differences(source, taken, clock.now())
    assert (row["theirs"], row["ours"]) == (str(invoice.total), str(Money(1, "EUR")))


def test_money_that_was_taken_just_now_may_still_be_booked(stripe):
    stripe.pay(cards.start(make_invoice().id, "/pay/x"))
    assert compare().rows == []


def test_finance_compares_when_it_likes_and_it_is_done_daily(browser, stripe):
    browser.sign_in(make_person("finance"))
    assert "Nothing was compared yet" in browser.get("/staff/dues/reports/stripe")
    paid(stripe)
    browser.post("/staff/dues/reports/stripe/compare", page="/staff/dues/reports/stripe")
    jobs.work()
    assert "No difference" in browser.get("/staff/dues/reports/stripe")
    comparing.compare_with_stripe()
    db.session.commit()
    assert len(every(ProviderReport)) == 1


@pytest.mark.parametrize(("currency", "total"), [("JPY", 120000), ("KWD", 365500)])
def test_zero_and_three_decimals_are_the_same_both_ways(stripe, at, currency, total):
    """Charged to the unit to a kept card, told back, and compared without a difference."""
    person, firm = make_payer()
    card = keep_card(stripe, firm, person)
    receipt = gateway().charge(
        attempt_id=1, key="k", money=Money(total, currency), name="x",
        customer=card.customer_id, payment_method=card.payment_method_id,
    )  # fmt: skip
    assert receipt.money == Money(total, currency)
    (taken,) = gateway().taken_since(clock.now() - timedelta(days=1))
    assert taken.money == receipt.money
