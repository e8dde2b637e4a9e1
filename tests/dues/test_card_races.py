"""Many at once about one debt: whoever is first, it is paid once, and the books are whole."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core import jobs
from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions, cards, charging, queries, saving
from portal.dues.models import LIVE, CardMandate, Invoice, PaymentAttempt
from tests.browser import Browser
from tests.dues.books import deliver, event, make_invoice
from tests.dues.kept import Days, every, keep_card, mails, make_payer, money, statuses
from tests.dues.test_races import at_once
from tests.make import make_person


@pytest.fixture
def due(stripe, at):
    """An invoice that was announced and is due today, and the card that it will be charged to."""
    person, firm = make_payer()
    mandate = keep_card(stripe, firm, person)
    invoice = make_invoice(firm, due_in=5)
    days = Days(at, stripe)
    days.go(days.day).work(1)
    days.live(invoice.due_on - timedelta(days=1))
    days.go(invoice.due_on)
    db.session.commit()
    return invoice, mandate


def look_at_every_attempt():
    """As the poller does, without the two minutes that it waits."""
    for one in every(PaymentAttempt):
        if one.status in LIVE:
            cards.look(one.id)


def is_whole(invoice):
    assert list(queries.ledger_faults()) == []
    return not queries.balance(db.session.get_one(Invoice, invoice.id))


def test_six_workers_charge_a_card_once(app, stripe, due):
    invoice, _mandate = due
    at_once(app, 6, lambda _n: charging.look_after_kept_cards())
    assert len(stripe.state()["charge"]) == 1
    assert money() == [invoice.total]
    assert is_whole(invoice)


def test_an_automatic_charge_beside_an_open_page_is_one_payment(app, stripe, due):
    """Either the page is first and nothing is charged, or the charge is and no page is given."""
    invoice, _mandate = due
    invoice_id = invoice.id

    def either(n):
        if n % 2:
            charging.look_after_kept_cards()
            return ""
        try:
            return cards.start(invoice_id, "/pay/x")
        except Refused:
            db.session.rollback()
            return ""

    pages = {url for url in at_once(app, 6, either) if url}
    for url in pages:
        stripe.pay(url)
    look_at_every_attempt()
    assert money() == [invoice.total]
    assert len([one for one in stripe.state()["charge"] if one["paid"]]) == 1
    assert is_whole(invoice)


def test_a_transfer_recorded_while_a_card_is_charged_loses_nothing(app, stripe, due):
    invoice, _mandate = due
    invoice_id, total, day = invoice.id, invoice.total, invoice.issued_on
    stripe.post_faults(hang={"n": 1, "seconds": 1})

    def either(n):
        if n:
            found = db.session.get_one(Invoice, invoice_id)
            actions.record_transfer(found, total, day, by=make_person("finance"))
            db.session.commit()
        else:
            charging.look_after_kept_cards()

    at_once(app, 2, either)
    look_at_every_attempt()
    assert is_whole(invoice)
    taken = [one for one in stripe.state().get("charge", []) if one["paid"]]
    assert len(money()) == 1 + len(taken)
    loose = db.session.execute(queries.unallocated()).all()
    assert [int(rest) for _payment, rest in loose] == [total.minor] * len(taken)


def test_a_transfer_recorded_while_a_page_is_open_loses_nothing(app, stripe):
    invoice = make_invoice(total=1000)
    hosted, invoice_id, day = cards.start(invoice.id, "/pay/x"), invoice.id, invoice.issued_on
    (attempt_id,) = db.session.scalars(select(PaymentAttempt.id))

    def one_of(n):
        if n == 0:
            stripe.pay(hosted)
        elif n == 1:
            whole = db.session.get_one(Invoice, invoice_id)
            actions.record_transfer(whole, whole.total, day, by=make_person("finance"))
            db.session.commit()
        else:
            cards.look(attempt_id)

    at_once(app, 4, one_of)
    jobs.work()
    look_at_every_attempt()
    assert is_whole(invoice)
    assert len(money()) in {1, 2}  # the page may have been closed before it was paid


def test_two_tabs_one_of_which_keeps_the_card_leave_one_page_at_most(app, stripe):
    person, firm = make_payer()
    invoice = make_invoice(firm)
    invoice_id, person_id = invoice.id, person.id

    def tab(n):
        keeper = db.session.get_one(type(person), person_id) if n % 2 else None
        try:
            return cards.start(invoice_id, "/pay/x", keeper)
        except Refused:
            db.session.rollback()
            return ""

    urls = {url for url in at_once(app, 4, tab) if url}
    paid = [url for url in urls if stripe.pay(url).location]
    look_at_every_attempt()
    assert len(paid) <= 1  # each tab may have closed the other's page
    if not paid:
        stripe.pay(cards.start(invoice_id, "/pay/x"))
        look_at_every_attempt()
    assert money() == [invoice.total]
    assert statuses().count("succeeded") == 1


def test_a_hundred_copies_of_a_message_about_a_charge_book_it_once(app, stripe, due):
    invoice, _mandate = due
    charging.look_after_kept_cards()
    intent = stripe.state()["payment_intent"][-1]["id"]
    body = event("payment_intent.succeeded", intent)
    statuses = at_once(app, 100, lambda _n: deliver(Browser(app.test_client()), body))
    assert set(statuses) == {204}
    at_once(app, 4, lambda _n: jobs.work())
    assert money() == [invoice.total]
    assert len(mails("dues/received")) == 1


def test_the_message_the_page_and_the_poller_keep_a_card_once(app, stripe):
    person, firm = make_payer()
    stripe.pay(saving.start(firm, person))
    (session_id,) = db.session.scalars(select(CardMandate.session_id))
    at_once(app, 6, lambda _n: saving.look(session_id))
    assert len(every(CardMandate)) == 1
    assert queries.kept_card(firm.id).last4 == "4242"


def test_two_cards_saved_at_once_leave_one_that_is_charged(app, stripe):
    person, firm = make_payer()
    for _ in range(2):
        stripe.pay(saving.start(firm, person))
    sessions = list(db.session.scalars(select(CardMandate.session_id)))
    at_once(app, 2, lambda n: saving.look(sessions[n]))
    assert [one.revoked_at is None for one in every(CardMandate)].count(True) == 1
