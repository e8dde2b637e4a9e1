"""What one batch of records makes of the measures. The caller commits."""

import zlib
from dataclasses import replace
from datetime import date

from sqlalchemy import select, tuple_

from portal.core.db import db
from portal.core.search import index
from portal.legislation.actions.deriving import apply, derive
from portal.legislation.actions.resolving import resolve_relations, resolve_votes
from portal.legislation.actions.sessions import known_sessions, open_session
from portal.legislation.actions.telling import note, tell
from portal.legislation.bills import Bill, localized, number_key, session_key
from portal.legislation.changes import Change, changes
from portal.legislation.formats import RollCall
from portal.legislation.models import (
    BillRecord,
    BillRelation,
    ImportProblem,
    ImportRun,
    Measure,
    MeasureEvent,
    RecordKind,
)
from portal.legislation.records import (
    Taken,
    is_older,
    keep_revision,
    known_records,
    new_record,
    read_bill,
    renew,
    see,
    session_ends,
    touch,
)
from portal.legislation.sources import PRIMARY, Source, source_of
from portal.legislation.stages import Stage
from portal.places.models import Place, PlaceCode

COUNTS = ("created", "changed", "unchanged", "older", "unused", "failed")


class Importer:
    """One run: what is known before each batch, and what the batch makes of it."""

    def __init__(self, run: ImportRun, source: Source, as_of: date) -> None:
        self.run, self.source, self.as_of = run, source, as_of
        self.counts: dict[str, int] = dict.fromkeys(COUNTS, 0)
        self.places = _places()
        self.ends, self.sessions = session_ends(), known_sessions()
        before = select(ImportRun.id).where(
            ImportRun.source == run.source, ImportRun.ended_at.is_not(None)
        )
        self.is_first = db.session.scalar(before.limit(1)) is None
        self.born: set[int] = set()  # measures that this run brought: nobody follows them yet
        self.related: dict[int, set[tuple[str, str, str]]] = {}
        self.news: dict[int, list[MeasureEvent]] = {}
        self.touched: dict[int, Measure] = {}

    def note(self, name: str, message: str, raw: bytes) -> None:
        self.counts["failed"] += 1
        excerpt = raw[:300].decode("utf-8", "replace").replace("\0", "")
        db.session.add(
            ImportProblem(
                run_id=self.run.id, name=name[:300], message=message[:500], excerpt=excerpt
            )
        )

    def take(self, batch: list[Taken]) -> None:
        """Bills first, in the order in which they came; then votes, which look for them."""
        self.news, self.touched = {}, {}
        self.records = known_records(batch)
        self.measures = self._known_measures(batch)
        seen: list[int] = []
        for one in batch:
            record = self.records.get((one.item.source, one.kind, one.key))
            if record is not None and record.digest == one.digest:
                self.counts["unchanged"] += 1
                touch(record, one.revised_at)
                seen.append(record.id)
            elif record is not None and is_older(one, record):
                self.counts["older"] += 1
                keep_revision(record, zlib.compress(one.raw), one.digest, one.revised_at)
            elif isinstance(one.item, Bill):
                self._bill(one, one.item, record)
            else:
                self._vote(one, one.item, record)
        db.session.flush()
        self._resolve(batch)
        see(seen, self.as_of)
        self._tell()

    def _known_measures(self, batch: list[Taken]) -> dict[tuple[int, str, str], Measure]:
        keys = set()
        for one in batch:
            if isinstance(one.item, Bill) and one.item.place in self.places:
                keys.add(_natural(self.places[one.item.place], one.item))
        columns = tuple_(Measure.place_id, Measure.session, Measure.number_key)
        found = (
            db.session.scalars(select(Measure).where(columns.in_(sorted(keys)))) if keys else ()
        )
        return {(one.place_id, one.session, one.number_key): one for one in found}

    def _bill(self, one: Taken, bill: Bill, record: BillRecord | None) -> None:
        place = self.places.get(bill.place)
        if place is None:
            self.note(one.name, f"No place here has the code {bill.place}", one.raw)
            return
        after = localized(replace(bill, place=place.slug), place.timezone)
        if record is None:
            measure = self._measure(place, after)
            record = new_record(one, measure)
            self.records[one.item.source, one.kind, one.key] = record
            self.counts["created"] += 1
            before = None
        else:
            measure = db.session.get_one(Measure, record.measure_id)
            before = read_bill(record, place)
            renew(record, one)
            self.counts["changed"] += 1
        self._relate(measure, after)
        if self._is_primary(measure, bill.source):
            self._derive(measure, after, before)

    def _measure(self, place: Place, bill: Bill) -> Measure:
        """The one with this number in this session; a new one when there is none."""
        natural = _natural(place, bill)
        measure = self.measures.get(natural)
        if measure is None:
            year = int((bill.introduced_on or bill.latest_action_on or str(self.as_of))[:4])
            measure = Measure(
                ref=f"{place.slug}/{natural[1]}/{natural[2]}", place=place, topic="", kind="bill",
                number=bill.identifier, session=natural[1], number_key=natural[2],
                title=bill.title, year=year, status_words="", stage=Stage.UNKNOWN, stage_rule="",
                next_what="", why_it_matters="", certainty="A", source="", as_of=self.as_of,
                search_text="", flags=[], corrections={},
            )  # fmt: skip
            db.session.add(measure)
            self.measures[natural] = measure
            if natural[:2] not in self.sessions:
                self.sessions.add(natural[:2])
                open_session(place, natural[1], self.source.words)
            db.session.flush()
            self.born.add(measure.id)
            self._note(measure, Change("created", f"Taken in from {self.source.words}"))
        return measure

    def _is_primary(self, measure: Measure, source: str) -> bool:
        """True when no source that counts before this one knows the bill."""
        rivals = PRIMARY[: PRIMARY.index(source)]
        query = select(BillRecord.id).where(
            BillRecord.measure_id == measure.id, BillRecord.kind == RecordKind.BILL,
            BillRecord.source.in_(rivals),
        )  # fmt: skip
        return not rivals or db.session.scalar(query.limit(1)) is None

    def _derive(self, measure: Measure, after: Bill, before: Bill | None) -> None:
        """The columns that lists are made of, and what is new since the state before."""
        was = measure.stage
        derived = derive(measure, after, self.ends, self.as_of)
        apply(measure, after, derived, source_of(after.source))
        measure.as_of = self.as_of
        self.touched[measure.id] = measure
        found = changes(before, after) if before else []
        if before and was != measure.stage:
            found.insert(0, Change("stage_changed", measure.stage.words, after.latest_action_on))
        for one in found:
            self._note(measure, one)

    def _relate(self, measure: Measure, bill: Bill) -> None:
        """What it says of other bills; those that have arrived are looked up later."""
        known = self._known_relations(measure)
        for one in bill.related:
            key = (one.relation, session_key(one.session), number_key(one.identifier))
            if key not in known and key[2]:
                known.add(key)
                db.session.add(
                    BillRelation(measure_id=measure.id, relation=key[0], session=key[1],
                                 number_key=key[2], identifier=one.identifier)
                )  # fmt: skip

    def _known_relations(self, measure: Measure) -> set[tuple[str, str, str]]:
        if measure.id not in self.related:
            query = select(
                BillRelation.relation, BillRelation.session, BillRelation.number_key
            ).where(BillRelation.measure_id == measure.id)
            rows = () if measure.id in self.born else db.session.execute(query)
            self.related[measure.id] = {(one[0], one[1], one[2]) for one in rows}
        return self.related[measure.id]

    def _vote(self, one: Taken, call: RollCall, record: BillRecord | None) -> None:
        if record is None:
            record = new_record(one, None)
            self.records[one.item.source, one.kind, one.key] = record
            self.counts["created"] += 1
        else:
            renew(record, one)
            self.counts["changed"] += 1

    def _resolve(self, batch: list[Taken]) -> None:
        """Votes to their bills, relations to the bills they name, whichever came first."""
        for record in resolve_votes(
            {one.refers for one in batch}, {one.item.source for one in batch}
        ):
            self._vote_arrived(record)
        resolve_relations(list(self.touched.values()))

    def _vote_arrived(self, record: BillRecord) -> None:
        measure = db.session.get_one(Measure, record.measure_id)
        item = source_of(record.source).parse(zlib.decompress(record.raw))
        if isinstance(item, RollCall):
            words = {"pass": "passed", "fail": "failed"}.get(item.vote.result, "no result stated")
            self._note(measure, Change("vote_added", f"{item.vote.motion}: {words}", item.vote.on))

    def _note(self, measure: Measure, change: Change) -> None:
        is_news = change.is_news and not self.is_first and measure.id not in self.born
        event = note(measure, change, self.source.words, self.as_of, is_news=is_news)
        if is_news:
            self.news.setdefault(measure.id, []).append(event)

    def _tell(self) -> None:
        tell(self.news)
        index.changed_many("measure", sorted(self.touched))


def _places() -> dict[str, Place]:
    """By slug, and by every code that somebody else gave them."""
    found = {one.slug: one for one in db.session.scalars(select(Place))}
    by_id = {one.id: one for one in found.values()}
    for code in db.session.scalars(select(PlaceCode)):
        found[code.value] = by_id[code.place_id]
    return found


def _natural(place: Place, bill: Bill) -> tuple[int, str, str]:
    return place.id, session_key(bill.session), number_key(bill.identifier)
