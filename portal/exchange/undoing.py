"""Taking an import back, whole, as long as nothing newer depends on it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Table, delete, select, update
from sqlalchemy.exc import IntegrityError

from portal.core import clock
from portal.core.audit import AuditEvent
from portal.core.db import Model, UtcDateTime, db
from portal.core.states import Refused
from portal.dues.actions import credit
from portal.dues.models import Invoice, Posting
from portal.exchange.models import Import, ImportRow
from portal.exchange.passing import BATCH
from portal.members.models import Overlay

TABLES = Model.metadata.tables


def undo(found: Import) -> None:
    """Delete what it made and put back what it changed; an invoice gets a credit note, unmailed.

    Raises `Refused` with the first thing that something newer depends on. The caller commits, or
    rolls back: nothing is kept in part.
    """
    for rows in _from_the_end(found.id):
        _refuse_what_changed_since(found, rows)
        for row in rows:
            _put_back(row)
        _take_away(found, rows)


def _from_the_end(import_id: int) -> Iterator[list[ImportRow]]:
    line = 2**31 - 1
    while True:
        query = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.line < line)
        rows = list(db.session.scalars(query.order_by(ImportRow.line.desc()).limit(BATCH)))
        if not rows:
            return
        line = rows[-1].line
        yield rows


def named(table: str) -> str:
    """`organization` of `organizations`: how the record speaks of a row."""
    classes = {one.local_table: one.class_ for one in Model.registry.mappers}
    return classes[TABLES[table]].__name__.lower()


def _refuse_what_changed_since(found: Import, rows: Iterable[ImportRow]) -> None:
    """Whatever was recorded of a thing after the import is newer than it."""
    about = {f"{named(table)}:{number}": row for row in rows for table, number in row.made}
    query = select(AuditEvent.subject, AuditEvent.verb).where(
        AuditEvent.subject.in_(list(about)), AuditEvent.at > found.done_at
    )
    newer = db.session.execute(query.order_by(AuditEvent.id)).first()
    if newer:
        row = about[newer.subject]
        raise Refused(f"Line {row.line}, {row.label}, was worked on since ({newer.verb}).")


def _put_back(row: ImportRow) -> None:
    for name, number, column, old, new in reversed(row.before):
        table = TABLES[name]
        mine = table.c.id == number
        now = db.session.scalar(select(table.c[column]).where(mine))
        if now != _typed(table, column, new):
            what = column.replace("_", " ")
            raise Refused(f"Line {row.line}, {row.label}: its {what} changed since.")
        values = {column: _typed(table, column, old)}
        db.session.execute(update(table).where(mine).values(values))


def _typed(table: Table, column: str, value: Any) -> Any:
    if value is None:
        return None
    kind = table.c[column].type
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def _take_away(found: Import, rows: Iterable[ImportRow]) -> None:
    made: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        for table, number in row.made:
            made[table].append(number)
    _credit(made.pop("invoices", []), found)
    for table in reversed(Model.metadata.sorted_tables):
        if table.name in made:
            try:
                db.session.execute(delete(table).where(table.c.id.in_(made[table.name])))
            except IntegrityError as error:
                words = table.name.replace("_", " ")
                raise Refused(f"Something newer depends on the {words} of this file.") from error


def _credit(ids: list[int], found: Import) -> None:
    if not ids:
        return
    paid = select(Posting.invoice_id).where(
        Posting.invoice_id.in_(ids), Posting.payment_id.is_not(None)
    )
    if db.session.scalar(paid.limit(1)):
        raise Refused("Money was booked on one of these invoices.")
    newer = select(Invoice).where(Invoice.id.in_(ids)).order_by(Invoice.id)
    for invoice in db.session.scalars(newer).all():
        credit(invoice, f"The import of {found.filename} is undone", tells=False)
    held = update(Overlay).where(Overlay.subject_kind == "invoice", Overlay.subject_id.in_(ids))
    db.session.execute(held.values(lifted_at=clock.now()))
