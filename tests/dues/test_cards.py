"""Paying by card, against the sandbox over HTTP."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from portal.core import clock, jobs
from portal.core.db import db
from portal.core.money import Money
from portal.core.stripe_gateway import StripeAway, gateway
from portal.dues import actions, cards, queries
from portal.dues.actions import Outcome
from portal.dues.models import AttemptStatus, Payment, PaymentAttempt
from tests.demo.sandbox_process import ASKS, DECLINED
from tests.dues.books import make_invoice
from tests.make import make_person

A = AttemptStatus


def attempts():
    db.session.expire_all()
    return db.session.scalars(select(PaymentAttempt).order_by(PaymentAttempt.id)).all()


def sessions(stripe):
    return stripe.state()["checkout.session"]


def payments():
    return db.session.scalars(select(Payment)).all()


def link_of(invoice):
    return f"/pay/{actions.pay_link(invoice).token}"


def press_pay(browser, url):
    """Open the page, press the card button; where Stripe's page is."""
    return browser.post(f"{url}/pay", page=url).location


def test_a_payer_without_an_account_pays_by_card(browser, stripe, sent):
    invoice = make_invoice(total=241800)
    url = link_of(invoice)
    hosted = press_pay(browser, url)
    assert hosted.startswith(stripe.url)
    paid = stripe.pay(hosted)
    back = urlsplit(paid.location).path
    assert back == f"{url}/return"
    browser.get(back, status=303)
    page = browser.get(url)
    assert "Paid, thank you. The receipt is on its way to finance@test.example." in page
    assert "Nothing is owed." in page
    (receipt,) = sent()
    assert receipt["Subject"] == f"Receipt: EUR 2,418.00 for invoice {invoice.number}"
    assert [one.status for one in attempts()] == [A.SUCCEEDED]
    assert list(queries.ledger_faults()) == []


def test_a_declined_card_charges_nothing_and_another_card_works(browser, stripe):
    url = link_of(make_invoice())
    hosted = press_pay(browser, url)
    assert "declined" in stripe.pay(hosted, DECLINED).error
    assert "Nothing was charged" in browser.get(f"{url}?card=left")
    assert press_pay(browser, url) == hosted
    stripe.pay(hosted)
    browser.get(f"{url}/return", status=303)
    assert len(payments()) == 1


def test_a_card_that_asks_its_bank_pays_when_the_bank_agrees(browser, stripe):
    url = link_of(make_invoice())
    hosted = press_pay(browser, url)
    assert stripe.pay(hosted, ASKS, authorise=False).error
    assert stripe.pay(hosted, ASKS).location
    browser.get(f"{url}/return", status=303)
    assert len(payments()) == 1


def test_coming_back_without_paying_says_so(browser, stripe):
    url = link_of(make_invoice())
    press_pay(browser, url)
    browser.get(f"{url}/return", status=303)
    assert "No card payment has arrived" in browser.get(url)
    assert [one.status for one in attempts()] == [A.OPEN]


def test_the_return_page_before_any_try_leads_to_the_invoice(browser):
    url = link_of(make_invoice())
    browser.get(f"{url}/return", status=303)


def test_the_return_page_tells_of_a_page_that_expired(browser, stripe):
    invoice = make_invoice()
    url = link_of(invoice)
    press_pay(browser, url)
    gateway().expire(attempts()[0].session_id)
    browser.get(f"{url}/return", status=303)
    assert "The card was not charged" in browser.get(url)
    assert [one.status for one in attempts()] == [A.EXPIRED]


def test_two_tabs_lead_to_the_same_page(browser, another_browser, stripe):
    url = link_of(make_invoice())
    assert press_pay(browser, url) == press_pay(another_browser, url)
    assert [one.key[-6:] for one in attempts()] == ["-att-1"]


def test_a_part_payment_closes_the_page_and_the_next_asks_for_the_rest(browser, stripe):
    invoice = make_invoice(total=1000)
    url = link_of(invoice)
    first = press_pay(browser, url)
    actions.record_transfer(invoice, Money(400, "EUR"), date(2026, 1, 1))
    db.session.commit()
    second = press_pay(browser, url)
    assert second != first
    assert [(one.status, one.amount_minor) for one in attempts()] == [
        (A.EXPIRED, 1000), (A.OPEN, 600)
    ]  # fmt: skip


def test_a_transfer_that_settles_closes_the_page_by_a_job(browser, stripe):
    invoice = make_invoice()
    url = link_of(invoice)
    hosted = press_pay(browser, url)
    actions.record_transfer(invoice, invoice.total, date(2026, 1, 1))
    db.session.commit()
    jobs.work()
    assert [one.status for one in attempts()] == [A.EXPIRED]
    assert stripe.pay(hosted).location is None
    assert "Nothing is owed" in browser.get(url)


def test_money_that_comes_after_the_invoice_was_paid_otherwise_is_unallocated(browser, stripe):
    invoice = make_invoice(total=1000)
    url = link_of(invoice)
    hosted = press_pay(browser, url)
    actions.record_transfer(invoice, invoice.total, date(2026, 1, 1), by=make_person())
    db.session.commit()
    stripe.pay(hosted)
    browser.get(f"{url}/return", status=303)
    ((payment, rest),) = db.session.execute(queries.unallocated()).all()
    assert (payment.method, rest) == ("card", 1000)
    assert list(queries.ledger_faults()) == []


def test_nothing_more_can_be_paid_on_a_settled_invoice(browser, stripe):
    invoice = make_invoice()
    url = link_of(invoice)
    browser.get(url)
    actions.record_transfer(invoice, invoice.total, date(2026, 1, 1))
    db.session.commit()
    answer = browser.send("POST", f"{url}/pay", data={"csrf_token": browser.token})
    assert answer.location == url
    assert "Nothing is owed on this invoice any more" in browser.get(url)


@pytest.mark.parametrize(
    ("total", "currency", "why"),
    [(1_209_000, "IQD", "IQD cannot be paid by card"), (140_373, "KWD", "steps of KWD\xa00.010")],
)
def test_what_cards_cannot_take_is_refused_in_words(browser, stripe, total, currency, why):
    url = link_of(make_invoice(total=total, currency=currency))
    assert press_pay(browser, url) == url
    assert why in browser.get(url)
    assert [one.status for one in attempts()] == [A.CANCELLED]


@pytest.mark.parametrize(("currency", "total"), [("JPY", 120000), ("KWD", 365500), ("ISK", 12345)])
def test_currencies_of_other_decimals_are_charged_to_the_unit(browser, stripe, currency, total):
    invoice = make_invoice(total=total, currency=currency)
    url = link_of(invoice)
    stripe.pay(press_pay(browser, url))
    browser.get(f"{url}/return", status=303)
    assert [one.money for one in payments()] == [Money(total, currency)]


def test_when_stripe_is_down_the_page_says_so_and_offers_the_transfer(browser, stripe):
    invoice = make_invoice()
    url = link_of(invoice)
    stripe.post_faults(fail=3)
    page = browser.post(f"{url}/pay", page=url, status=503).text
    assert "Card payments are away for a moment" in page
    assert invoice.reference[:4] in page
    assert [one.status for one in attempts()] == [A.UNKNOWN]
    assert press_pay(browser, url).startswith(stripe.url)
    assert [(one.status, one.n) for one in attempts()] == [(A.OPEN, 1)]


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key(stripe):
    invoice = make_invoice()
    stripe.post_faults(lose=3)
    with pytest.raises(StripeAway):
        cards.start(invoice.id, "/pay/x")
    cards.start(invoice.id, "/pay/y")  # another page of ours: the first one's words are sent
    assert len(sessions(stripe)) == 1
    assert [one.back for one in attempts()] == ["/pay/x"]


def test_the_poller_books_what_no_webhook_told(stripe, at):
    invoice = make_invoice()
    stripe.pay(cards.start(invoice.id, "/pay/x"))
    now = clock.now() + timedelta(minutes=3)
    at(*now.timetuple()[:6])
    jobs.work()
    assert not queries.balance(invoice)
    assert [one.status for one in attempts()] == [A.SUCCEEDED]


def test_the_poller_finds_pages_that_expired_and_answers_that_were_lost(stripe, at):
    first, second = make_invoice(), make_invoice()
    cards.start(first.id, "/pay/x")
    gateway().expire(attempts()[0].session_id)
    stripe.post_faults(fail=3)
    with pytest.raises(StripeAway):
        cards.start(second.id, "/pay/y")
    now = clock.now() + timedelta(minutes=3)
    at(*now.timetuple()[:6])
    jobs.work()
    assert [one.status for one in attempts()] == [A.EXPIRED, A.OPEN]


def test_the_poller_outlives_a_stripe_that_is_down(stripe, at):
    cards.start(make_invoice().id, "/pay/x")
    cards.start(make_invoice().id, "/pay/y")
    stripe.post_faults(fail=6)
    now = clock.now() + timedelta(minutes=3)
    at(*now.timetuple()[:6])
    jobs.work()
    assert [one.status for one in attempts()] == [A.OPEN, A.OPEN]


def test_an_attempt_whose_session_stripe_never_made_is_cancelled_in_the_end(stripe, at):
    stripe.post_faults(fail=3)
    with pytest.raises(StripeAway):
        cards.start(make_invoice().id, "/pay/x")
    now = clock.now() + timedelta(hours=3)
    at(*now.timetuple()[:6])
    stripe.set_clock(now)
    jobs.work()
    assert [one.status for one in attempts()] == [A.CANCELLED]


def test_a_session_that_is_none_of_ours_is_never_booked(stripe):
    make_invoice()
    made = gateway().checkout(
        attempt_id=987654, key="foreign", money=Money(500, "EUR"), name="x", email="a@b.example",
        success_url="http://x.test/a", cancel_url="http://x.test/b",
        expires_at=int(time.time()) + 3600,
    )  # fmt: skip
    stripe.pay(made.url)
    assert actions.settle(gateway().receipt(made.session_id)) is Outcome.UNMATCHED
    assert payments() == []


def test_others_write_while_stripe_thinks(stripe, app):
    invoice, other = make_invoice(), make_invoice()
    invoice_id = invoice.id
    stripe.post_faults(hang={"n": 1, "seconds": 4})
    db.session.commit()

    def start():
        with app.app_context():
            return cards.start(invoice_id, "/pay/x")

    with ThreadPoolExecutor() as pool:
        slow = pool.submit(start)
        while not attempts():
            db.session.rollback()
            time.sleep(0.01)
        db.session.rollback()  # what was read is old by now: a write must not follow on it
        actions.record_transfer(other, other.total, date(2026, 1, 1))
        db.session.commit()
        assert not slow.done()
        assert slow.result().startswith(stripe.url)


def test_the_same_receipt_twice_is_one_payment(stripe):
    invoice = make_invoice()
    stripe.pay(cards.start(invoice.id, "/pay/x"))
    receipt = gateway().receipt(attempts()[0].session_id)
    assert [actions.settle(receipt), actions.settle(receipt)] == [Outcome.BOOKED, Outcome.ALREADY]
    db.session.commit()
    assert len(payments()) == 1


def test_late_success_of_an_expired_attempt_is_booked(stripe):
    invoice = make_invoice()
    stripe.pay(cards.start(invoice.id, "/pay/x"))
    attempt = attempts()[0]
    attempt.status = A.EXPIRED
    db.session.commit()
    assert actions.settle(gateway().receipt(attempt.session_id)) is Outcome.BOOKED
    db.session.commit()
    assert attempts()[0].status is A.SUCCEEDED
