"""Taking bills in from their sources: twice is once, and any order ends in the same state.

Files are read and understood while no transaction is open; then each bill is written in one of
its own, so that nobody waits long for the one writer of SQLite. Whoever is killed in the middle
has kept whole bills only, and begins again where the unchanged ones cost little. This module
commits.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from sqlalchemy.exc import IntegrityError

from portal.core import audit, clock
from portal.core.db import db
from portal.legislation.actions.taking import COUNTS, Importer, known_places
from portal.legislation.bills import Bill, Unreadable
from portal.legislation.formats import RollCall, digest
from portal.legislation.models import BillRecord, ImportProblem, ImportRun
from portal.legislation.records import Identity, Taken, known_records, verdict
from portal.legislation.sources import SOURCES, Item, Source

BATCH = 200
Progress = Callable[[int], None]


class Reading:
    """The records of files, what could not be read among them, and how many are of no use."""

    def __init__(self, source: Source, places: Iterable[str]) -> None:
        self.source, self.places = source, frozenset(places)
        self.unused, self.failed = 0, 0
        self.troubles: list[tuple[str, str, bytes]] = []  # not written down yet

    def note(self, name: str, message: str, raw: bytes) -> None:
        self.failed += 1
        self.troubles.append((name, message, raw))

    def records(self, files: Iterable[tuple[str, bytes]]) -> Iterator[Taken]:
        for name, raw in files:
            try:
                for number, record in enumerate(self.source.split(raw), 1):
                    yield from self._record(name, number, record)
            except Unreadable as trouble:
                self.note(name, str(trouble), raw)

    def _record(self, name: str, number: int, record: bytes) -> Iterator[Taken]:
        try:
            item: Item | None = self.source.parse(record)
            if isinstance(item, Bill) and item.place not in self.places:
                self.note(name, f"No place here has the code {item.place}", record)
            elif isinstance(item, Bill | RollCall):
                yield Taken(name, record, item, digest(record))
            else:
                self.unused += 1
        except Unreadable as trouble:
            self.note(f"{name}, record {number}", str(trouble), record)
        except (AttributeError, KeyError, TypeError, ValueError) as trouble:
            words = f"A field is not what it was: {type(trouble).__name__}, {trouble}"
            self.note(f"{name}, record {number}", words, record)


def begin(source: str, path: str) -> ImportRun:
    """A run to report into. Commits, so that its page is there while it works."""
    run = ImportRun(source=source, path=path, started_at=clock.now(), counts={})
    db.session.add(run)
    db.session.commit()
    return run


def take_in(
    run: ImportRun,
    files: Iterable[tuple[str, bytes]],
    as_of: date,
    progress: Progress = lambda _: None,
) -> ImportRun:
    """Every record of every file; what cannot be read is listed and left out."""
    run_id, source = run.id, SOURCES[run.source]
    importer = Importer(source, as_of)
    reading = Reading(source, importer.places)
    db.session.commit()
    for batch in _batches(reading.records(files), BATCH):
        left = importer.sift(batch)
        _report(run_id, importer, reading)
        db.session.commit()
        importer.recall()
        for one in left:
            _take(importer, one)
            progress(sum(importer.counts.values()) + reading.failed)
    run = db.session.get_one(ImportRun, run_id)
    run.ended_at = clock.now()
    _report(run_id, importer, reading)
    audit.record("bills.imported", run, source=run.source, counts=run.counts)
    db.session.commit()
    return run


def _take(importer: Importer, one: Taken) -> None:
    """In a transaction of its own. Another import may have brought it at this very moment."""
    try:
        found = importer.take(one)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        importer.look_again()
        found = importer.take(one)
        db.session.commit()
    importer.keep(one, found)


def _report(run_id: int, importer: Importer, reading: Reading) -> None:
    """How far it is, for whoever looks at its page, and what could not be read since."""
    importer.counts |= {"unused": reading.unused, "failed": reading.failed}
    db.session.get_one(ImportRun, run_id).counts = dict(importer.counts)
    for name, message, raw in reading.troubles:
        excerpt = raw[:300].decode("utf-8", "replace").replace("\0", "")
        db.session.add(
            ImportProblem(run_id=run_id, name=name[:300], message=message[:500], excerpt=excerpt)
        )
    reading.troubles = []


def rehearse(source: str, files: Iterable[tuple[str, bytes]]) -> tuple[dict[str, int], list[str]]:
    """What an import would do, and in words what it could not read. It only looks."""
    counts, problems = dict.fromkeys(COUNTS, 0), []
    known: dict[Identity, BillRecord | Taken] = {}
    reading = Reading(SOURCES[source], known_places())
    for batch in _batches(reading.records(files), BATCH):
        db.session.rollback()
        known |= known_records(one for one in batch if one.identity not in known)
        for one in batch:
            found = verdict(one, known.get(one.identity))
            counts[found] += 1
            if found in {"created", "changed"}:
                known[one.identity] = one
    problems = [f"{name}: {message}" for name, message, _ in reading.troubles]
    db.session.rollback()
    return counts | {"unused": reading.unused, "failed": reading.failed}, problems


def _batches(taken: Iterator[Taken], size: int) -> Iterator[list[Taken]]:
    batch: list[Taken] = []
    for one in taken:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch
