"""Declarations: the effect before the signature, and a row for every word that was given."""

import csv
import hashlib
import io
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions, queries
from portal.dues.declaring import period_asked, statement, unit_of
from portal.dues.models import Checked, Declaration, Source
from portal.members.models import Affiliation, BaseYear, MembershipClass
from tests.dues.books import book, flat, make_invoice, make_tariff
from tests.make import make_contact, make_firm, make_member, make_membership, make_person, save

YEAR = (date(2025, 1, 1), date(2025, 12, 31))
ANSWERS = {
    "value_contact_centre_fte": "60", "period_start": "2025-01-01", "period_end": "2025-12-31",
    "scope": "contact_centre_only", "source": "self",
}  # fmt: skip
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def reference_day(at):
    at(2026, 6, 1)


def declare(firm, value, period=YEAR, metric="contact_centre_fte", **facts):
    told = actions.Told(metric, Decimal(value), period, "All of it")
    made = actions.declare(firm, told, make_person().id, currency="EUR", **facts)
    db.session.commit()
    return made


def rows():
    db.session.expire_all()
    return db.session.scalars(select(Declaration).order_by(Declaration.id)).all()


def test_the_firm_sees_old_and_new_dues_with_their_lines_before_it_signs(browser):
    firm = make_firm(name="Kapok", headcount=20)
    make_membership(firm, start=date(2026, 1, 1), end=date(2026, 12, 31))
    make_tariff()
    person = browser.sign_in(make_contact(firm, "dues_contact"))
    assert "Now: 20" in browser.get("/firm/declaration")
    page = browser.post("/firm/declaration", status=200, step="check", **ANSWERS).text
    assert f"EUR{NBSP}1,209.00" in page  # by the headcount of 20
    assert f"EUR{NBSP}2,418.00" in page
    assert "contact centre FTE 60: band 51 to 125" in page
    assert "from 1\N{NO-BREAK SPACE}Jan\N{NO-BREAK SPACE}2027" in page
    assert not rows()
    again = browser.post("/firm/declaration", status=200, step="change", **ANSWERS).text
    assert 'value="60"' in again
    unsigned = browser.post("/firm/declaration", status=200, step="sign", **ANSWERS).text
    assert "Tick the box to sign" in unsigned
    assert not rows()
    browser.post("/firm/declaration", step="sign", sign="yes", **ANSWERS)
    (one,) = rows()
    assert (one.value, one.unit, one.source) == (60, "FTE", Source.SELF)
    assert (one.signed_by_id, one.prior) == (person.id, None)
    words = statement("Kapok", one.metric, one.value, one.unit, YEAR, one.scope)
    assert one.text_hash == hashlib.sha256(words.encode()).hexdigest()
    assert "Now: 60" in browser.get("/firm/declaration")


@pytest.mark.parametrize(("facts", "words"), [
    ({"value_contact_centre_fte": ""}, "Enter a number, like 60"),
    ({"value_contact_centre_fte": "-1"}, "not below zero"),
    ({"value_contact_centre_fte": "1.23456"}, "four decimals"),
    ({"value_contact_centre_fte": "NaN"}, "number"),
    ({"value_contact_centre_fte": "many"}, "number"),
    ({"period_end": "2024-12-31"}, "not before the first"),
    ({"period_start": "2027-01-01", "period_end": "2027-12-31"}, "within a year from today"),
    ({"period_start": "2090-01-01", "period_end": "2090-12-31"}, "within a year from today"),
    ({"period_start": "2023-12-31"}, "two years at most"),
    ({"scope": "moon"}, "Choose one of these"),
])  # fmt: skip
def test_what_cannot_be_declared_is_told_at_the_field(browser, facts, words):
    browser.sign_in(make_member("dues_contact"))
    make_tariff()
    answer = browser.post(
        "/firm/declaration", status=200, step="sign", sign="y", **ANSWERS | facts
    )
    assert words in answer.text
    assert not rows()


def test_a_number_without_a_price_can_be_signed_and_says_so(browser):
    browser.sign_in(make_member("signatory"))
    no_end = [[1, 25, 120900], [26, 50, None]]
    rule = book()["rules"][0] | {"bands": no_end}
    make_tariff(book=book(rule))
    page = browser.post("/firm/declaration", status=200, step="check", **ANSWERS).text
    assert "no band for this contact centre FTE" in page
    browser.post("/firm/declaration", step="sign", sign="y", **ANSWERS)
    assert len(rows()) == 1


def test_a_class_of_one_price_has_nothing_to_declare(browser):
    browser.sign_in(make_member("dues_contact"))
    assert "no tariff is in effect" in browser.get("/firm/declaration")
    make_tariff(book=book(flat(5)))
    assert "its price is the same for everybody" in browser.get("/firm/declaration")


@pytest.mark.parametrize(
    ("role", "status"), [("dues_contact", 200), ("signatory", 200), ("roster_manager", 403),
                         ("staff", 403)],
)  # fmt: skip
def test_only_the_dues_contact_and_the_signatory_declare(browser, role, status):
    make_tariff()
    browser.sign_in(make_member(role))
    browser.get("/firm/declaration", status=status)


def test_who_declares_elsewhere_declares_nothing_for_the_firm_they_act_for(browser):
    """Their roles add up over firms; what they sign for is the firm they act for."""
    make_tariff()
    person = make_member("roster_manager")
    save(Affiliation(person=person, organization=make_firm(), roles=["dues_contact"],
                     from_on=date(2020, 1, 1)))  # fmt: skip
    browser.sign_in(person)
    browser.get("/firm/declaration", status=404)


def test_the_same_period_again_replaces_and_another_period_stands_beside():
    firm = make_firm()
    first = declare(firm, "60")
    second = declare(firm, "61.25")
    other = declare(firm, "30", (date(2024, 1, 1), date(2024, 12, 31)))
    assert second.prior_id == first.id
    assert other.prior_id is None
    found = queries.current_declaration(firm.id, "contact_centre_fte", date(2026, 6, 1))
    assert found.value == Decimal("61.25")  # the latest period, not the latest row
    assert queries.current_declaration(firm.id, "revenue", date(2026, 6, 1)) is None


def test_a_past_day_knows_what_was_known_then(at):
    firm = make_firm()
    at(2026, 3, 31, 21, 30)  # half past eleven at night in Amsterdam
    declare(firm, "60")
    at(2026, 6, 1)
    declare(firm, "70")
    assert queries.declared(firm.id, date(2026, 3, 31))["contact_centre_fte"].value == 60
    assert queries.declared(firm.id, date(2026, 3, 30)) == {}
    assert queries.declared(firm.id)["contact_centre_fte"].value == 70


@pytest.mark.parametrize(
    "change", ["UPDATE declarations SET unit = 'x'", "DELETE FROM declarations"]
)
def test_the_database_itself_keeps_what_was_signed(change):
    declare(make_firm(), "60")
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text(change))


def test_a_check_that_finds_it_right_and_one_that_corrects_are_new_rows(browser):
    browser.sign_in(make_person("finance"))
    firm = make_firm(name="Kapok")
    make_membership(firm)
    one = declare(firm, "60")
    url = f"/staff/dues/declarations/{one.id}/check"
    browser.post(url, reason="Payroll of March seen.")
    sampled = rows()[1]
    assert (sampled.checked, sampled.value, sampled.prior_id) == (Checked.SAMPLED, 60, one.id)
    answer = browser.post(url, status=200, reason="Again.").text
    assert "replaced since" in answer
    url = f"/staff/dues/declarations/{sampled.id}/check"
    browser.post(url, reason="Two sites were left out.", corrected="72.5")
    corrected = rows()[2]
    assert (corrected.checked, corrected.value) == (Checked.CORRECTED, Decimal("72.5"))
    assert corrected.source is Source.AUDITED
    page = browser.get(f"/staff/dues/declarations/{firm.id}")
    assert "<del>60</del> 72.5 FTE" in page
    assert "Two sites were left out." in page
    assert page.count("Replaced") == 2


def test_the_list_tells_who_declared_and_who_did_not(browser):
    browser.sign_in(make_person("membership"))
    told, silent, old = (make_firm(name=name) for name in ("Kapok", "Birch", "Oldwood"))
    for firm in (told, silent, old):
        make_membership(firm)
    make_firm(name="Stranger")
    make_membership(make_firm(name="Adviser"), MembershipClass.CONSULTANT)
    make_tariff()
    declare(told, "60")
    declare(old, "5", (date(2023, 1, 1), date(2023, 12, 31)))
    page = browser.get("/staff/dues/declarations")
    assert "3 firms" in page
    assert "Contact centre FTE: 60 FTE" in page
    assert "Out of date" in page
    assert "Stranger" not in page
    assert "Adviser" not in page  # its class has one price
    undeclared = browser.get("/staff/dues/declarations?state=undeclared")
    assert "Birch" in undeclared
    assert "Kapok" not in undeclared
    assert "Birch" not in browser.get("/staff/dues/declarations?state=declared")
    assert "No firm matches" in browser.get("/staff/dues/declarations?q=zzz")
    table = list(csv.reader(io.StringIO(browser.get("/staff/dues/declarations.csv"))))
    assert [row[:3] for row in table[1:]] == [
        ["Oldwood", "contact_centre_fte", "5"], ["Kapok", "contact_centre_fte", "60"],
    ]  # fmt: skip


def test_the_list_asks_the_same_of_the_database_at_any_size(browser, statements):
    browser.sign_in(make_person("finance"))
    counts = []
    for more in (3, 10):
        for _ in range(more):
            firm = make_firm()
            make_membership(firm)
            declare(firm, "60")
        statements.clear()
        browser.get("/staff/dues/declarations")
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_number_that_no_column_holds_is_refused():
    with pytest.raises(Refused, match="four decimals"):
        declare(make_firm(), "1.23456")


@pytest.mark.parametrize(("base", "year_start", "period"), [
    (BaseYear.PREVIOUS, "01-01", (date(2025, 1, 1), date(2025, 12, 31))),
    (BaseYear.CURRENT, "01-01", (date(2026, 1, 1), date(2026, 12, 31))),
    (BaseYear.PREVIOUS, "10-01", (date(2024, 10, 1), date(2025, 9, 30))),
    (BaseYear.PROJECTED, "04-01", (date(2026, 4, 1), date(2027, 3, 31))),
])  # fmt: skip
def test_each_class_declares_its_base_year(base, year_start, period):
    assert period_asked(base, date(2026, 6, 1), year_start) == period


@pytest.mark.parametrize(("metric", "unit"), [
    ("contact_centre_fte", "FTE"), ("full_time_equivalents", "FTE"), ("headcount", "people"),
    ("seats", "seats"), ("gross_revenue", "INR"), ("turnover", "INR"),
])  # fmt: skip
def test_each_number_has_its_unit(metric, unit):
    assert unit_of(metric, "INR") == unit


def test_what_is_declared_prices_the_next_term_and_the_headcount_until_then():
    firm = make_firm(headcount=20)
    make_membership(firm, start=date(2026, 1, 1), end=date(2026, 12, 31))
    make_tariff()
    asked = queries.asked_of(firm)
    assert queries.dues_with(asked, asked.now).total.minor == 120900
    declare(firm, "60")
    asked = queries.asked_of(firm)
    assert queries.dues_with(asked, asked.now).total.minor == 241800


def test_a_tariff_of_a_second_currency_asks_and_prices_its_own_firms_alone(browser):
    make_tariff()
    by_money = {
        "kind": "bands", "classes": ["technology"], "metric": "revenue", "bands": [[0, None, 100]],
    }  # fmt: skip
    make_tariff(book=book(by_money, currency="USD"), currency="USD",
                effective_from=date(2026, 1, 1))  # fmt: skip
    kinds = MembershipClass.PROVIDER_FRONT, MembershipClass.TECHNOLOGY
    euro, euro_tech = (make_member_of(kind, f"Euro {kind}") for kind in kinds)
    dollar, dollar_tech = (make_member_of(kind, f"Dollar {kind}") for kind in kinds)
    for firm in (dollar, dollar_tech):
        make_invoice(firm, currency="USD")
    assert queries.asked_of(euro).metrics == ["contact_centre_fte"]
    assert queries.asked_of(euro_tech).tariff.currency == "EUR"
    assert queries.asked_of(dollar_tech).metrics == ["revenue"]
    asked = db.session.scalars(queries.declaring_firms()).all()
    assert {one.id for one in asked} == {euro.id, dollar_tech.id}


def make_member_of(kind, name):
    firm = make_firm(name=name)
    make_membership(firm, kind, start=date(2026, 1, 1), end=date(2026, 12, 31))
    return firm
