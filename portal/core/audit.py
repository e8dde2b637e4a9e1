"""The record of who did what: append-only, each row sealed with the one before it."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any, cast

from flask import Flask
from sqlalchemy import DDL, Table, delete, event, insert, or_, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from portal.core import clock
from portal.core.access import asker
from portal.core.config import Settings
from portal.core.db import Key, Model, db
from portal.core.states import Status

GENESIS = "0" * 64
FORGOTTEN = "record.forgotten"


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
    who = asker()
    return f"person:{who.id}" if who else "system"


def acting_for() -> int:
    """The firm that the person of this request chose; 0 for everybody else."""
    return getattr(asker(), "acting_for", 0)


def name_of(row: Any) -> str:
    """`invoice:7`: how the record speaks of a row."""
    return f"{type(row).__name__.lower()}:{row.id}"


def record(verb: str, subject: Any, *, by: str = "", **details: object) -> None:
    """Note an act; it is written, sealed, when the caller's transaction commits.

    `by` names who did it where the request does not know yet, as at the moment of signing in, or
    where it must not be told: then the firm is not either.
    Who chose one of several firms to act for has it in the details.
    """
    if acting_for() and not by:
        details = {"acting_for": f"organization:{acting_for()}", **details}
    plain = json.loads(json.dumps(details, default=str))
    who = by or actor()
    part = db.session.get_nested_transaction()
    db.session.info.setdefault("audit", []).append((verb, subject, plain, who, clock.now(), part))


def move(row: Any, new: Status, why: str = "", *, by: str = "") -> None:
    """Give `row.status` its next value, when legal, and keep who did it, when and why.

    `by` is as in `record`.
    """
    old, row.status = row.status, row.status.to(new)
    db.session.flush()
    facts = {"old": old.value, "new": new.value, "reason": why}
    subject = name_of(row)
    db.session.add(Transition(subject=subject, actor=by or actor(), at=clock.now(), **facts))
    record(f"{type(row).__name__.lower()}.{new.value}", row, by=by, **facts)


def _write_pending(session: Session) -> None:
    if not session.info.get("audit"):
        return
    session.flush()  # new rows get their ids
    pending = session.info.pop("audit")
    head = session.get(AuditHead, 1, with_for_update=True, populate_existing=True)
    if head is None:
        head = AuditHead(id=1, last_hash=GENESIS)
        session.add(head)
    rows = []
    for verb, subject, details, who, at, _part in pending:
        named = subject if isinstance(subject, str) else name_of(subject)
        facts = {"at": at, "actor": who, "verb": verb, "subject": named, "details": details}
        facts["previous_hash"] = head.last_hash
        head.last_hash = facts["hash"] = AuditEvent(**facts).seal()
        rows.append(facts)
    session.execute(insert(AuditEvent), rows)


def _forget_pending(session: Session, part: SessionTransaction) -> None:
    """What was noted in what was rolled back, be it a part of the transaction alone."""
    pending = session.info.get("audit", [])
    session.info["audit"] = [one for one in pending if part.parent and one[-1] is not part]


def broken_links() -> Iterator[str]:
    """A sentence for each row that was changed, removed or slipped in; none when all is well.

    The chain begins where what was kept long enough ended: a sealed row says where that was.
    """
    expected = _beginning()
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


def _beginning() -> str:
    """The seal that the first row follows."""
    last = select(AuditEvent.details).filter_by(verb=FORGOTTEN).order_by(AuditEvent.id.desc())
    details = db.session.scalar(last.limit(1))
    return str(details["seal"]) if details else GENESIS


def forget(before: datetime, kept: Collection[str] = ()) -> None:
    """Let go of the oldest rows, up to the first that is younger, and say so in the record.

    It ends as well at the first row of which one of `kept` is the actor or the subject.

    The caller commits. The database refuses to let go of what is younger than ten years.
    """
    stays = or_(AuditEvent.at >= before, AuditEvent.actor.in_(kept), AuditEvent.subject.in_(kept))
    first = db.session.scalar(select(AuditEvent.id).where(stays).order_by(AuditEvent.id).limit(1))
    old = select(AuditEvent).order_by(AuditEvent.id.desc())
    if first is not None:
        old = old.where(AuditEvent.id < first)
    last = db.session.scalars(old.limit(1)).first()
    if last is None:
        return
    gone = delete(AuditEvent).where(AuditEvent.id <= last.id)
    record(FORGOTTEN, "audit:1", until=last.at, seal=last.hash)
    db.session.execute(gone.execution_options(synchronize_session=False))


# Rows that are never edited or deleted are guarded in the database as well; those that are kept
# for some years may go after them. The database goes by its own clock.
KEPT_YEARS = 10
_OLD = {
    "sqlite": f"datetime('now', '-{KEPT_YEARS} years')",
    "postgresql": f"(now() AT TIME ZONE 'UTC') - interval '{KEPT_YEARS} years'",
}
_SQLITE = (
    "CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} {when}"
    "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
)
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
)
_POSTGRES = (
    "CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} "
    "FOR EACH ROW {when}EXECUTE FUNCTION refuse_change()"
)


def guards(table: str, dialect: str, kept_from: str = "") -> list[str]:
    """The statements that make `table` append-only; for `append_only` and for migrations.

    Rows whose day or instant in the column `kept_from` is ten years ago may be deleted.
    """
    is_young = f"WHEN (OLD.{kept_from} > {_OLD[dialect]}) " if kept_from else ""
    if dialect == "sqlite":
        return [
            _SQLITE.format(table=table, verb="UPDATE", when=""),
            _SQLITE.format(table=table, verb="DELETE", when=is_young),
        ]
    if not kept_from:
        every = {"name": "append_only", "verb": "UPDATE OR DELETE", "when": ""}
        return [_FUNCTION, _POSTGRES.format(table=table, **every)]
    return [
        _FUNCTION,
        _POSTGRES.format(table=table, name="append_only", verb="UPDATE", when=""),
        _POSTGRES.format(table=table, name="kept", verb="DELETE", when=is_young),
    ]


def kept_from(column: str) -> Callable[[type[Model]], type[Model]]:
    """Class decorator: append-only for ten years from the day or instant in a column."""

    def keep(model: type[Model]) -> type[Model]:
        _guard(cast("Table", model.__table__), column)
        return model

    return keep


def append_only(model: type[Model]) -> type[Model]:
    """Class decorator: the table refuses UPDATE and DELETE, on both databases."""
    _guard(cast("Table", model.__table__))
    return model


def _guard(table: Table, column: str = "") -> None:
    for dialect in ("sqlite", "postgresql"):
        for statement in guards(table.name, dialect, column):
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)
            event.listen(table, "after_create", ddl)
    APPEND_ONLY[table.name] = column


APPEND_ONLY: dict[str, str] = {}  # the column from which a table is kept, or nothing: for ever
kept_from("at")(AuditEvent)
append_only(Transition)


def init_app(app: Flask, settings: Settings) -> None:
    with app.app_context():
        event.listen(db.sessionmaker, "before_commit", _write_pending)
        event.listen(db.sessionmaker, "after_soft_rollback", _forget_pending)
