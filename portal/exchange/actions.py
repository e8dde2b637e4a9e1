"""Bringing a file in, step by step. The caller commits; jobs do the work."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import insert, update

from portal.accounts.models import Person
from portal.core import audit, clock, jobs, sheets
from portal.core.db import db
from portal.core.states import Refused
from portal.exchange.fields import Column, recognised, with_fixed
from portal.exchange.kinds import KINDS
from portal.exchange.models import Import, ImportMode, ImportRow, ImportStatus, Outcome
from portal.exchange.queries import counts, remembered

UNDO = timedelta(days=7)
CHECK, RUN, TAKE_BACK = (f"portal.exchange.jobs.{name}" for name in ("check", "run", "take_back"))
RESULT = ("line", "outcome", "problems")  # the columns that a result file adds


def key_of(found: Import) -> str:
    """The key of the job that works on it now."""
    return f"import:{found.id}:{found.turn}"


def start(kind: str, filename: str, body: bytes, by: Person) -> Import:
    """Keep the rows of a file and have them checked.

    Raises `Refused` in words when it is no table, has no rows, or no heading that is known.
    """
    rows = [(n, row) for n, row in enumerate(sheets.read(body), 1) if any(row)]
    if len(rows) < 2:
        raise Refused("The file has no rows under its headings.")
    (_, headings), *lines = rows
    fields = KINDS[kind].fields
    columns = recognised(headings, fields, remembered(kind))
    if not any(one.field for one in columns):
        wanted = ", ".join(one.heading for one in fields[:6])
        raise Refused(f"None of the headings is known. The first row names columns like {wanted}.")
    found = Import(
        kind=kind, filename=filename[-200:], sha256=hashlib.sha256(body).hexdigest(),
        columns=[one.plain() for one in columns], total=len(lines), made_at=clock.now(),
        made_by=by,
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    empty = {"label": "", "changes": [], "problems": [], "made": [], "before": []}
    db.session.execute(
        insert(ImportRow),
        [{"import_id": found.id, "line": n, "cells": cells, **empty} for n, cells in lines],
    )
    audit.record("import.started", found, kind=kind, file=filename, rows=len(lines),
                 sha256=found.sha256)  # fmt: skip
    _queue(found, CHECK)
    return found


def _queue(found: Import, handler: str) -> None:
    found.turn += 1
    db.session.flush()
    jobs.queue(handler, key_of(found), import_id=found.id, turn=found.turn)


def check_again(found: Import, columns: Iterable[Column]) -> None:
    """Read the rows anew, by columns that a person has set."""
    fields = KINDS[found.kind].fields
    used = [one.field for one in columns if one.field]
    if len(used) != len(set(used)):
        raise Refused("Two columns cannot fill the same field.")
    found.columns = [one.plain() for one in with_fixed(columns, fields)]
    audit.move(found, ImportStatus.CHECKING)
    _queue(found, CHECK)


def begin(found: Import, mode: ImportMode) -> None:
    """Write it, all or the good rows. Raises `Refused` when there is nothing to write."""
    many = counts(found.id)
    bad = many[Outcome.ERROR] + many[Outcome.CONFLICT]
    if bad and mode is ImportMode.WHOLE:
        raise Refused(f"Rows with a problem: {bad}. Mend the file, or import the good rows only.")
    if not many[Outcome.CREATE] + many[Outcome.UPDATE]:
        raise Refused("No row of this file would change anything.")
    found.mode = mode
    audit.move(found, ImportStatus.RUNNING, mode.value)
    _queue(found, RUN)


def may_undo(found: Import) -> bool:
    is_done = found.status is ImportStatus.DONE and found.done_at is not None
    is_done = is_done and not KINDS[found.kind].is_final
    return is_done and clock.now() <= found.done_at + UNDO  # type: ignore[operator]


def begin_undo(found: Import) -> None:
    if not may_undo(found):
        raise Refused("An import is undone within seven days of it, once; what was signed is not.")
    found.note = ""
    audit.move(found, ImportStatus.UNDOING)
    _queue(found, TAKE_BACK)


def forget_cells(before: timedelta) -> None:
    """The rows of old imports are forgotten; what came of them is in the record."""
    old = db.session.query(Import.id).where(Import.made_at < clock.now() - before)
    mine = update(ImportRow).where(ImportRow.import_id.in_(old.scalar_subquery()))
    empty = {"cells": [], "changes": [], "before": [], "label": ""}
    db.session.execute(mine.values(empty), execution_options={"synchronize_session": False})
