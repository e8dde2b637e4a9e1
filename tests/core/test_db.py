"""The database: what is asked of SQLite, who waits for its one writer, instants that are aware."""

import time
from contextlib import contextmanager
from datetime import datetime

import pytest
from flask import request_started
from sqlalchemy import event, text, update
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


def test_a_page_that_only_read_lets_postgresql_keep_its_prepared_statements(app):
    visitor = Browser(app.test_client())
    visitor.sign_in(make_person())
    db.session.rollback()
    for _ in range(7):  # psycopg prepares what it is given for the sixth time
        visitor.get("/account/")
    if dialect() == "postgresql":
        assert db.session.scalar(text("SELECT count(*) FROM pg_prepared_statements")) > 0
    ends = []
    for kind in ("commit", "rollback"):
        event.listen(db.engine, kind, lambda _, kind=kind: ends.append(kind), once=True)
    db.session.rollback()
    ends.clear()
    visitor.get("/account/")
    assert ends[:1] == ["commit" if dialect() == "postgresql" else "rollback"]


@contextmanager
def reading(app):
    """What a page does between its beginning and its end."""
    with app.test_request_context("/"):
        request_started.send(app)
        yield


@pytest.mark.parametrize("way", ["row", "statement", "words"])
def test_what_a_page_wrote_without_saying_so_is_not_kept(app, way):
    key = make_person(display_name="Before").id
    db.session.rollback()
    with reading(app):
        if way == "row":
            db.session.get(Person, key).display_name = "After"
            db.session.flush()
        elif way == "statement":
            db.session.execute(update(Person).values(display_name="After"))
        else:
            db.session.execute(text("UPDATE people SET display_name = 'After'"))
    db.session.rollback()
    assert db.session.get(Person, key).display_name == "Before"


def test_a_row_changed_and_not_written_is_not_kept_either(app):
    key = make_person(display_name="Before").id
    db.session.rollback()
    with reading(app):
        db.session.get(Person, key).display_name = "After"
    db.session.rollback()
    assert db.session.get(Person, key).display_name == "Before"
