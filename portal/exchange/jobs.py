"""Checking, writing and taking back the rows of an import."""

from datetime import timedelta

from portal.core import audit, clock
from portal.core.db import db
from portal.core.jobs import every, job, note_progress, queue
from portal.core.search import index
from portal.core.states import Refused
from portal.exchange import undoing, writing
from portal.exchange.actions import forget_cells, key_of
from portal.exchange.models import Import, ImportMode, ImportStatus, Outcome
from portal.exchange.passing import Pass, batches
from portal.exchange.queries import counts

S = ImportStatus
KEPT = timedelta(days=60)


def _mine(import_id: int, turn: int, status: ImportStatus) -> Import | None:
    """The import, while this very job is the one that works on it."""
    found = db.session.get(Import, import_id)
    return found if found and found.turn == turn and found.status is status else None


@job
def check(import_id: int, turn: int) -> None:
    """The dry run: what each row would do is noted, and nothing else is written."""
    found = _mine(import_id, turn, S.CHECKING)
    if found:
        _check(found, found.total)
        audit.move(found, S.CHECKED)


def _check(found: Import, of: int) -> None:
    passing, done, key = Pass(found), 0, key_of(found)
    for rows in batches(found.id):
        for _ in passing.batch(rows):
            done += 1
        note_progress(key, done, of)


@job
def run(import_id: int, turn: int) -> None:
    found = _mine(import_id, turn, S.RUNNING)
    if found is None:
        return
    if found.mode is ImportMode.ROWS:
        _write_good_rows(found)
    elif not _write_whole(found):
        return
    found.done_at = clock.now()
    many = {outcome.value: number for outcome, number in counts(found.id).items()}
    audit.move(found, S.DONE)
    audit.record("import.done", found, file=found.filename, outcomes=many)
    _index(found)


def _index(found: Import) -> None:
    if found.kind in ("firms", "terms"):
        queue(
            index_anew,
            f"import-index:{found.id}:{found.turn}",
            import_id=found.id,
            turn=found.turn,
        )


def _write_whole(found: Import) -> bool:
    """Every row is checked again, in parts; then all are written at once, or none."""
    _check(found, 2 * found.total)
    many = counts(found.id)
    bad = many[Outcome.ERROR] + many[Outcome.CONFLICT]
    if bad:
        found.note = f"Since the check, rows have a problem: {bad}. Nothing was written."
        audit.move(found, S.REFUSED, found.note)
        return False
    passing = Pass(found)
    for rows in batches(found.id):
        writing.write(passing, rows)
    db.session.flush()
    if counts(found.id)[Outcome.ERROR] + counts(found.id)[Outcome.CONFLICT]:
        raise ChangedMeanwhile(found.filename)
    return True


class ChangedMeanwhile(Exception):
    """Somebody changed what a row is about while it was written: all is checked again."""


def _write_good_rows(found: Import) -> None:
    """Part by part, each kept at once: a worker that is killed goes on after the last of them."""
    passing, key = Pass(found), key_of(found)
    for rows in batches(found.id, unwritten=True):
        writing.write(passing, rows)
        note_progress(key, rows[-1].line - 1, found.total)


@job
def index_anew(import_id: int, turn: int) -> None:
    """Many things changed at once: the index is made again, once."""
    key = f"import-index:{import_id}:{turn}"
    db.session.commit()
    index.rebuild(lambda done, of: note_progress(key, done, of))


@job
def take_back(import_id: int, turn: int) -> None:
    found = _mine(import_id, turn, S.UNDOING)
    if found is None:
        return
    try:
        undoing.undo(found)
    except Refused as refused:
        db.session.rollback()
        found.note = f"It could not be undone. {refused} Nothing was changed."
        audit.move(found, S.DONE, str(refused))
        return
    audit.move(found, S.UNDONE)
    _index(found)


@every(timedelta(days=1))
def forget_old_rows() -> None:
    forget_cells(KEPT)
