"""Golden numbers on the way that a firm walks: quote, application, approval, invoice, renewal."""

from datetime import date

import pytest

from portal.accounts.models import Person
from portal.association.queries import association
from portal.core.db import db
from portal.dues import actions as dues
from portal.dues.models import Declaration, Invoice
from portal.dues.periods import NotQuotable
from portal.dues.queries import balance
from portal.joining.models import Application
from portal.renewals import actions
from tests.dues.books import KSF, book, flat, make_tariff
from tests.dues.test_golden import HEADS, PER_SEAT
from tests.joining.applying import CONTACTS, DECLARATION, FIRM
from tests.make import make_person
from tests.renewals.making import make_life, next_of, person_of

WHOLE = {
    "kind": "bands", "classes": ["technology"], "metric": "headcount", "rounding": "none",
    "bands": KSF,
}  # fmt: skip
TABLES = [book()["rules"][0], WHOLE, flat(52300, "individual")]
YEAR = {"period_start": "2025-01-01", "period_end": "2025-12-31", "source": "self"}


def last_invoice():
    db.session.expire_all()
    return db.session.query(Invoice).order_by(Invoice.id.desc()).first()


def fields(numbers, prefix="metric_"):
    return {f"{prefix}{name}": value for name, value in numbers.items()}


def asked(page):
    return {part.split('"')[0] for part in page.split('name="metric_')[1:]}


def join(browser, staff, kind, numbers):
    """From the public price to the invoice; returns that."""
    there = f"kind={kind}&country=NL"
    assert asked(browser.get(f"/join/?{there}")) == set(numbers)
    there += "".join(f"&{name}={value}" for name, value in fields(numbers).items())
    assert "Your price" in browser.get(f"/join/?{there}")
    first = browser.post(f"/join/start?{there}", applicant="Mira", email="mira@firm.example")
    url = first.location.removesuffix("/firm")
    browser.post(f"{url}/firm", **FIRM)
    browser.post(f"{url}/contacts", **CONTACTS)
    assert asked(browser.get(f"{url}/declaration")) == set(numbers)
    signed = {name: value for name, value in DECLARATION.items() if "metric" not in name}
    browser.post(f"{url}/declaration", **signed, **fields(numbers))
    browser.post(f"{url}/check")
    made = db.session.query(Application).one()
    staff.sign_in(make_person("membership"))
    staff.post(f"/staff/joining/{made.id}/take", page=f"/staff/joining/{made.id}")
    staff.post(f"/staff/joining/{made.id}/approve")
    return last_invoice()


def renew(at, browser, numbers, joined, *, signs=True):
    """A year later the numbers are signed anew and the next term is asked for."""
    dues.record_transfer(joined, balance(joined), date(2026, 1, 1), by=None)
    firm = db.session.query(Application).one().organization
    firm.headcount = 800  # all its staff, wherever they work: nobody's measure of its dues
    db.session.commit()
    at(2026, 11, 5, 9)
    browser.sign_in(db.session.query(Person).filter_by(email="mira@firm.example").one())
    if signs and numbers:
        told = YEAR | fields(numbers, "value_") | {"scope": "contact_centre_only"}
        page = "/firm/declaration"
        browser.post(page, page=page, status=200, step="check", **told)
        browser.post(page, page=page, step="sign", sign="yes", **told)
    browser.post("/firm/membership/renew", page="/firm/membership")
    return last_invoice()


@pytest.fixture
def walk(at, browser, another_browser):
    """The invoice of joining on the first day of a year, and that of the renewal."""
    at(2026, 1, 1, 9)

    def go(kind, numbers, *rules, **facts):
        association().currency = facts.get("currency", "EUR")
        the_book = book(*(rules or TABLES), **facts)
        make_tariff(book=the_book, currency=association().currency)
        first = join(browser, another_browser, kind, numbers)
        return first, renew(at, browser, numbers, first)

    return go


def charged(invoices):
    return [one.net_minor for one in invoices]


def test_G1_a_centre_with_60_in_800_people_pays_for_60(walk):
    invoices = walk("provider_front", {"contact_centre_fte": "60"})
    assert charged(invoices) == [241800, 241800]
    assert "contact centre FTE 60: band 51 to 125" in invoices[0].lines[0].formula
    assert "contact centre FTE 60 (signed on 5 Nov 2026)" in invoices[1].lines[0].formula


def test_G2_a_supplier_pays_for_all_its_300_people(walk):
    invoices = walk("technology", {"headcount": "300"})
    assert charged(invoices) == [362700, 362700]
    assert "headcount 300 (signed" in invoices[1].lines[0].formula
    assert {one.metric for one in db.session.query(Declaration)} == {"headcount"}


@pytest.mark.parametrize(("fte", "amount"), [("25.4", 120900), ("25.5", 181600)])
def test_G4_a_part_of_a_person_is_told_as_it_is_and_rounded_by_the_table(walk, fte, amount):
    assert charged(walk("provider_front", {"contact_centre_fte": fte})) == [amount, amount]


def test_G5_who_works_alone_is_asked_no_number(walk):
    assert charged(walk("individual", {})) == [52300, 52300]
    assert not db.session.query(Declaration).count()


@pytest.mark.parametrize(("heads", "amount"), [("4", 2400000), ("6", 3600000)])
def test_G9_each_head_has_its_price(walk, heads, amount):
    invoices = walk("provider_front", {"heads": heads}, HEADS, currency="PHP")
    assert charged(invoices) == [amount, amount]
    assert f"heads {heads} at PHP" in invoices[0].lines[0].formula


def test_G9_a_seventh_head_is_refused_at_its_field(at, browser):
    at(2026, 1, 1, 9)
    association().currency = "PHP"
    make_tariff(book=book(HEADS, currency="PHP"), currency="PHP")
    page = browser.get("/join/?kind=provider_front&country=PH&metric_heads=7")
    assert "At most 6 heads can be taken." in page
    assert 'id="metric_heads-error"' in page
    assert "Your price" not in page


@pytest.mark.parametrize(("seats", "amount"), [("30", 60000), ("120", 144000), ("400", 362700)])
def test_G10_each_seat_has_its_price_between_a_least_and_a_most(walk, seats, amount):
    invoices = walk("provider_front", {"seats": seats}, PER_SEAT)
    assert charged(invoices) == [amount, amount]
    assert f"seats {seats} (signed on 5 Nov 2026) at EUR" in invoices[1].lines[0].formula


def test_a_firm_that_declares_nothing_anew_is_renewed_by_what_it_signed_last(
    at, browser, another_browser
):
    at(2026, 1, 1, 9)
    make_tariff(book=book(*TABLES))
    numbers = {"contact_centre_fte": "60"}
    first = join(browser, another_browser, "provider_front", numbers)
    second = renew(at, browser, numbers, first, signs=False)
    assert second.net_minor == 241800
    assert "contact centre FTE 60 (signed on 1 Jan 2026)" in second.lines[0].formula
    assert db.session.query(Declaration).count() == 1, "nothing is signed by default"
    assert actions.compare(second.lines[0].membership).difference.is_nothing


def test_all_the_people_stand_in_for_some_only_as_an_estimate_that_says_so(at, browser):
    at(2026, 11, 5, 9)
    term = make_life(tariff=make_tariff(), headcount=60)
    term.price_snapshot = {"imported": True}
    db.session.commit()
    browser.sign_in(person_of(term))
    words = "contact centre FTE 60 (an estimate, by all 60 people of the firm: never declared)"
    assert words in browser.get("/firm/membership")
    made = actions.issue(actions.open_window(term))
    db.session.commit()
    assert words in made.lines[0].formula
    dues.record_transfer(made, balance(made), date(2026, 11, 5), by=None)
    db.session.commit()
    kept = next_of(term).price_snapshot
    assert (kept["metrics"], kept["is_last_value"]) == ({"contact_centre_fte": "60"}, True)


def test_people_stand_in_for_no_seats_the_firm_is_asked(at, browser):
    at(2026, 11, 5, 9)
    term = make_life(tariff=make_tariff(book=book(PER_SEAT)), headcount=60)
    browser.sign_in(person_of(term))
    assert "seats: that number is missing" in browser.get("/firm/membership")
    with pytest.raises(NotQuotable):
        actions.issue(actions.open_window(term))
