"""The minimum and the maximum of a price, as a tariff's form and a tariff brought in say them."""

import json
from datetime import date
from html import unescape

import pytest

from portal.core.db import db
from portal.dues import actions, queries
from portal.dues.models import Invoice
from portal.dues.periods import NotQuotable
from portal.dues.pricing import quote
from portal.dues.rule_kinds import Unreadable, read_book
from portal.dues.seat_prices import more_seats
from portal.members.models import SeatOrder
from portal.members.queries import firm_of, seats_now
from tests.dues.books import SEATS, book, case, flat, make_tariff
from tests.dues.test_tariffs import RULES, make_draft
from tests.make import make_contact, make_firm, make_membership, make_person


@pytest.fixture
def finance(browser):
    browser.sign_in(make_person("finance"))


COUNTED = ("bands", "per_unit", "base_plus", "graduated", "volume", "seats")


@pytest.mark.parametrize("kind", COUNTED)
def test_a_maximum_below_the_minimum_is_told_at_its_field(browser, finance, kind):
    draft = make_draft(book(rules=[]))
    url = f"/staff/dues/tariffs/draft/{draft.id}/rules/{kind}"
    answer = browser.post(url, status=200, **RULES[kind] | {"min": "600", "max": "599.99"})
    assert "Enter an amount that is not below: at least" in answer.text
    assert 'value="599.99"' in answer.text
    browser.post(url, **RULES[kind] | {"min": "600", "max": "600"})
    db.session.refresh(draft)
    (rule,) = draft.book["rules"]
    assert (rule["min"], rule["max"]) == (60000, 60000)


@pytest.mark.parametrize(("told", "words"), [
    ({"min": 2, "max": 1}, "a maximum that is below its minimum"),
    ({"min": "much"}, "minimum is not decided"),
    ({"max": -1}, "maximum is not decided"),
])  # fmt: skip
def test_a_tariff_brought_in_with_limits_that_cannot_be_is_refused(told, words):
    for rule in (flat(100), book()["rules"][0], SEATS):
        with pytest.raises(Unreadable, match=words):
            read_book(book(rule | told))


def seats(taken, rule, **facts):
    """The line of seats and its net; None where there is none."""
    found = quote(book(flat(0), SEATS | rule), case(seats=taken, **facts))
    return next((one for one in found.lines if one.income == "seats"), None)


@pytest.mark.parametrize(("rule", "taken", "net", "words"), [
    ({"min": 20000}, 6, 20000, "raised from EUR\xa095.00 to the minimum of EUR\xa0200.00"),
    ({"min": 20000}, 7, 20000, "raised from EUR\xa0190.00"),
    ({"min": 19000}, 7, 19000, "2 at EUR\xa095.00;"),
    ({"min": 20000}, 8, 28500, "3 at EUR\xa095.00;"),
    ({"max": 30000}, 8, 28500, "3 at EUR\xa095.00;"),
    ({"max": 30000}, 9, 30000, "lowered from EUR\xa0380.00 to the maximum of EUR\xa0300.00"),
    ({"max": 30000}, 500, 30000, "lowered"),
    ({"min": 25000, "max": 25000}, 6, 25000, "raised"),
    ({"max": 0}, 6, 0, "lowered"),
])  # fmt: skip
def test_extra_seats_together_cost_no_less_and_no_more(rule, taken, net, words):
    line = seats(taken, rule)
    assert line.net == net
    assert words in line.formula


def test_without_an_extra_seat_there_is_no_minimum():
    assert seats(5, {"min": 20000}) is None


def test_seats_by_tiers_have_limits_too():
    tiers = {"price": None, "tiers": [[0, 5, 9500], [5, None, 6500]]}
    rule = {name: value for name, value in (SEATS | tiers).items() if value is not None}
    for taken, net in ((6, 15000), (11, 54000), (12, 60000), (30, 60000)):
        found = quote(book(flat(0), rule | {"min": 15000, "max": 60000}), case(seats=taken))
        assert [one.net for one in found.lines if one.income == "seats"] == [net]


def test_a_part_of_the_period_is_taken_of_the_limit():
    line = seats(6, {"min": 36500}, joined_on="2026-12-31")
    assert line.net == 100


JANUARY = (date(2026, 1, 1), date(2026, 12, 31), date(2026, 1, 1))


@pytest.mark.parametrize(("rule", "before", "after", "net"), [
    ({"min": 20000}, 5, 6, 20000), ({"min": 20000}, 6, 8, 8500), ({"max": 30000}, 7, 9, 11000),
    ({"min": 20000}, 6, 7, 0), ({"max": 30000}, 9, 12, 0), ({"max": 30000}, 5, 12, 30000),
])  # fmt: skip
def test_more_seats_cost_what_lies_between_the_two_prices(rule, before, after, net):
    line = more_seats(book(SEATS | rule), "technology", JANUARY, (before, after))
    assert (line.net, line.income) == (net, "seats")
    assert ("stays what it was" in line.formula) is (net == 0)


def test_more_seats_among_those_included_still_have_no_price():
    with pytest.raises(NotQuotable, match="no price for more seats"):
        more_seats(book(SEATS | {"max": 1}), "technology", JANUARY, (2, 4))


def test_the_forms_words_the_export_and_what_is_brought_in_know_the_limits(browser, finance):
    draft = make_draft(book(flat(100000)))
    url = f"/staff/dues/tariffs/draft/{draft.id}"
    browser.post(f"{url}/rules/seats", **RULES["seats"] | {"min": "200", "max": "300"})
    db.session.refresh(draft)
    rule = draft.book["rules"][-1]
    assert (rule["min"], rule["max"]) == (20000, 30000)
    words = "at least EUR\xa0200.00, at most EUR\xa0300.00 for all of them"
    assert words in unescape(browser.get(url))
    exported = json.loads(browser.get(f"{url}.json"))
    assert read_book(exported)["rules"][-1] == rule
    number = len(draft.book["rules"])
    page = browser.get(f"{url}/rules/{number - 1}/edit")
    assert 'value="200.00"' in page
    browser.post(f"{url}/rules/{number - 1}/edit", **RULES["seats"] | {"min": "", "max": ""})
    db.session.refresh(draft)
    assert not {"min", "max"} & draft.book["rules"][-1].keys()


@pytest.fixture
def buyer(browser, at):
    """Of a firm with six seats of one that is included; five more at EUR 95 are EUR 475."""
    at(2026, 1, 1, 12)
    make_tariff(book=book(flat(100000), SEATS | {"included": 1, "max": 30000}))
    firm = make_firm()
    make_membership(firm, start=JANUARY[0], end=JANUARY[1], price_snapshot={
        "seats": {"included": 1}
    })  # fmt: skip
    return browser.sign_in(make_contact(firm, "dues_contact", "roster_manager"))


def test_seats_beyond_the_maximum_cost_nothing_once_the_others_are_paid(browser, buyer):
    shown = browser.post("/firm/seats", status=200, seats="5", seen="9500", after="0").text
    assert "EUR\xa0300.00" in unescape(shown)
    browser.post("/firm/seats", seats="5", seen="30000", after="0")
    invoice = db.session.query(Invoice).one()
    again = browser.post("/firm/seats", status=200, seats="1", seen="0", after="1").text
    assert "Pay that order or cancel it" in again
    assert db.session.query(Invoice).count() == 1
    actions.record_transfer(invoice, queries.balance(invoice), invoice.issued_on, by=buyer)
    db.session.commit()
    order = db.session.query(SeatOrder).one()
    assert "stays what it was" in browser.get("/firm/seats")
    browser.post("/firm/seats", seats="2", seen="0", after=str(order.id))
    firm = firm_of(buyer)
    assert seats_now(firm.id).size == 8
    assert list(queries.ledger_faults()) == []
