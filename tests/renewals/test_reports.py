"""Reports on members, dues and declarations: the chart, the table and the file say the same."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from portal.core.db import db
from portal.dues import actions as dues
from portal.dues.queries import frozen_tariff
from portal.members.models import MembershipClass
from portal.renewals import actions
from portal.renewals.over_time import Lived, largest, month_ends, on_days
from portal.renewals.queries import reporting
from portal.renewals.staff.reports import KINDS
from tests.dues.books import book, make_invoice, make_tariff
from tests.make import make_firm, make_membership, make_person
from tests.renewals.making import adopt, fte, issue, make_life, pay, person_of

URL = "/staff/members/reports"


def test_a_firm_counts_in_each_of_its_groups_once_and_only_while_it_belongs():
    first, last = date(2026, 1, 1), date(2026, 6, 30)
    lived = [
        Lived(1, "a", first, last), Lived(1, "a", first, last), Lived(1, "b", first, last),
        Lived(2, "b", date(2026, 6, 1), date(2026, 12, 31)),
    ]  # fmt: skip
    counts = on_days(lived, [date(2025, 12, 31), first, last, date(2026, 7, 1)])
    assert [dict(one) for one in counts] == [{}, {"a": 1, "b": 1}, {"a": 1, "b": 2}, {"b": 1}]
    assert largest(counts) == ["b", "a"]


def test_the_months_end_on_the_day_itself():
    ends = month_ends(date(2028, 2, 10))
    assert (len(ends), ends[0], ends[-2:]) == (
        24, date(2026, 3, 31), [date(2028, 1, 31), date(2028, 2, 10)]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("people", "words"),
    [(None, "not told"), (25, "1 to 25"), (25.5, "26 to 50"), (251, "over 250")],
)
def test_a_size_falls_into_one_band(people, words):
    assert reporting.size_band(people) == words


@pytest.fixture
def hall(at, browser):
    """Two firms that stayed, one that left in March, and an officer who looks in November."""
    at(2026, 11, 5, 9)
    tariff = adopt()
    life = make_life(tariff=tariff, name="Salmon Support", country="PH")
    make_life(MembershipClass.TECHNOLOGY, 300, tariff=tariff, name="Trout Telecom", country="NL")
    gone = make_firm(name="Gone", headcount=10, country="NL")
    make_membership(gone, start=date(2025, 4, 1), end=date(2026, 3, 31))
    browser.sign_in(make_person("membership"))
    return life


def rows_of(browser, name):
    return list(csv.DictReader(io.StringIO(browser.get(f"{URL}/{name}.csv"))))


def test_the_classes_the_places_and_the_sizes_of_each_month(browser, hall):
    rows = rows_of(browser, "members-by-class")
    assert (len(rows), rows[0]["Month"], rows[0]["Technology firm"]) == (24, "Nov 2026", "1")
    assert [one["Month"] for one in rows if one["Technology firm"] == "1"][-1] == "Jan 2026"
    assert rows_of(browser, "members-by-place")[0] | {"Month": ""} == {
        "Month": "", "Netherlands": "1", "Philippines": "1"
    }  # fmt: skip
    sizes = rows_of(browser, "members-by-size")
    assert {sizes[0][name] for name in ("26 to 50", "over 250")} == {"1"}
    small = next(one["Month"] for one in sizes if one["1 to 25"] == "1")
    assert small == "Apr 2026"  # the last day of its grace
    page = browser.get(f"{URL}/members-by-size")
    assert "<svg" in page
    assert "The same as a table" in page


def test_dues_by_band_are_what_was_invoiced_and_not_taken_back(browser, hall):
    pay(issue(hall))
    other = make_life(headcount=30, name="Perch", tariff=frozen_tariff(hall))
    dues.credit(issue(other), "Not theirs")
    db.session.commit()
    (row,) = rows_of(browser, "dues-by-band")
    assert (row["Currency"], row["Firms"], row["Dues"]) == ("EUR", "1", "1816.00")
    assert row["Band"].startswith("26 to 50")


def test_dues_of_each_currency_have_a_chart_of_their_own(browser, hall, at):
    issue(hall)
    american = make_life(
        name="Perch", tariff=make_tariff(currency="USD", book=book(currency="USD"))
    )
    at(2025, 11, 5, 9)
    make_invoice(american.membership.organization, currency="USD")  # it stays with its currency
    at(2026, 11, 5, 9)
    assert issue(american).currency == "USD"
    rows = rows_of(browser, "dues-by-band")
    assert [(one["Currency"], one["Firms"]) for one in rows] == [("EUR", "1"), ("USD", "1")]
    page = browser.get(f"{URL}/dues-by-band")
    assert [page.count(f"This year, in {code}<") for code in ("EUR", "USD")] == [1, 1]
    assert [page.count(f"Dues by band in {code}") > 0 for code in ("EUR", "USD")] == [True] * 2
    euros, dollars_too = page.split("This year, in ")[1:]
    assert "EUR\xa0" in euros.partition("</figure>")[0]
    assert "USD\xa0" not in euros.partition("</figure>")[0]
    assert "EUR\xa0" not in dollars_too.partition("</figure>")[0]


def test_who_becomes_smaller_is_listed_with_the_way_to_the_firm(browser, hall):
    actions.change(hall, fte(20), "Fewer of us", None)
    db.session.commit()
    (row,) = rows_of(browser, "smaller-next-term")
    assert (row["Firm"], row["From"], row["Charged by"], row["Told since"]) == (
        "Salmon Support", "2027-01-01", "40", "20"
    )  # fmt: skip
    page = browser.get(f"{URL}/smaller-next-term")
    assert f'href="/staff/members/{hall.membership.organization_id}/life"' in page


def test_changed_declarations_say_by_how_much(browser, hall):
    firm, by = hall.membership.organization, person_of(hall).id
    for value in ("40", "50", "45"):
        told = dues.Told(
            "headcount", Decimal(value), (date(2026, 1, 1), date(2026, 12, 31)), "all"
        )
        dues.declare(firm, told, by, currency="EUR")
        db.session.commit()
    rows = rows_of(browser, "declarations-changed")
    assert [(one["Before"], one["Now"], one["In percent"]) for one in rows] == [
        ("40", "50", "25.0"), ("50", "45", "-10.0")
    ]  # fmt: skip
    assert "More than before" in browser.get(f"{URL}/declarations-changed")


def test_who_stayed_is_counted_by_the_year_of_joining(browser, hall):
    rows = rows_of(browser, "retention")
    assert [(one["Joined in"], one["Firms"], one["After 1"]) for one in rows] == [
        ("2025", "1", "0"), ("2026", "2", "")
    ]  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_a_report_costs_as_many_statements_for_many_firms_as_for_few(
    browser, hall, statements, name
):
    more(hall, 2)
    few = asked(browser, statements, name)
    more(hall, 4)
    assert asked(browser, statements, name) == few <= 16


def more(term, many):
    """Firms that shrink, with an invoice."""
    for _ in range(many):
        one = make_life(headcount=30, tariff=frozen_tariff(term))
        actions.change(one, fte(20), "Fewer of us", None)
        issue(one)
    db.session.commit()


def asked(browser, statements, name):
    browser.get(f"{URL}/{name}")
    statements.clear()
    browser.get(f"{URL}/{name}")
    return len(statements)


def test_the_sheet_of_a_report_has_its_rows(browser, hall):
    data = browser.get(f"{URL}/members-by-class.xlsx")
    (sheet,) = load_workbook(io.BytesIO(data)).worksheets
    assert sheet["A2"].value == "Nov 2026"
    assert sheet.max_row == 25
