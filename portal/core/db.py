"""The database: session, base class, the column types every model uses, who may write when."""

import enum
import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import Annotated, Any, ClassVar

from flask import Flask, g, request, request_started
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    String,
    TypeDecorator,
    event,
    text,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column

from portal.core.config import Settings

db = SQLAlchemy()

Key = Annotated[int, mapped_column(primary_key=True)]
Currency = Annotated[str, mapped_column(String(3))]

WROTE = "wrote in this transaction"
MOMENT = 250  # milliseconds: sooner than PostgreSQL looks for those who wait for each other

# A page that only reads must not wait for the one writer that SQLite has.
_will_write: ContextVar[bool] = ContextVar("will_write", default=True)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime; naive values are refused rather than guessed."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime: {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


class Model(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            length=32,
            create_constraint=True,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }


@event.listens_for(Engine, "connect")
def prepare_sqlite(connection: object, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return  # PostgreSQL needs no asking
    connection.isolation_level = None  # we say BEGIN ourselves, below
    connection.execute("PRAGMA busy_timeout = 20000")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # what was acknowledged survives a power cut


@event.listens_for(Engine, "begin")
def begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Taking the write lock at once: a read that later writes could meet "database is locked".
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _will_write.get() else "BEGIN")
    connection.info[WROTE] = False


@event.listens_for(Engine, "after_cursor_execute")
def note_writing(
    connection: Connection,
    _cursor: object,
    statement: str,
    _given: object,
    context: Any,
    *_: object,
) -> None:
    if context.isinsert or context.isupdate or context.isdelete:
        connection.info[WROTE] = True
    elif context.compiled is None or context.is_text:
        is_question = statement.lstrip().upper().startswith("SELECT")
        connection.info[WROTE] = connection.info.get(WROTE, True) or not is_question


def _end_reading(error: BaseException | None) -> None:
    """Commit what a request has only read: it is the same, and nothing needs planning again.

    At a ROLLBACK, which a session ends with otherwise, psycopg gives up every statement that
    PostgreSQL has prepared for the connection, and each page plans all of its own anew.
    """
    session = g.get("_sqlalchemy_sessions", {}).get("default")
    if error or _will_write.get() or dialect() != "postgresql" or not session:
        return
    if session.in_transaction() and not (session.new or session.dirty or session.deleted):
        connection = session.connection()
        if not connection.info[WROTE] and (transaction := connection.get_transaction()):
            transaction.commit()


@contextmanager
def writing() -> Iterator[None]:
    """Write inside a request that was taken for a reader (the return page of a payment)."""
    db.session.rollback()
    token = _will_write.set(True)
    try:
        yield
    finally:
        _will_write.reset(token)


def release() -> None:
    """End the transaction before a network call; a row touched afterwards is read again."""
    db.session.commit()


def give_way() -> None:
    """Wait for no row longer than a moment: who holds many of them is in everybody's way.

    Until the transaction ends, whoever waits longer meets an error of the database.
    """
    if dialect() == "postgresql":
        db.session.execute(text(f"SET LOCAL lock_timeout = {MOMENT}"))


def one_at_a_time(*names: str) -> None:
    """Until the transaction ends, nobody else comes past here with one of these names.

    Always in the same order, so that two who name the same never wait for each other. A write
    transaction of SQLite is the only one as it is.
    """
    if dialect() != "postgresql":
        return
    for number in sorted({_number_of(name) for name in names}):
        db.session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _number_of(name: str) -> int:
    """The same in every process and every version, in the 64 bits PostgreSQL takes."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def dialect() -> str:
    return db.engine.dialect.name


def is_alive() -> bool:
    return db.session.scalar(text("SELECT 1")) == 1


def _note_whether_it_writes(_app: Flask, **_more: object) -> None:
    """Before anything else of a request: who asks the database first decides how it begins."""
    _will_write.set(request.method not in {"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    # Closing async sessions, of which there are none, would start an event loop on every request.
    ends = app.teardown_appcontext_funcs
    app.teardown_appcontext_funcs = [one for one in ends if not iscoroutinefunction(one)]
    app.teardown_appcontext(_end_reading)  # the last that is named is the first that is asked
    request_started.connect(_note_whether_it_writes, app)
