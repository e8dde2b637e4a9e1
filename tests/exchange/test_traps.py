"""What spreadsheets do to cells on the way: each trap is undone, or named in a sentence."""

import io
from datetime import date, datetime

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from portal.core.db import db
from portal.exchange import cells
from portal.members.models import Organization, Term
from tests.exchange.bringing import as_csv, checked, imported, outcomes, sentences
from tests.make import make_firm, make_person

HEAD = ("Name", "Country", "Registration no", "Street", "Postcode", "City")
ROW = ("Café Öst", "NL", "00123", "1 Road", "01234", "Ort")


@pytest.fixture
def staff(browser):
    browser.sign_in(make_person("admin"))
    return browser


def workbook(*rows, formats=()):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for cell, its_format in formats:
        book.active[cell].number_format = its_format
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        as_csv(HEAD, ROW), as_csv(HEAD, ROW, separator=";"), as_csv(HEAD, ROW, separator="\t"),
        b"\xef\xbb\xbf" + as_csv(HEAD, ROW), as_csv(HEAD, ROW).decode().encode("utf-16"),
        as_csv(HEAD, ROW, separator=";").decode().encode("utf-16-le"),
        as_csv(HEAD, ROW, separator=";").decode().encode("cp1252"), workbook(HEAD, ROW),
        workbook(HEAD, ("Café Öst", "NL", 123, "1 Road", 1234, "Ort"),
                 formats=[("C2", "00000"), ("E2", "00000")]),
    ],
)  # fmt: skip
def test_every_office_writes_the_same_firm(staff, body):
    found = imported(staff, "firms", body)
    assert outcomes(found) == ["create"], sentences(found)
    firm = db.session.scalars(select(Organization)).one()
    assert (firm.name, firm.registration_no) == ("Café Öst", "00123")
    assert firm.address == "1 Road\n01234 Ort"


@pytest.mark.parametrize(
    "cell", ["2026-11-22", "46348", "22.11.2026", "22/11/2026", "11/22/2026", "22 Nov 2026",
             "2026-11-22 00:00:00", "22-11-2026", "22 November 2026", "2026/11/22"],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(cell):
    assert cells.day(cell) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("cell", "words"),
    [("03/04/2026", "can be two days"), ("31.02.2026", "is no day"), ("soon", "is no day"),
     ("12", "is no day"), ("22 Foo 2026", "is no day"), ("1.1.26", "is no day")],
)  # fmt: skip
def test_a_day_that_is_none_or_two_is_refused_in_words(cell, words):
    with pytest.raises(ValueError, match=words):
        cells.day(cell)


def test_serial_days_of_a_workbook_are_days(staff):
    make_firm(name="Kapok")
    head = ("Firm", "Class", "Start", "End")
    row = ("Kapok", "recruiter", 46023, datetime(2026, 12, 31))
    found = imported(staff, "terms", workbook(head, row))
    assert outcomes(found) == ["create"], sentences(found)
    assert db.session.scalars(select(Term.start_on)).one() == date(2026, 1, 1)


@pytest.mark.parametrize("cell", ["1.23457E+11", "1,23457E+11", "1E+05", "123456789012345678901"])
def test_a_number_that_a_spreadsheet_shortened_is_refused(staff, cell):
    head = ("Name", "Country", "Registration no")
    long = float(cell) if cell.isdecimal() else cell
    found = checked(staff, "firms", workbook(head, ("Kapok", "PH", long)))
    assert outcomes(found) == ["error"]
    assert "format the column as text" in sentences(found)[0]


@pytest.mark.parametrize(
    ("cell", "minor"),
    [("1209.5", 120950), ("1,209.50", 120950), ("1.209,50", 120950), ("1209,5", 120950),
     ("1,209", 120900), ("-3,50", -350), ("12", 1200), ("1 209,50", 120950)],
)  # fmt: skip
def test_amounts_are_read_with_either_comma(cell, minor):
    assert cells.amount(cell, "EUR") == minor


@pytest.mark.parametrize(("cell", "currency"), [("1.209", "EUR"), ("12,5", "JPY"), ("x", "EUR")])
def test_an_amount_that_could_be_another_is_refused(cell, currency):
    with pytest.raises(ValueError, match="Enter an amount"):
        cells.amount(cell, currency)


@pytest.mark.parametrize("formula", ["=1+1", "@SUM(A1)", "-2+3", '=HYPERLINK("http://evil")'])
def test_a_formula_that_somebody_named_their_firm_leaves_as_text(staff, formula):
    imported(staff, "firms", as_csv(("Name", "Country"), (formula, "PH")))
    assert db.session.scalars(select(Organization.name)).one() == formula
    out = staff.post("/staff/members/data/", status=200, what="firms", form="csv", purpose="x")
    assert f"'{formula[:5]}" in out.text
    assert outcomes(checked(staff, "firms", out.data)) == ["skip"]


def test_hostile_cells_are_text_on_every_page(staff):
    file = as_csv(("Name", "Country"), ("<script>alert(1)</script>", "PH"), ("x" * 300, "<b>"))
    found = checked(staff, "firms", file, name="<img src=x>.csv")
    page = staff.get(f"/staff/members/data/imports/{found.id}")
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;b&gt;" in page
