"""Old claims that the law of the payer's country may bar, after the years that staff set."""

from datetime import date, timedelta

import pytest

from portal.association.models import Association
from portal.core.access import Role
from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions, queries
from portal.dues.queries.barred import barred_from, is_near
from tests.dues.books import make_invoice
from tests.make import business_day, make_firm, make_person


def years(**by_country):
    db.session.get(Association, 1).barred_after = by_country
    db.session.commit()


def due(days_over, country="PH", **facts):
    """An invoice of a payer in a country that was due so many days more than five years ago."""
    on = business_day()
    before = on.replace(year=on.year - 5) - timedelta(days=days_over)
    invoice = make_invoice(due_in=(before - on).days, **facts)
    assert invoice.bill_to["country"] == country
    return invoice


def marked():
    return db.session.scalars(queries.invoices("barred")).unique().all()


@pytest.mark.parametrize(("days_over", "is_marked"), [(-1, False), (0, True), (1, True)])
def test_a_claim_is_marked_from_the_day_on_that_the_years_are_over(days_over, is_marked):
    years(PH=5)
    invoice = due(days_over)
    on = barred_from(invoice)
    assert on == business_day() - timedelta(days=days_over)
    assert (on <= business_day()) is is_marked
    assert (invoice in marked()) is is_marked


def test_nothing_is_assumed_of_a_country_that_nobody_named():
    years(NL=5)
    invoice = due(900)
    assert (barred_from(invoice), marked()) == (None, [])
    years()
    assert marked() == []


def test_a_leap_day_has_its_years_too():
    years(PH=1)
    invoice = make_invoice()
    invoice.bill_to = {"country": "ph"}
    db.session.expunge(invoice)
    invoice.due_on = date(2024, 2, 29)
    assert barred_from(invoice) == date(2025, 3, 1)


def test_staff_are_warned_half_a_year_before_and_not_earlier():
    on = business_day()
    assert is_near(on + timedelta(days=180))
    assert not is_near(on + timedelta(days=200))
    assert not is_near(None)


def test_what_is_paid_is_not_marked():
    years(PH=5)
    invoice = due(10, total=1000)
    by = make_person(Role.FINANCE)
    actions.record_transfer(invoice, Money(1000, "EUR"), business_day(), by=by)
    assert marked() == []


def test_it_is_said_on_the_invoice_in_the_list_and_among_what_is_owed(browser):
    years(PH=5)
    browser.sign_in(make_person(Role.FINANCE))
    old, soon = due(10, firm=make_firm(name="Old Firm")), due(-30)
    fresh = make_invoice()
    assert "This claim may be time-barred" in browser.get(f"/staff/dues/{old.id}")
    assert "may become time-barred" in browser.get(f"/staff/dues/{soon.id}")
    page = browser.get(f"/staff/dues/{fresh.id}")
    assert "Time-barred from" in page
    assert "may be" not in page
    page = browser.get("/staff/dues/?state=barred")
    assert "1 invoice, newest first" in page
    assert old.number in page
    assert browser.get("/staff/dues/").count("May be time-barred</span>") == 1
    assert "look at them" in browser.get("/staff/dues/reports/owed")
