"""The database: what is asked of SQLite, who waits for its one writer, instants that are aware."""

import time
from datetime import datetime

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError, StatementError

from portal.accounts.models import Person
from portal.core.db import db, dialect
from portal.notices.models import StoppedMail
from tests.browser import Browser
from tests.make import NOW, make_person

BUSY = 20  # seconds that one writer waits for another


def test_sqlite_is_asked_to_be_careful(app):
    if dialect() != "sqlite":
        assert dialect() == "postgresql"
        return
    asked = {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": BUSY * 1000,
        "synchronous": 2,
    }
    found = {name: db.session.scalar(text(f"PRAGMA {name}")) for name in asked}
    assert found == asked


def test_what_points_nowhere_is_refused(app):
    db.session.add(StoppedMail(person_id=987_654, kind="x", stopped_at=NOW))
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()


def test_a_reader_does_not_wait_for_a_writer(app):
    person = make_person(display_name="Before")
    visitor = Browser(app.test_client())
    visitor.sign_in(person)
    db.session.rollback()
    with db.engine.begin() as writer:
        writer.execute(update(Person).values(display_name="After"))
        began = time.monotonic()
        assert "Before" in visitor.get("/account/")
        assert time.monotonic() - began < BUSY / 2
    assert "After" in visitor.get("/account/")


def test_an_instant_without_a_zone_is_refused_and_comes_back_in_utc(app):
    with pytest.raises(StatementError, match="naive"):
        make_person(created_at=datetime(2026, 1, 1))
    db.session.rollback()
    kept = db.session.get(Person, make_person(created_at=NOW).id)
    assert (kept.created_at, kept.created_at.utcoffset().total_seconds()) == (NOW, 0)
