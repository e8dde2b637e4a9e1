"""A gift beside the dues of the next term: told on the page, on the invoice, in the books once."""

from datetime import date

import pytest

from portal.core.db import db
from portal.dues import actions as dues
from portal.dues import queries as books
from portal.renewals import actions, queries
from tests.dues.books import FEE, SEATS, book
from tests.renewals.making import adopt, fte, issue, make_life, next_of, pay, person_of

GIFT = {"kind": "donation", "classes": "*", "tax_percent": "0"}
SIZE = {"seats": "0", "page": "/firm/membership"}


@pytest.fixture
def term(at):
    at(2026, 11, 5)
    tariff = adopt(book=book(*book()["rules"], FEE, SEATS, GIFT, tax_percent="21"))
    return make_life(tariff=tariff)


def renewal_of(term):
    db.session.expire_all()
    return queries.renewal_of(term)


def incomes(invoice):
    return [(line.income, line.net_minor) for line in invoice.lines]


def test_the_dues_contact_gives_beside_the_dues(browser, term):
    browser.sign_in(person_of(term))
    assert "A gift, in EUR" in browser.get("/firm/membership")
    browser.post("/firm/membership/choose", **SIZE, gift="250")
    page = browser.get("/firm/membership")
    assert "given freely, may be left out" in page
    assert 'value="250.00"' in page
    invoice = issue(term)
    assert incomes(invoice) == [("dues", 181600), ("gift", 25000)]
    assert invoice.tax_minor == 38136
    pay(invoice)
    assert next_of(term).start_on == date(2027, 1, 1)
    assert list(books.ledger_faults()) == []
    found = actions.compare(term.membership)
    assert [line.covers_from.year for line in found.missing] == [2026]  # sold without an invoice
    assert found.wrong == []


def test_a_correction_of_the_size_leaves_the_gift(at, term):
    actions.choose(actions.open_window(term), 0, None, 25000)
    pay(issue(term))
    at(2027, 2, 1)
    actions.correct(next_of(term), fte(60), "Counted again", None)
    actions.reconcile(term.membership, "Counted again")
    db.session.commit()
    charged = [
        line for invoice in actions.compare(term.membership).issued for line in invoice.lines
        if line.covers_from.year == 2027
    ]  # fmt: skip
    assert [(line.income, line.net_minor) for line in charged] == [
        ("dues", 241800), ("gift", 25000),
    ]  # fmt: skip
    assert list(books.ledger_faults()) == []


def test_it_may_be_left_out_again_until_the_invoice(browser, term):
    browser.sign_in(person_of(term))
    browser.post("/firm/membership/choose", **SIZE, gift="250")
    browser.post("/firm/membership/choose", **SIZE, gift="")
    assert renewal_of(term).gift_minor is None
    assert incomes(issue(term)) == [("dues", 181600)]


@pytest.mark.parametrize("told", ["a lot", "-5", "0"])
def test_what_is_no_amount_is_said_at_the_field_and_kept(browser, term, told):
    browser.sign_in(person_of(term))
    page = browser.post("/firm/membership/choose", status=200, **SIZE, gift=told).text
    assert f'value="{told}"' in page
    assert "Enter an amount" in page


def test_nobody_is_asked_where_the_tariff_takes_no_gifts(browser, at):
    at(2026, 11, 5)
    term = make_life()
    browser.sign_in(person_of(term))
    assert "A gift" not in browser.get("/firm/membership")
    browser.post("/firm/membership/choose", **SIZE, gift="250")
    assert renewal_of(term).gift_minor is None


def test_the_term_after_has_none(at, term):
    actions.choose(actions.open_window(term), 0, None, 25000)
    pay(issue(term))
    at(2027, 11, 5)
    assert incomes(issue(next_of(term))) == [("dues", 181600)]


def test_a_gift_that_is_left_out_does_not_come_again_with_another_invoice(at, term):
    actions.choose(actions.open_window(term), 0, None, 25000)
    first = issue(term)
    dues.leave_gift_out(first)
    db.session.commit()
    assert renewal_of(term).gift_minor is None
    dues.credit(first, "Counted again")
    db.session.commit()
    assert incomes(issue(term)) == [("dues", 181600)]


def test_when_only_the_gift_was_unpaid_leaving_it_out_begins_the_term(term):
    actions.choose(actions.open_window(term), 0, None, 25000)
    invoice = issue(term)
    pay(invoice, invoice.total_minor - 25000)
    assert next_of(term) is None
    dues.leave_gift_out(invoice)
    db.session.commit()
    assert next_of(term).start_on == date(2027, 1, 1)


def test_a_correction_leaves_out_a_gift_that_was_left_out(at, term):
    actions.choose(actions.open_window(term), 0, None, 25000)
    invoice = issue(term)
    dues.leave_gift_out(invoice)
    pay(invoice)
    at(2027, 2, 1)
    actions.correct(next_of(term), fte(60), "Counted again", None)
    actions.reconcile(term.membership, "Counted again")
    db.session.commit()
    found = actions.compare(term.membership)
    assert [line.income for one in found.issued for line in one.lines] == ["dues", "dues"]
    assert found.difference.is_nothing
