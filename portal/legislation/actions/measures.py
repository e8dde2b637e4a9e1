"""Changes to measures. The caller commits."""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal.accounts.models import Person
from portal.accounts.queries import sent_before
from portal.association.queries import today
from portal.committees.models import Committee
from portal.core import audit, clock, jobs
from portal.core.db import db
from portal.core.search import index
from portal.legislation.bills import number_key, session_of_curated
from portal.legislation.models import BillRecord, Measure, MeasureEvent, MeasureNote
from portal.legislation.stages import TOPICS, Stage
from portal.places.actions import folded
from portal.places.models import Place

FACTS = (
    "topic",
    "kind",
    "number",
    "title",
    "year",
    "status_words",
    "stage",
    "stage_rule",
    "status_on",
    "next_on",
    "next_what",
    "why_it_matters",
    "certainty",
    "source",
    "as_of",
)
# What an import reckons, and people may correct.
DERIVED = frozenset({"number", "title", "kind", "status_words", "stage", "stage_rule",
                     "status_on", "source"})  # fmt: skip
EDITORIAL = ("topic", "why_it_matters", "next_on", "next_what")  # all that our file adds to a bill
NEWS = ("stage", "status_words", "next_on")  # what a follower cares about


def load_measures(path: Path) -> int:
    """Take every row of the file over. A row that a person has changed here since stays theirs."""
    places = {one.slug: one for one in db.session.scalars(select(Place))}
    known = {one.ref: one for one in db.session.scalars(select(Measure))}
    numbers = {(one.place_id, one.session, one.number_key): one for one in known.values()}
    imported = set(db.session.scalars(select(BillRecord.measure_id).distinct()))
    corrected = set(
        db.session.scalars(
            select(MeasureEvent.measure_id).where(MeasureEvent.author_id.is_not(None))
        )
    )
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        facts = _facts(row) | {"place": places[row["place"]]}
        session = session_of_curated(facts["number"], facts["year"])
        natural = (facts["place"].id, session, number_key(facts["number"]))
        measure = known.get(row["id"]) or numbers.get(natural)
        if measure is None:
            _add(row["id"], facts, None)
        elif measure.id in imported:
            added = {name: facts[name] for name in EDITORIAL}
            change(measure, added, "Taken over from the file of measures", None)
        elif measure.id not in corrected:
            change(measure, facts, "Taken over from the file of measures", None)
    return len(rows)


def _facts(row: Mapping[str, str]) -> dict[str, Any]:
    days = {name: _day(row[name]) for name in ("status_on", "next_on")}
    plain = {name: row[name] for name in FACTS if name not in {"status_on", "next_on"}}
    typed = {
        "year": int(row["year"]),
        "stage": Stage(row["stage"]),
        "as_of": date.fromisoformat(row["as_of"]),
    }
    return plain | days | typed


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _add(ref: str, facts: Mapping[str, Any], author: Person | None) -> Measure:
    measure = Measure(ref=ref, **facts)
    identify(measure)
    refresh(measure)
    db.session.add(measure)
    db.session.flush()
    _note_event(
        measure, measure.status_on or measure.as_of, measure.status_words, measure.source, author
    )
    index.changed("measure", measure.id)
    return measure


def add(facts: Mapping[str, Any], author: Person) -> Measure:
    """A measure that a person enters; place, number and year are unique in the database."""
    refs = [int(ref[1:]) for ref in db.session.scalars(select(Measure.ref)) if ref[1:].isdigit()]
    measure = _add(f"B{max(refs, default=0) + 1:03}", facts, author)
    audit.record("measure.added", measure, number=measure.number)
    return measure


def change(measure: Measure, facts: Mapping[str, Any], why: str, author: Person | None) -> None:
    """New facts. Followers are told when stage, status or next date changed, and only then."""
    before = {name: getattr(measure, name) for name in facts}
    changed = [name for name, value in facts.items() if before[name] != value]
    if not changed:
        return
    if author is not None and is_imported(measure):
        _keep_corrections(measure, {name: facts[name] for name in changed}, why, author)
    for name in changed:
        setattr(measure, name, facts[name])
    identify(measure)
    refresh(measure)
    if set(changed) & set(NEWS):
        text = f"{measure.stage.words}: {measure.status_words}"
        event = _note_event(measure, measure.status_on or today(), text, why, author)
        db.session.flush()
        key, job = f"measure-news:{event.id}", "portal.legislation.jobs.tell_followers"
        jobs.queue(job, key=key, measure_id=measure.id, event_ids=[event.id])
    audit.record("measure.changed", measure, why=why, fields=changed)
    index.changed("measure", measure.id)


def is_imported(measure: Measure) -> bool:
    query = select(BillRecord.id).where(BillRecord.measure_id == measure.id)
    return db.session.scalar(query.limit(1)) is not None


def _keep_corrections(
    measure: Measure, facts: Mapping[str, Any], why: str, author: Person
) -> None:
    """What the next import must not overwrite, with what the source says itself."""
    kept = dict(measure.corrections)
    for name in set(facts) & DERIVED:
        was = kept[name]["was"] if name in kept else _plain(getattr(measure, name))
        kept[name] = {"value": _plain(facts[name]), "was": was, "why": why, "by": author.id,
                      "on": today().isoformat()}  # fmt: skip
    if "stage" in kept and "stage_rule" not in kept:
        kept["stage_rule"] = kept["stage"] | {"value": "manual", "was": measure.stage_rule}
    measure.corrections = kept


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def identify(measure: Measure) -> None:
    """How an import knows this measure again; one that came by import keeps its session."""
    measure.number_key = number_key(measure.number)
    if not measure.session:
        measure.session = session_of_curated(measure.number, measure.year)


def refresh(measure: Measure) -> None:
    """What the filter by words looks in."""
    words = (
        measure.number,
        measure.title,
        measure.place.name,
        measure.status_words,
        measure.why_it_matters,
        TOPICS.get(measure.topic, ""),
        measure.ref,
    )
    measure.search_text = folded(" ".join(words))


def _note_event(
    measure: Measure, on: date, text: str, source: str, author: Person | None
) -> MeasureEvent:
    event = MeasureEvent(
        measure_id=measure.id, on=on, text=text, source=source, author=author, noted_at=clock.now()
    )
    db.session.add(event)
    return event


def review(measure: Measure) -> None:
    """Somebody looked: what is said is true as of today."""
    measure.as_of = today()
    audit.record("measure.reviewed", measure)


def write_note(measure: Measure, committee: Committee, author: Person, text: str) -> MeasureNote:
    """A note that only this committee sees; the caller has checked that the author sits on it.

    The same words sent again are the note that is there.
    """
    facts = {"measure": measure, "committee": committee, "author": author, "text": text}
    if twin := sent_before(MeasureNote, MeasureNote.written_at, author, **facts):
        return twin
    note = MeasureNote(written_at=clock.now(), **facts)
    db.session.add(note)
    db.session.flush()
    audit.record("measure.noted", measure, committee=committee.slug)
    index.changed("committee_note", note.id)
    return note
