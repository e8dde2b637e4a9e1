"""Classes whose dues follow from an amount of money, and tariffs of more than one currency."""

from datetime import date
from decimal import Decimal

import pytest

from portal.association.queries import association
from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import Declaration, Tariff
from portal.joining import actions
from portal.joining.models import Application
from portal.members.models import MembershipClass, Term
from portal.renewals import actions as renewals
from tests.dues.books import KSF, book, flat, make_tariff
from tests.joining.applying import CONTACTS, DECLARATION, FIRM, QUOTE, again, make_application
from tests.make import make_person

CRORE = 10_000_000  # rupees
NASSCOM = {
    "kind": "bands", "classes": ["provider_front"], "metric": "revenue",
    "bands": [
        [50 * CRORE, 500 * CRORE, None], [500 * CRORE, 1000 * CRORE, 75_000_000],
        [1000 * CRORE, 2000 * CRORE, 125_000_000],
    ],
}  # fmt: skip
ASKED = "kind=provider_front&country=IN&metric_revenue="
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def reference_day(at):
    at(2026, 11, 22, 9)


def is_even(term):
    """What was issued for a term is what should be."""
    found = renewals.compare(term.membership)
    return not found.missing and not found.wrong


@pytest.fixture
def by_revenue():
    association().currency = "INR"
    rules = NASSCOM, flat(500_000, "consultant")
    return make_tariff(book=book(*rules, currency="INR", proration="none"), currency="INR")


def test_sixty_people_are_no_revenue_the_amount_is_asked(browser, by_revenue):
    first = browser.get("/join/")
    assert "Revenue" not in first.split("<aside")[0], "a class comes first"
    page = browser.get(f"/join/?{ASKED.partition('&metric')[0]}")
    assert "There is a problem" not in page, "nothing was asked yet"
    assert "In INR, of the year from 1 Jan 2025 to 31 Dec 2025" in page
    assert "Your price" not in page
    assert "Enter the amount, in figures" in browser.get(f"/join/?{ASKED}")
    page = browser.get(f"/join/?{ASKED}7,420,000,000")
    assert f"INR{NBSP}750,000.00" in page
    assert "metric_revenue=7420000000" in page
    assert browser.send("GET", f"/join/start?{ASKED}").status_code == 303


@pytest.mark.parametrize(
    ("amount", "words"),
    [("1200000000", "not decided"), ("1", "no band"), ("much", "Enter the amount, in figures"),
     ("-5", "Enter an amount that is not below zero")],
)  # fmt: skip
def test_an_amount_without_a_price_is_answered_at_its_field(browser, by_revenue, amount, words):
    page = browser.get(f"/join/?{ASKED}{amount}")
    assert words in page
    assert 'id="metric_revenue-error"' in page
    assert "Your price" not in page


def test_a_class_that_is_not_asked_sees_no_field_of_money(browser, by_revenue):
    page = browser.get("/join/?kind=consultant&country=IN&metric_revenue=much")
    assert f"INR{NBSP}5,000.00" in page
    assert "Revenue" not in page.split("<aside")[0]


def test_the_amount_goes_with_the_application_to_its_invoice_declaration_and_term(
    browser, by_revenue
):
    there = browser.post(
        f"/join/start?{ASKED}7420000000", applicant="Mira", email="mira@firm.example"
    ).location
    url = there.removesuffix("/firm")
    browser.post(there, **FIRM)
    browser.post(f"{url}/contacts", **CONTACTS)
    assert 'value="7420000000"' in browser.get(f"{url}/declaration")
    empty = DECLARATION | {"metric_revenue": ""}
    refused = browser.post(f"{url}/declaration", status=200, **empty).text
    assert "Enter the amount, in figures" in refused
    browser.post(f"{url}/declaration", **DECLARATION, metric_revenue="10 000 000 000.50")
    assert f"INR{NBSP}10,000,000,000.5" in browser.get(f"{url}/check")
    browser.post(f"{url}/check")
    made = db.session.query(Application).one()
    browser.sign_in(make_person("membership"))
    assert "10,000,000,000.5" in browser.get(f"/staff/joining/{made.id}")
    actions.take(made)
    invoice = actions.approve(made, make_person())
    assert (invoice.net_minor, invoice.currency) == (125_000_000, "INR")
    told = db.session.query(Declaration).one()
    assert (told.metric, told.value, told.unit) == ("revenue", Decimal("10000000000.5"), "INR")
    dues.record_transfer(invoice, dues_queries.balance(invoice), date(2026, 11, 22), by=None)
    term = db.session.query(Term).one()
    assert is_even(term)


def test_who_began_before_the_tariff_asked_is_never_priced_by_people(by_revenue):
    made = make_application()
    with pytest.raises(Refused, match="revenue: that number is missing"):
        actions.priced(made)


def in_dollars(start=date(2026, 6, 1)):
    cheap = book(flat(100, "provider_front", "technology"), currency="USD")
    return make_tariff(book=cheap, currency="USD", effective_from=start)


def test_a_tariff_of_a_second_currency_prices_nobody_who_joins(browser):
    make_tariff()
    in_dollars()
    in_dollars(date(2027, 1, 1))
    page = browser.get(f"/join/?{QUOTE}")
    assert f"EUR{NBSP}264.99" in page
    assert 'value="technology"' not in page
    assert f"USD{NBSP}" not in browser.get("/join/cost")
    browser.post(f"/join/start?{QUOTE}", applicant="Mira", email="mira@firm.example")
    made = make_application(email="b@firm.example", upto="under_review")
    assert actions.priced(made).quote.currency == "EUR"


def test_G62_the_first_term_has_the_tariff_of_its_own_first_day_whenever_it_was_quoted(at):
    at(2026, 12, 20, 9)
    old = make_tariff()
    dearer = [[low, high, minor * 2] for low, high, minor in KSF]
    made = make_application(upto="under_review")
    rule = book()["rules"][0] | {"bands": dearer}
    new = make_tariff(book=book(rule), code="2027", effective_from=date(2027, 1, 1))
    assert actions.priced(made).tariff.id == old.id  # for a term that begins in December
    at(2027, 1, 5, 9)
    invoice = actions.approve(made, make_person())
    dues.record_transfer(invoice, dues_queries.balance(invoice), date(2027, 1, 5), by=None)
    db.session.commit()
    term = db.session.query(Term).one()
    assert dues_queries.frozen_tariff(term).id == new.id
    assert is_even(term)
    (change,) = renewals.change(term, {"contact_centre_fte": "200"}, "Grew", None)
    assert change.invoice.net_minor == 120070  # twice (3,025.00 - 2,418.00) × 361 / 365
    assert is_even(term)
    assert again(made).kind is MembershipClass.PROVIDER_FRONT
    assert db.session.query(Tariff).count() == 2
