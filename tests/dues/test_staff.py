import csv
import io
from datetime import date

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions, queries
from portal.dues.models import Payment
from portal.dues.staff.navigation import ROOMS
from tests.dues.books import FEE, SEATS, book, flat, make_invoice, make_tariff
from tests.make import make_firm, make_member, make_person


@pytest.fixture
def finance(browser, at):
    at(2026, 6, 1)
    return browser.sign_in(make_person("finance"))


def payments():
    db.session.expire_all()
    return db.session.scalars(select(Payment)).all()


def transfer(browser, invoice, status=303, **facts):
    data = {"amount": "1,000.00", "received_on": "2026-05-30", "method": "bank", "note": "stmt 9"}
    url = f"/staff/dues/{invoice.id}/transfer"
    browser.get(url)
    seen = facts.pop("seen", str(queries.movements(invoice)))
    return browser.post(url, status=status, seen=seen, **data | facts)


def test_every_page_of_dues_is_reached_by_its_tabs(browser):
    browser.sign_in(make_person("finance"))
    for name, pages in ROOMS:
        first = browser.get("/staff/dues/").partition(f">{name}</a>")[0]
        page = browser.get(first.rpartition('href="')[2].partition('"')[0])
        assert f'aria-current="page">{name}</a>' in page
        for text, _endpoint in pages:
            url = page.partition(f">{text}</a>")[0].rpartition('href="')[2].partition('"')[0]
            assert f'aria-current="page">{text}</a>' in browser.get(url)
    browser.sign_in(make_person("membership"))
    assert ">Close</a>" not in browser.get("/staff/dues/reports/balances")


def test_the_list_filters_counts_and_sums(browser, finance):
    late = make_invoice(make_firm(name="Kapok Advisory"), total=100, due_in=-5)
    make_invoice(make_firm(name="Birch"), total=900)
    page = browser.get("/staff/dues/")
    assert "2 invoices" in page
    assert "EUR\xa010.00 in all" in page
    page = browser.get("/staff/dues/?state=overdue")
    assert late.number in page
    assert "Overdue by 5 days" in page
    assert "Birch" not in page
    assert "Kapok" in browser.get("/staff/dues/?q=kapok&kind=dues")
    assert "No invoice matches" in browser.get("/staff/dues/?kind=event")
    assert "Only invoices of" in browser.get(f"/staff/dues/?organization={late.organization_id}")


@pytest.mark.parametrize("query", ["?state=x&kind=y&organization=z", "?page=99", "?q=%25_%5C"])
def test_odd_filters_are_no_error(browser, finance, query):
    make_invoice()
    browser.get(f"/staff/dues/{query}")


def test_a_letter_that_no_database_keeps_is_a_bad_request(browser, finance):
    browser.get("/staff/dues/?q=%00", status=400)
    browser.get("/account/")
    data = {"csrf_token": browser.token, "email": "a\0@b.example"}
    assert browser.send("POST", "/staff/dues/1/mail", data=data).status_code == 400


def test_a_transfer_settles_and_the_receipt_is_mailed(browser, finance, sent):
    invoice = make_invoice(total=100000)
    transfer(browser, invoice)
    assert "EUR\xa01,000.00 is booked. The invoice is paid." in browser.get(
        f"/staff/dues/{invoice.id}"
    )
    (payment,) = payments()
    assert (payment.received_on, payment.note) == (date(2026, 5, 30), "stmt 9")
    assert [one["Subject"][:8] for one in sent()] == ["Receipt:"]


@pytest.mark.parametrize(
    ("amount", "words"),
    [("400", "EUR\xa0600.00 is still owed"), ("1,250.50", "EUR\xa0250.50 is too much")],
)
def test_too_little_and_too_much_are_said_in_words(browser, finance, amount, words):
    invoice = make_invoice(total=100000)
    transfer(browser, invoice, amount=amount)
    assert words in browser.get(f"/staff/dues/{invoice.id}")


def test_the_same_form_sent_twice_books_once(browser, finance):
    invoice = make_invoice(total=100000)
    transfer(browser, invoice, amount="400", seen="1")
    page = transfer(browser, invoice, amount="400", seen="1", status=200).text
    assert "Money was booked on this invoice since you opened this page" in page
    assert len(payments()) == 1
    transfer(browser, invoice, amount="400", is_other="y")
    assert len(payments()) == 2


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"amount": ""}, "Enter the amount"), ({"amount": "many"}, "in figures"),
        ({"amount": "0"}, "above zero"), ({"amount": "-5"}, "above zero"),
        ({"amount": "1.234"}, "EUR can be paid in"), ({"amount": "1e99"}, "EUR can be paid in"),
        ({"amount": "NaN"}, "EUR can be paid in"), ({"received_on": "soon"}, "Enter a day"),
        ({"received_on": "2026-06-02"}, "not come"), ({"method": "card"}, "Choose one of these"),
    ],
)  # fmt: skip
def test_bad_transfers_are_answered_in_words(browser, finance, facts, words):
    invoice = make_invoice(total=100000)
    assert words in transfer(browser, invoice, status=200, **facts).text
    assert payments() == []


def test_the_invoice_is_mailed_again_to_an_address_staff_choose(browser, finance, sent):
    invoice = make_invoice()
    browser.post(f"/staff/dues/{invoice.id}/mail", email="new@firm.example")
    assert [one["To"] for one in sent()] == ["new@firm.example"]
    assert "new@firm.example" in browser.get(f"/staff/dues/{invoice.id}")


def test_unallocated_money_is_in_sight(browser, finance):
    assert "Every payment pays an invoice" in browser.get("/staff/dues/unallocated")
    invoice = make_invoice(make_firm(name="Kapok Advisory"), total=100)
    actions.record_transfer(invoice, Money(150, "EUR"), date(2026, 5, 1), "KAPOK DUES")
    db.session.commit()
    page = browser.get("/staff/dues/unallocated")
    assert "Kapok Advisory" in page
    assert "EUR\xa00.50" in page


def test_the_tariff_is_told_in_words(browser, finance):
    assert "No tariff was adopted yet" in browser.get("/staff/dues/tariff")
    rules = [*book()["rules"], flat(52300, "consultant"), FEE, SEATS]
    make_tariff(book=book(*rules, tax_percent="21"))
    make_tariff(
        code="2020", effective_from=date(2019, 1, 1),
        book=book(period={"kind": "anniversary", "months": 12}),
    )  # fmt: skip
    page = browser.get("/staff/dues/tariff")
    for words in (
        "In effect today", "Adopted by the board", "26 to 50", "EUR\xa01,816.00", "251 and more",
        "Consultant: EUR\xa0523.00 a period", "once, never in part", "5 included",
        "21 % on the sum of the lines", "12 months from the day of joining",
        "rounded to a whole number, halves up",
    ):  # fmt: skip
        assert words in page


def test_the_list_as_csv_has_no_formulas_and_keeps_the_filter(browser, finance):
    make_invoice(make_firm(name="=cmd|' /C calc'!A0"), total=100, tax_percent="21")
    make_invoice(total=5, due_in=-5)
    rows = list(csv.DictReader(io.StringIO(browser.get("/staff/dues/export.csv"))))
    assert len(rows) == 2
    assert rows[1]["billed to"] == "'=cmd|' /C calc'!A0"
    assert (rows[1]["net"], rows[1]["tax"], rows[1]["owed"]) == ("1.00", "0.21", "1.21")
    assert len(browser.get("/staff/dues/export.csv?state=overdue").splitlines()) == 2


CHANGES = ("transfer", "credit", "mail")


@pytest.mark.parametrize("page", CHANGES)
def test_who_only_reads_dues_changes_none(browser, at, page):
    invoice = make_invoice()
    browser.sign_in(make_person("membership"))
    browser.get(f"/staff/dues/{invoice.id}")
    browser.get(f"/staff/dues/{invoice.id}/{page}", status=403)


@pytest.mark.parametrize("page", ["", "1", "export.csv", "unallocated", "tariff"])
def test_members_never_see_the_finance_pages(browser, page):
    browser.sign_in(make_member("dues_contact"))
    browser.get(f"/staff/dues/{page}", status=403)


@pytest.mark.parametrize("page", ["", *(f"/{one}" for one in CHANGES)])
def test_an_invoice_that_never_was_is_not_found(browser, finance, page):
    browser.get(f"/staff/dues/999999{page}", status=404)


def test_the_list_costs_the_same_at_any_length(browser, finance, statements):
    counts = []
    for more in (2, 10):
        for _ in range(more):
            make_invoice()
        statements.clear()
        browser.get("/staff/dues/")
        counts.append(len([one for one in statements if one.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 12
