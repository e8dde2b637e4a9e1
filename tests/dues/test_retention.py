"""Bank lines and the record are kept for ten years; then they go, and the books stay whole."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from portal.accounts.retention import forget_what_is_due
from portal.core import audit
from portal.core.access import Role
from portal.core.audit import FORGOTTEN, AuditEvent
from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions, queries
from portal.dues.matching import Ground
from portal.dues.models import BankFile, BankLine, BankMatch, Payment
from tests.dues.books import make_invoice
from tests.dues.statements import imported, moved, mt940
from tests.make import make_person

OLD = date(2010, 3, 1)


def verbs():
    return [one.verb for one in db.session.query(AuditEvent).order_by(AuditEvent.id)]


def noted(at, year, verb):
    at(year, 1, 1, 12)
    audit.record(verb, "test:1")
    db.session.commit()


def forget(at, *day):
    at(*day)
    forget_what_is_due()
    db.session.expire_all()


def test_the_record_goes_after_ten_years_and_its_chain_holds(at):
    for year in (2010, 2012, 2014):
        noted(at, year, f"year.{year}")
    forget(at, 2019, 12, 31)
    assert FORGOTTEN not in verbs()
    forget(at, 2021, 1, 1)
    assert "year.2010" not in verbs()
    assert verbs().count("year.2012") == verbs().count(FORGOTTEN) == 1
    assert list(audit.broken_links()) == []
    forget(at, 2021, 1, 2)
    assert verbs().count(FORGOTTEN) == 1, "nothing more was due"
    forget(at, 2023, 1, 1)
    assert [one for one in verbs() if one.startswith("year")] == ["year.2014"]
    assert list(audit.broken_links()) == []


def test_old_rows_that_are_removed_by_hand_are_missed(at):
    for year in (2010, 2012, 2014):
        noted(at, year, f"year.{year}")
    forget(at, 2021, 1, 1)
    db.session.execute(text("DELETE FROM audit_events WHERE verb = 'year.2012'"))
    assert any("does not follow" in one for one in audit.broken_links())


@pytest.mark.parametrize("table", ["audit_events", "bank_lines"])
def test_the_database_lets_nothing_younger_go_and_nothing_change(at, table):
    at(2099, 1, 1)
    imported(mt940(moved("1.00", "A", day=date(2098, 12, 31))))
    with pytest.raises(DatabaseError, match=f"{table} is append-only"):
        db.session.execute(text(f"DELETE FROM {table}"))
    db.session.rollback()
    with pytest.raises(DatabaseError, match=f"{table} is append-only"):
        db.session.execute(text(f"UPDATE {table} SET id = id + 1"))


def test_an_old_bank_line_goes_with_its_statement_and_the_books_stay_whole(at):
    at(*OLD.timetuple()[:3], 12)
    by = make_person(Role.FINANCE)
    invoice = make_invoice(total=30000)
    cheques = [
        actions.Cheque(make_invoice(total=minor), Money(minor, "EUR"), f"1{minor}")
        for minor in (10000, 20000)
    ]
    made = actions.record_slip("700123", OLD, cheques, by)
    line, slip, fee = imported(
        mt940(moved("300.00", "A", day=OLD), moved("300.00", "B", "DEPOSIT", day=OLD),
              moved("-3.00", "Bank", day=OLD))
    )  # fmt: skip
    actions.book(line, [(invoice, 30000)], Ground.HAND, "", by)
    actions.book_slip(slip, made, Ground.HAND, "", by)
    actions.explain(fee, actions.Explained("bank_fee", "The bank", "Monthly"), by)
    young = imported(mt940(moved("5.00", "A", day=OLD + timedelta(days=300))))
    db.session.commit()
    forget(at, OLD.year + 10, OLD.month, OLD.day)
    assert db.session.query(BankLine).count() == 4
    forget(at, OLD.year + 10, OLD.month, OLD.day + 2)
    assert db.session.query(BankLine).all() == young
    assert (db.session.query(BankMatch).count(), db.session.query(BankFile).count()) == (0, 1)
    assert db.session.query(Payment).count() == 3
    assert db.session.scalars(queries.payments_without_line()).all() == []
    assert list(queries.ledger_faults()) == []
    assert list(audit.broken_links()) == []


def test_the_privacy_page_says_both_in_years(browser):
    page = browser.get("/privacy")
    assert "The record of who did what: 10 years after it was written" in page
    assert "with names and accounts: 10 years after they were booked" in page
