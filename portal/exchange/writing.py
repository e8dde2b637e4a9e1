"""The one writer of imports: what each row made and changed is kept, so that it can be undone."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import inspect

from portal.core import audit, clock
from portal.core.db import Model, db
from portal.exchange.models import ExternalId, Import, ImportRow, Outcome
from portal.exchange.passing import Pass
from portal.exchange.plans import Plan
from portal.exchange.seating import settle_in
from portal.exchange.undoing import named

Noted = dict[tuple[str, int, str], list[Any]]
Written = tuple[ImportRow, Plan, list[Model]]


def write(passing: Pass, rows: list[ImportRow]) -> None:
    """Write these rows, those with problems left out. The caller commits."""
    written: list[Written] = []
    noted: Noted = {}
    with db.session.no_autoflush:
        for row, plan, staging in passing.batch(rows):
            row.written_at = clock.now()
            if plan.outcome in (Outcome.CREATE, Outcome.UPDATE):
                made = staging.write(plan)
                row.before = list(_before(plan.touched, noted))
                written.append((row, plan, made))
    db.session.flush()
    _number_outside(written)
    for row, plan, made in written:
        row.made = [[_table(one), one.id] for one in [*made, *settle_in(made)]]  # type: ignore[attr-defined]
        _record(passing.found, row, plan)


def _table(row: Model) -> str:
    return row.__tablename__


def _before(touched: Iterable[Any], noted: Noted) -> Iterator[list[Any]]:
    """Table, number, column, old and new of what a row changed; what a row before it changed too
    is that row's, with the newer value.
    """
    for row in touched:
        state = inspect(row)
        for attribute in state.mapper.column_attrs:
            history = state.attrs[attribute.key].history
            if history.has_changes() and state.persistent:
                name = (_table(row), row.id, attribute.key)
                first = name not in noted
                entry = noted.setdefault(name, [*name, _plain(history.deleted), None])
                entry[-1] = _plain(history.added)
                if first:
                    yield entry


def _plain(values: Iterable[Any]) -> Any:
    value = next(iter(values or ()), None)
    return value.isoformat() if isinstance(value, date | datetime) else value


def _number_outside(written: list[Written]) -> None:
    """The numbers that another system gave, now that ours are known."""
    for _, plan, made in written:
        if plan.external:
            kind, value, subject = plan.external
            made.append(ExternalId(kind=kind, value=value, subject_id=subject.id))
            db.session.add(made[-1])
    db.session.flush()


def _record(found: Import, row: ImportRow, plan: Plan) -> None:
    """The record says of each thing that it came from a file, and from which line.

    What an action of its own wrote has said there what it is: an invoice, a payer.
    """
    table, subject_id = row.made[0] if row.made else row.before[0][:2] if row.before else ("", 0)
    if not table or plan.is_recorded:
        return
    name = named(table)
    facts: dict[str, Any] = {
        "file": found.filename, "line": row.line,
        "before": {field: old for field, old, _ in plan.changes if old},
        "after": {field: new for field, _, new in plan.changes},
    }  # fmt: skip
    verb = "imported" if row.made else "changed"
    audit.record(f"{name}.{verb}", f"{name}:{subject_id}", **facts)
