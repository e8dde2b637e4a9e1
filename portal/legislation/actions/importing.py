"""Taking bills in from their sources: twice is once, and any order ends in the same state.

Work goes in batches, each in a transaction of its own: whoever is killed in the middle has kept
whole bills only, and begins again where the unchanged ones cost little. This module commits.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from portal.core import audit, clock
from portal.core.db import db
from portal.legislation.actions.taking import Importer
from portal.legislation.bills import Bill, Unreadable
from portal.legislation.formats import RollCall, digest
from portal.legislation.models import (
    ImportRun,
)
from portal.legislation.records import (
    Taken,
)
from portal.legislation.sources import SOURCES, Item, Source

BATCH = 200
Progress = Callable[[int], None]


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
    """Every record of every file, in batches; what cannot be read is listed and left out."""
    source = SOURCES[run.source]
    importer = Importer(run, source, as_of)
    for batch in _batches(_records(source, files, importer), BATCH):
        importer.take(batch)
        db.session.commit()
        progress(sum(importer.counts.values()))
    run.counts = dict(importer.counts)
    run.ended_at = clock.now()
    audit.record("bills.imported", run, source=run.source, counts=dict(importer.counts))
    db.session.commit()
    return run


def rehearse(
    source: str, files: Iterable[tuple[str, bytes]], as_of: date
) -> tuple[dict[str, int], list[str]]:
    """What an import would do, and in words what it could not read. Nothing of it is kept."""
    run = ImportRun(source=source, path="", started_at=clock.now(), counts={})
    db.session.add(run)
    db.session.flush()
    importer = Importer(run, SOURCES[source], as_of)
    for batch in _batches(_records(SOURCES[source], files, importer), BATCH):
        importer.take(batch)
    db.session.flush()
    problems = [f"{one.name}: {one.message}" for one in run.problems]
    db.session.rollback()
    return dict(importer.counts), problems


def _records(
    source: Source, files: Iterable[tuple[str, bytes]], importer: "Importer"
) -> Iterator[Taken]:
    for name, raw in files:
        try:
            for number, record in enumerate(source.split(raw), 1):
                yield from _record(source, name, number, record, importer)
        except Unreadable as trouble:
            importer.note(name, str(trouble), raw)


def _record(
    source: Source, name: str, number: int, record: bytes, importer: "Importer"
) -> Iterator[Taken]:
    try:
        item: Item | None = source.parse(record)
        if isinstance(item, Bill | RollCall):
            yield Taken(name, record, item, digest(record))
        else:
            importer.counts["unused"] += 1
    except Unreadable as trouble:
        importer.note(f"{name}, record {number}", str(trouble), record)
    except (AttributeError, KeyError, TypeError, ValueError) as trouble:
        words = f"A field is not what it was: {type(trouble).__name__}, {trouble}"
        importer.note(f"{name}, record {number}", words, record)


def _batches(taken: Iterator[Taken], size: int) -> Iterator[list[Taken]]:
    batch: list[Taken] = []
    for one in taken:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch
