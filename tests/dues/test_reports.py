"""The treasurer's reports: they agree with the books, and nothing is rounded away."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import sheets
from portal.core.access import Role
from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions, queries
from portal.dues.actions import LineDraft
from portal.dues.models import Account
from portal.dues.recognition import Earning, by_month, schedule
from tests.dues.books import make_invoice
from tests.make import business_day, make_firm, make_person

PAGES = ("balances", "owed", "tax", "income", "journal")


@pytest.fixture
def finance(browser):
    return browser.sign_in(make_person(Role.FINANCE))


def rows_of(browser, name):
    return list(csv.DictReader(io.StringIO(browser.get(f"/staff/dues/reports/{name}.csv"))))


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_year_is_said_in_words(browser, finance, page):
    assert "<table" not in browser.get(f"/staff/dues/reports/{page}")


def test_the_balances_are_the_books_on_that_day_and_both_sides_agree(browser, finance, at):
    at(2026, 3, 2)
    paid = make_invoice(total=10000, tax_percent="21")
    actions.record_transfer(paid, Money(12500, "EUR"), date(2026, 3, 1), by=make_person())
    make_invoice(total=500, currency="JPY")
    db.session.commit()
    at(2026, 4, 10)
    make_invoice(total=700)
    march = {
        (one.account, one.currency): one.minor for one in queries.trial_balance(date(2026, 3, 31))
    }
    assert march == {
        (Account.BANK, "EUR"): 12500, (Account.INCOME, "EUR"): -10000,
        (Account.RECEIVABLE, "EUR"): 0, (Account.TAX_PAYABLE, "EUR"): -2100,
        (Account.UNALLOCATED, "EUR"): -400, (Account.RECEIVABLE, "JPY"): 500,
        (Account.INCOME, "JPY"): -500,
    }  # fmt: skip
    page = browser.get("/staff/dues/reports/balances?until=2026-03-31")
    assert "The books add up" in page
    assert page.count("125.00") == 3, "bank, and the sum of either side"
    assert "In JPY" in page
    assert browser.get("/staff/dues/reports/balances?until=soon").count("107.00")


def test_debts_stand_in_the_column_of_their_age(browser, finance):
    firm = make_firm(name="=Kapok")
    for due_in, total in ((5, 100), (0, 200), (-1, 400), (-30, 800), (-31, 1600), (-91, 3200)):
        make_invoice(firm, total=total, due_in=due_in)
    make_invoice(firm=False, total=50, due_in=-61)
    kapok, visitor = queries.aged_debt(business_day())
    assert (kapok.payer, kapok.minor) == ("=Kapok", (300, 1200, 1600, 0, 3200))
    assert (visitor.payer, visitor.minor) == ("Visitor", (0, 0, 0, 50, 0))
    page = browser.get("/staff/dues/reports/owed")
    assert "2 payers" in page
    assert "The largest debts in EUR" in page
    first = rows_of(browser, "owed")[0]
    assert first["payer"] == "'=Kapok"
    assert first["over 90"] == "32.00"


def test_debts_are_shown_as_they_were_at_the_end_of_a_day(browser, finance, at):
    at(2025, 12, 1)
    invoice = make_invoice(total=10000, due_in=10)
    at(2026, 1, 15)
    actions.record_transfer(invoice, Money(10000, "EUR"), date(2026, 1, 14), by=make_person())
    db.session.commit()
    (then,) = queries.aged_debt(date(2025, 12, 31))
    assert (then.minor, then.total) == ((0, 10000, 0, 0, 0), 10000)
    assert "100.00" in browser.get("/staff/dues/reports/owed?until=2025-12-31")
    assert "Nobody owed anything then" in browser.get("/staff/dues/reports/owed")
    assert queries.aged_debt(date(2025, 11, 30)) == []


def test_a_later_credit_note_leaves_the_income_of_earlier_months_as_it_was(at):
    at(2025, 12, 1)
    line = LineDraft(
        "bands", "Dues", 12000, "dues", covers_from=date(2025, 12, 1), covers_to=date(2026, 11, 30)
    )
    invoice = make_invoice(lines=[line])
    before = queries.income_by_month(date(2025, 12, 1), 2)["EUR"]
    at(2026, 2, 10)
    actions.credit(invoice, "They left")
    after = queries.income_by_month(date(2025, 12, 1), 4)["EUR"]
    assert after[:2] == before
    assert (after[2].claimed, after[2].deferred, after[3].deferred) == (-12000, 0, 0)
    assert sum(one.earned for one in after) == 0


def test_tax_of_a_month_is_less_what_was_taken_back_in_it(browser, finance, at):
    at(2026, 3, 10)
    credited, kept = (make_invoice(total=10000, tax_percent="21") for _ in range(2))
    at(2026, 4, 3)
    actions.credit(credited, "Charged twice")
    db.session.commit()
    found = queries.tax_by_month(date(2026, 1, 1), date(2026, 12, 31))
    assert [(one.month.month, one.net, one.tax) for one in found] == [
        (3, 20000, 4200), (4, -10000, -2100),
    ]  # fmt: skip
    assert kept.tax_minor == 2100
    assert rows_of(browser, "tax")[-1]["tax amount"] == "-21.00"


def test_a_year_s_dues_are_earned_day_by_day(browser, finance, at):
    at(2026, 1, 15)
    year = {"covers_from": date(2026, 1, 1), "covers_to": date(2026, 12, 31)}
    dues = LineDraft("bands", "Dues", 365000, "dues", **year)
    make_invoice(lines=[dues, LineDraft("fee", "Fee", 25000, "entry")])
    months = queries.income_by_month(date(2026, 1, 1), 12)["EUR"]
    assert months[0].claimed == 390000
    assert [one.earned for one in months[:3]] == [31000 + 25000, 28000, 31000]
    assert [one.deferred for one in months[:2]] == [334000, 306000]
    assert months[-1].deferred == 0
    assert "3,340.00" in browser.get("/staff/dues/reports/income")


def test_a_credited_invoice_earns_nothing(finance, at):
    at(2026, 1, 15)
    actions.credit(make_invoice(total=100), "Wrong")
    db.session.commit()
    (month,) = queries.income_by_month(date(2026, 1, 1), 1)["EUR"]
    assert (month.claimed, month.earned, month.deferred) == (0, 0, 0)


DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))


@given(st.integers(-(10**9), 10**9), DAYS, DAYS, DAYS)
def test_months_add_up_to_the_whole(minor, on, one, other):
    first, last = sorted([one, other])
    assert sum(by_month(Earning(minor, on, first, last)).values()) == minor
    assert sum(by_month(Earning(minor, on)).values()) == minor


@given(st.lists(st.tuples(st.integers(0, 10**6), DAYS, DAYS, DAYS), max_size=8))
def test_what_is_deferred_in_the_end_is_nothing(facts):
    earnings = [Earning(n, on, *sorted([one, other])) for n, on, one, other in facts]
    months = schedule(earnings, date(2023, 12, 1), 7 * 12 + 1)
    assert months[-1].deferred == 0
    assert sum(one.earned for one in months) == sum(one.claimed for one in months)


@pytest.mark.parametrize("page", PAGES)
def test_who_may_read_invoices_reads_the_reports_and_nobody_else(browser, page):
    browser.sign_in(make_person(Role.MEMBERSHIP))
    browser.get(f"/staff/dues/reports/{page}")
    browser.sign_in(make_person(Role.EDITOR))
    browser.get(f"/staff/dues/reports/{page}", status=403)
    browser.get(f"/staff/dues/reports/{page}.csv", status=403)


@pytest.mark.parametrize("page", PAGES)
def test_a_report_asks_the_same_few_questions_of_few_rows_and_of_many(
    browser, finance, statements, page
):
    counts = []
    for more in (2, 30):
        for n in range(more):
            make_invoice(total=100 + n, due_in=-n)
        statements.clear()
        browser.get(f"/staff/dues/reports/{page}")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 32


@pytest.mark.parametrize("page", PAGES)
def test_each_report_is_the_same_as_a_workbook(browser, finance, page):
    make_invoice(make_firm(name="=Kapok"), total=10000, tax_percent="21")
    address = f"/staff/dues/reports/{page}"
    head, *rows = sheets.read(browser.get(f"{address}.xlsx"))
    text_head, *text_rows = sheets.read(browser.get(f"{address}.csv").encode(), ",")
    assert head == text_head
    assert [row[0] for row in rows] == [row[0] for row in text_rows]
    assert len(rows[0]) == len(head)


def test_the_list_of_invoices_is_the_same_as_a_workbook(browser, finance):
    make_invoice(make_firm(name="=Kapok"), total=10050)
    head, row = sheets.read(browser.get("/staff/dues/export.xlsx?state=open"))
    assert dict(zip(head, row, strict=True))["owed"] == "100.5"
    assert row[3] == "'=Kapok"


def test_the_journal_holds_every_posting_of_its_days_and_adds_up(browser, finance, at):
    at(2025, 12, 30)
    make_invoice(total=700)
    at(2026, 3, 2)
    browser.sign_in(make_person(Role.FINANCE))
    paid = make_invoice(total=10000, tax_percent="21")
    actions.record_transfer(paid, Money(12500, "EUR"), date(2026, 3, 1))
    db.session.commit()
    rows = rows_of(browser, "journal")
    assert len(rows) == 6, "three of the claim, three of the money; last year is another journal"
    for side in ("debit", "credit"):
        assert sum(Decimal(row[side] or 0) for row in rows) == Decimal("246.00")
    assert {row["invoice"] for row in rows} == {paid.number, ""}
    assert "6 postings" in browser.get("/staff/dues/reports/journal")
    address = "/staff/dues/reports/journal?since=2025-01-01&until=2025-12-31"
    assert "2 postings" in browser.get(address)
    assert "6 postings" in browser.get("/staff/dues/reports/journal?since=soon")
