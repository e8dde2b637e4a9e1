"""A kept card and an invoice that costs less when it is paid early: the less, on its last day."""

from datetime import timedelta

import pytest

from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions, charging, queries
from portal.dues.models import CardMandate
from tests.demo.sandbox_process import FAILS_LATER
from tests.dues.kept import keep_card, mails, money, statuses, steps
from tests.dues.test_early import offered, state
from tests.make import make_person

LESS, ALL = Money(114950, "EUR"), Money(121000, "EUR")


@pytest.fixture
def firm(stripe, days, payer):
    person, firm = payer
    keep_card(stripe, firm, person)
    days.go(days.day)
    return firm


def announced():
    return mails("dues/charge_announced")


def test_the_less_is_announced_with_its_day_and_charged_on_it(days, firm):
    invoice = offered(firm=firm)
    days.work()
    (told,) = announced()
    last = invoice.early_until_on
    day = f"{last.day} {last:%b %Y}"
    assert told.subject.startswith(f"On {day} we charge EUR 1,149.50 to your card")
    assert "Amount: EUR 1,149.50: EUR 60.50 less than is owed, as it is paid early\n" in told.text
    assert f"- On: {day}\n" in told.text
    days.live(last - timedelta(days=1))
    assert (money(), len(announced())) == ([], 2)
    days.live(last)
    assert (money(), steps(), statuses()) == ([LESS], [("early", last)], ["succeeded"])
    assert state(invoice) == ("settled_mixed", 0, 6050)
    days.live(invoice.due_on + timedelta(days=3))
    assert (money(), len(announced())) == ([LESS], 2)
    assert list(queries.ledger_faults()) == []


def test_the_pages_say_the_less_and_its_day(browser, days, firm, payer):
    invoice = offered(firm=firm)
    db.session.commit()
    browser.sign_in(payer[0])
    last = invoice.early_until_on
    said = f"1,149.50 is charged to the card Visa ending in 4242 on {last.day} {last:%b %Y}"
    page = browser.get(f"/invoices/{invoice.id}").replace("\N{NO-BREAK SPACE}", " ")
    assert said in page.replace('<a href="/firm/auto-pay">', "").replace("</a>", "")
    assert "1,149.50" in browser.get("/firm/auto-pay")


def test_too_late_to_announce_it_all_is_charged_when_it_is_due(stripe, days, payer):
    invoice = offered(firm=payer[1])
    days.go(invoice.early_until_on - timedelta(days=2))
    keep_card(stripe, payer[1], payer[0])
    days.live(invoice.due_on)
    assert (money(), steps()) == ([ALL], [("0", invoice.due_on)])
    assert all("EUR 1,210.00" in one.subject for one in announced())


def test_a_worker_that_slept_through_the_day_charges_all_of_it_when_it_is_due(days, firm):
    invoice = offered(firm=firm)
    days.work()
    days.go(invoice.early_until_on + timedelta(days=1)).live(invoice.due_on)
    assert (money(), steps()) == ([ALL], [("0", invoice.due_on)])
    assert [one.subject.count("1,210.00") for one in announced()] == [0, 1, 1]


def test_a_card_that_is_declined_then_is_tried_for_all_of_it_when_it_is_due(stripe, days, payer):
    keep_card(stripe, payer[1], payer[0], FAILS_LATER)
    days.go(days.day)
    invoice = offered(firm=payer[1])
    days.work().live(invoice.due_on + timedelta(days=1))
    after = invoice.due_on + timedelta(days=1)
    assert steps() == [("early", invoice.early_until_on), ("0", invoice.due_on), ("1", after)]
    assert (money(), set(statuses())) == ([], {"failed"})
    assert "EUR 1,210.00" in announced()[-1].subject


def test_an_early_day_that_is_the_due_day_takes_the_less(days, firm):
    invoice = offered(firm=firm, due_in=10)
    assert invoice.early_until_on == invoice.due_on
    days.work().live(invoice.due_on + timedelta(days=1))
    assert (money(), steps()) == ([LESS], [("early", invoice.due_on)])


@pytest.mark.parametrize(("due_in", "paid", "step"), [(30, ALL, "0"), (10, LESS, "early")])
def test_who_agreed_to_the_due_day_alone_is_charged_on_no_other(days, firm, due_in, paid, step):
    db.session.query(CardMandate).one().text_version = "2026-11"
    invoice = offered(firm=firm, due_in=due_in)
    days.work().live(invoice.due_on)
    assert (money(), steps()) == ([paid], [(step, invoice.due_on)])


def test_paid_otherwise_before_the_day_nothing_is_charged(days, firm):
    invoice = offered(firm=firm)
    days.work()
    actions.record_transfer(invoice, LESS, days.day, by=make_person("finance"))
    days.live(invoice.due_on)
    assert (money(), steps()) == ([LESS], [])


def test_an_answer_that_was_lost_on_the_last_day_is_found_the_next(stripe, days, firm):
    invoice = offered(firm=firm)
    days.work().live(invoice.early_until_on - timedelta(days=1))
    days.go(invoice.early_until_on)
    stripe.post_faults(lose=3)
    charging.look_after_kept_cards()
    assert statuses() == ["unknown"]
    days.go(days.day + timedelta(days=1)).work()
    assert (statuses(), money()) == (["succeeded"], [LESS])
    assert state(invoice)[1:] == (0, 6050)
