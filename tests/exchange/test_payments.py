"""Payments of another system come in: checked first, booked once, and nobody is written to."""

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.dues.models import Invoice, Payment
from portal.dues.queries import balance, ledger_faults, unallocated_of
from portal.exchange.models import ImportStatus
from tests.dues.books import make_invoice
from tests.exchange.bringing import (
    as_csv,
    checked,
    exported,
    imported,
    lines,
    outcomes,
    page_of,
    sentences,
    world,
)
from tests.make import make_firm, make_person

HEAD = ("Transaction", "Firm", "Invoice", "Paid by", "Received", "Currency", "Amount", "Note")


@pytest.fixture
def staff(browser):
    browser.sign_in(make_person("finance"))
    return browser


@pytest.fixture
def invoice():
    return make_invoice(make_firm(name="Kapok"), total=12100)


def file_of(*rows):
    return as_csv(HEAD, *rows)


def paid(number, amount="121.00", name="T-1", on="2024-03-20", **said):
    row = {"firm": "Kapok", "method": "bank", "currency": "EUR", "note": "Old books"} | said
    return (
        name, row["firm"], number, row["method"], on, row["currency"], amount, row["note"]
    )  # fmt: skip


def test_payments_pay_their_invoices_on_their_day_and_nobody_is_told(staff, invoice, sent):
    number = invoice.number
    rows = paid(number, "100.00"), paid(number, "50.00", "T-2"), paid("credit", "7.50", "T-3")
    found = imported(staff, "payments", file_of(*rows))
    assert found.status is ImportStatus.DONE, lines(found)
    assert sent() == []
    assert balance(db.session.scalars(select(Invoice)).one()).minor == 0
    made = db.session.scalars(select(Payment).order_by(Payment.id)).all()
    assert [one.external_id for one in made] == ["imported:T-1", "imported:T-2", "imported:T-3"]
    assert {one.received_on.isoformat() for one in made} == {"2024-03-20"}
    assert [unallocated_of(one) for one in made] == [0, 2900, 750]
    assert list(ledger_faults()) == []


def test_a_dry_run_of_payments_books_nothing(staff, invoice):
    before = world()
    assert outcomes(checked(staff, "payments", file_of(paid(invoice.number)))) == ["create"]
    assert world() == before


def test_the_same_payments_again_are_left_alone_and_others_are_never_changed(staff, invoice):
    number = invoice.number
    imported(staff, "payments", file_of(paid(number)))
    again = checked(staff, "payments", file_of(paid(number), paid(number)))
    assert outcomes(again) == ["skip", "conflict"]
    other = checked(staff, "payments", file_of(paid(number, "99.00")))
    assert "never changed: here it says EUR" in sentences(other)[0]
    assert exported(staff, "payments")
    back = checked(staff, "payments", exported(staff, "payments"))
    assert outcomes(back) == ["skip"]


def test_one_bad_row_keeps_all_of_them_out(staff, invoice):
    number = invoice.number
    file = file_of(paid(number), paid(number, "-5", "T-2"))
    found = checked(staff, "payments", file)
    assert outcomes(found) == ["create", "error"]
    staff.post(f"{page_of(found)}/run", status=200, page=page_of(found), mode="whole")
    assert db.session.scalars(select(Payment)).all() == []


def test_payments_that_cannot_be_are_refused_in_words(staff, invoice):
    make_firm(name="Marula")
    number = invoice.number
    bad = (
        paid("Z-9"), paid("credit", name="T-2", firm=""), paid(number, name="T-3", firm="Marula"),
        paid(number, name="T-4", currency="USD"), paid(number, name="T-5", on="2031-01-01"),
        paid(number, name="T-6", method="barter"), paid(number, name=""), paid("", name="T-8"),
        paid(number, "much", "T-9"), paid(number, name="T-10", firm="Nobody"),
    )  # fmt: skip
    told = sentences(checked(staff, "payments", file_of(*bad)))
    for words, said in zip(
        ("no invoice Z-9 here", "Whose credit is it", "is not of Marula", "is in EUR",
         "a day to come", "is not known", "number there", "or the word credit", "in figures",
         "no firm “Nobody”"), told, strict=True,
    ):  # fmt: skip
        assert words in said


def test_lookups_do_not_grow_with_the_payments(staff, statements):
    firm = make_firm(name="Kapok")
    numbers = [make_invoice(firm).number for _ in range(6)]

    def asked(some):
        rows = [paid(number, name=f"{len(some)}-{number}") for number in some]
        statements.clear()
        checked(staff, "payments", file_of(*rows))
        return sum("FROM payments" in one or "FROM invoices" in one for one in statements)

    asked(numbers[:1])  # what a worker asks once a day
    assert asked(numbers[:2]) == asked(numbers)
