"""What is known of a firm beside its numbers is on its invoices as on the quote."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.dues.declaring import facts_asked
from portal.joining.actions import approve, priced
from portal.renewals.actions import compare
from portal.renewals.prices import quote_next, quote_term
from portal.renewals.queries import renewal_of
from tests.joining.applying import make_application
from tests.make import make_person
from tests.renewals.making import adopt, issue, make_life, next_of, pay

NGO = {"kind": "discount", "classes": "*", "percent": 10, "if": "ngo"}
FIRST = {"kind": "discount", "classes": "*", "percent": 20, "if": "first_year"}
CHAPTER = {"kind": "chapter_fee", "classes": "*", "chapter": "Cebu", "amount": 5000}


@pytest.fixture(autouse=True)
def _autumn(at):
    at(2026, 11, 20, 12)


def told(invoice):
    return [(one.rule, one.net_minor, one.formula, one.tax_percent) for one in invoice.lines]


def quoted(found):
    return [(one.rule, one.net, one.formula, one.tax_percent) for one in found.lines]


def agrees(membership, first):
    """The books of the days from `first` on are as they should be."""
    found = compare(membership)
    return not found.wrong and not [one for one in found.missing if one.covers_from >= first]


def test_staff_note_a_fact_and_a_chapter_and_the_next_invoice_has_both(browser):
    term = make_life(headcount=40, tariff=adopt(NGO, CHAPTER))
    firm = term.membership.organization
    browser.sign_in(make_person("finance"))
    page = f"/staff/members/{firm.id}/price-facts"
    assert "Priced as" not in browser.get(f"/staff/members/{firm.id}/life")
    assert "Cebu" in browser.get(page)
    browser.post(page, facts=["ngo"], chapters=["Cebu"], reason="Their statutes.")
    assert "ngo, Cebu" in browser.get(f"/staff/members/{firm.id}/life")
    kept = db.session.scalars(select(AuditEvent).filter_by(verb="firm.price_facts")).one()
    assert kept.details["after"] == {"facts": ["ngo"], "chapters": ["Cebu"]}
    invoice = issue(term)
    assert told(invoice) == quoted(quote_next(renewal_of(term)))
    assert [one.net_minor for one in invoice.lines] == [163440, 5000]
    pay(invoice)
    firm.priced_by = {"facts": [], "chapters": []}
    db.session.commit()
    assert quoted(quote_term(next_of(term))) == told(invoice), "sold is sold"
    assert agrees(term.membership, date(2027, 1, 1))


def test_who_joins_has_the_discount_of_the_first_year_and_not_in_the_second(at):
    adopt(FIRST)
    made = make_application(upto="under_review")
    offered = priced(made)
    invoice = approve(made, make_person("finance"))
    assert told(invoice) == quoted(offered.quote)
    assert "less" in invoice.lines[0].formula
    pay(invoice)
    (held,) = made.organization.memberships
    assert agrees(held, date(2026, 1, 1))
    at(2026, 12, 20, 12)
    assert [one.net_minor for one in issue(held.terms[0]).lines] == [241800]


def test_only_what_somebody_must_find_is_asked_of_staff():
    books = [{"rules": [NGO, FIRST, CHAPTER, NGO | {"if": "startup"}]}]
    assert facts_asked(books) == {"facts": ["ngo"], "chapters": ["Cebu"]}


def test_where_no_tariff_asks_anything_the_page_says_so_and_where_to_go(browser):
    firm = make_life(tariff=adopt()).membership.organization
    firm.priced_by = {"facts": ["ngo"], "chapters": []}
    db.session.commit()
    browser.sign_in(make_person("finance"))
    page = f"/staff/members/{firm.id}/price-facts"
    shown = browser.get(page)
    assert "No tariff has a discount that somebody must find" in shown
    assert 'href="/staff/dues/tariff"' in shown
    assert "Keep it" not in shown
    browser.post(page, status=200, reason="So")
    assert firm.priced_by["facts"] == ["ngo"]


def test_only_the_list_that_a_tariff_asks_for_is_offered(browser):
    firm = make_life(tariff=adopt(CHAPTER)).membership.organization
    browser.sign_in(make_person("finance"))
    page = f"/staff/members/{firm.id}/price-facts"
    shown = browser.get(page)
    assert 'name="chapters"' in shown
    assert 'name="facts"' not in shown
    browser.post(page, chapters=["Cebu"], reason="Their office is there.")
    assert firm.priced_by == {"facts": [], "chapters": ["Cebu"]}
