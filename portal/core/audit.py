"""The record of who did what: append-only, each row sealed with the one before it."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from flask import Flask, has_request_context
from flask_login import current_user
from sqlalchemy import DDL, Table, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Key, Model, db
from portal.core.states import Status

GENESIS = "0" * 64


class AuditEvent(Model):
    """One act. `hash` seals its facts and the hash of the row before."""

    __tablename__ = "audit_events"

    id: Mapped[Key]
    at: Mapped[datetime]
    actor: Mapped[str]  # "person:12", or "system" for a job or a command
    verb: Mapped[str] = mapped_column(index=True)  # "invoice.issued"
    subject: Mapped[str] = mapped_column(index=True)  # "invoice:7"
    details: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)

    def seal(self) -> str:
        facts = [self.at.isoformat(), self.actor, self.verb, self.subject, self.details]
        text = json.dumps([*facts, self.previous_hash], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


class AuditHead(Model):
    """The end of the chain: one row, so that adding to it costs the same for ever."""

    __tablename__ = "audit_head"

    id: Mapped[Key]
    last_hash: Mapped[str]


class Transition(Model):
    """One move of a stored status: what, from, to, who, when and why."""

    __tablename__ = "transitions"

    id: Mapped[Key]
    subject: Mapped[str] = mapped_column(index=True)
    old: Mapped[str | None]
    new: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]


def actor() -> str:
    if has_request_context() and current_user and current_user.is_authenticated:
        return f"person:{current_user.id}"
    return "system"


def acting_for() -> int:
    """The firm that the person of this request chose; 0 for everybody else."""
    has_person = has_request_context() and current_user and current_user.is_authenticated
    return getattr(current_user, "acting_for", 0) if has_person else 0


def name_of(row: Any) -> str:
    """`invoice:7`: how the record speaks of a row."""
    return f"{type(row).__name__.lower()}:{row.id}"


def record(verb: str, subject: Any, *, by: str = "", **details: object) -> None:
    """Note an act; it is written, sealed, when the caller's transaction commits.

    `by` names who did it where the request does not know yet, as at the moment of signing in.
    Who chose one of several firms to act for has it in the details.
    """
    if acting_for():
        details = {"acting_for": f"organization:{acting_for()}", **details}
    plain = json.loads(json.dumps(details, default=str))
    who = by or actor()
    db.session.info.setdefault("audit", []).append((verb, subject, plain, who, clock.now()))


def move(row: Any, new: Status, why: str = "") -> None:
    """Give `row.status` its next value, when legal, and keep who did it, when and why."""
    old, row.status = row.status, row.status.to(new)
    db.session.flush()
    facts = {"old": old.value, "new": new.value, "reason": why}
    subject = name_of(row)
    db.session.add(Transition(subject=subject, actor=actor(), at=clock.now(), **facts))
    record(f"{type(row).__name__.lower()}.{new.value}", row, **facts)


def _write_pending(session: Session) -> None:
    pending = session.info.pop("audit", [])
    if not pending:
        return
    session.flush()  # new rows get their ids
    head = session.get(AuditHead, 1, with_for_update=True, populate_existing=True)
    if head is None:
        head = AuditHead(id=1, last_hash=GENESIS)
        session.add(head)
    for verb, subject, details, who, at in pending:
        named = subject if isinstance(subject, str) else name_of(subject)
        row = AuditEvent(at=at, actor=who, verb=verb, subject=named, details=details)
        row.previous_hash, row.hash = head.last_hash, ""
        head.last_hash = row.hash = row.seal()
        session.add(row)


def _forget_pending(session: Session) -> None:
    session.info.pop("audit", None)


def broken_links() -> Iterator[str]:
    """A sentence for each row that was changed, removed or slipped in; none when all is well."""
    expected = GENESIS
    query = select(AuditEvent).order_by(AuditEvent.id).execution_options(yield_per=1000)
    with db.session.scalars(query) as rows:  # a cursor of the server's must be closed
        for row in rows:
            if row.previous_hash != expected:
                yield f"Row {row.id} does not follow the row before it."
            if row.seal() != row.hash:
                yield f"Row {row.id} ({row.verb} {row.subject}) was changed after it was written."
            expected = row.hash
    head = db.session.get(AuditHead, 1)
    if (head.last_hash if head else GENESIS) != expected:
        yield "The last rows are missing."


# Rows that are never edited or deleted are guarded in the database as well.
_SQLITE = (
    "CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} "
    "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
)
_POSTGRES = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
)


def guards(table: str, dialect: str) -> list[str]:
    """The statements that make `table` append-only; for `append_only` and for migrations."""
    if dialect == "sqlite":
        return [_SQLITE.format(table=table, verb=verb) for verb in ("UPDATE", "DELETE")]
    return [statement.format(table=table) for statement in _POSTGRES]


def append_only(model: type[Model]) -> type[Model]:
    """Class decorator: the table refuses UPDATE and DELETE, on both databases."""
    table = cast("Table", model.__table__)
    for dialect in ("sqlite", "postgresql"):
        for statement in guards(table.name, dialect):
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)
            event.listen(table, "after_create", ddl)
    APPEND_ONLY.append(table.name)
    return model


APPEND_ONLY: list[str] = []
append_only(AuditEvent)
append_only(Transition)


def init_app(app: Flask, settings: Settings) -> None:
    with app.app_context():
        event.listen(db.sessionmaker, "before_commit", _write_pending)
        event.listen(db.sessionmaker, "after_rollback", _forget_pending)
