"""The record: sealed row by row, append-only, and honest about what was changed."""

from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.core import audit
from portal.core.db import db


def write(count=3):
    for number in range(count):
        audit.record("test.done", f"thing:{number}", number=number)
    db.session.commit()


def test_rows_follow_one_another_and_the_chain_is_whole():
    write()
    write()
    assert list(audit.broken_links()) == []


def test_adding_to_a_long_record_costs_as_much_as_to_a_short_one(statements):
    costs = []
    for earlier in (1, 300):
        write(earlier)
        statements.clear()
        write(1)
        costs.append(len(statements))
    assert costs[0] == costs[1]
    assert not any("audit_events" in one and "SELECT" in one for one in statements)


def test_what_was_rolled_back_was_never_recorded():
    db.session.execute(text("SELECT 1"))
    audit.record("test.undone", "thing:1")
    db.session.rollback()
    write(1)
    rows = db.session.query(audit.AuditEvent).all()
    assert [row.verb for row in rows] == ["test.done"]


def test_what_a_part_of_a_transaction_noted_goes_with_it_and_nothing_else():
    audit.record("test.before", "thing:1")
    with suppress(ZeroDivisionError), db.session.begin_nested():
        audit.record("test.undone", "thing:2")
        raise ZeroDivisionError
    with db.session.begin_nested():
        audit.record("test.inside", "thing:3")
    audit.record("test.after", "thing:4")
    db.session.commit()
    rows = db.session.query(audit.AuditEvent).order_by(audit.AuditEvent.id)
    assert [row.verb for row in rows] == ["test.before", "test.inside", "test.after"]
    assert list(audit.broken_links()) == []


@pytest.mark.parametrize(
    "change", ["UPDATE audit_events SET verb = 'x'", "DELETE FROM audit_events"]
)
def test_the_database_refuses_to_change_the_record(change):
    write()
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(change))
    db.session.rollback()


def test_a_row_that_was_changed_behind_the_guard_is_named():
    write()
    row = db.session.query(audit.AuditEvent).order_by(audit.AuditEvent.id).first()
    row.details = {"number": 99}
    with db.session.no_autoflush:
        assert row.seal() != row.hash
        assert any("was changed" in words for words in audit.broken_links())
    db.session.expunge(row)


def test_missing_rows_at_the_end_are_noticed():
    write()
    db.session.get(audit.AuditHead, 1).last_hash = "0" * 64
    db.session.flush()
    assert list(audit.broken_links()) == ["The last rows are missing."]
    db.session.rollback()
