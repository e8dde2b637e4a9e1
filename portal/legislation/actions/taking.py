"""What one record makes of the measures. The caller commits."""

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.core.db import db
from portal.core.search import index
from portal.legislation.actions.deriving import apply, derive
from portal.legislation.actions.naming import name_again
from portal.legislation.actions.resolving import resolve_relations, resolve_votes
from portal.legislation.actions.sessions import known_sessions, open_session
from portal.legislation.actions.telling import note, tell
from portal.legislation.bills import Bill, local_vote, number_key, session_key
from portal.legislation.changes import Change, changes
from portal.legislation.formats import RollCall
from portal.legislation.models import (
    BillRecord,
    BillRelation,
    ImportRun,
    Measure,
    MeasureEvent,
    RecordKind,
)
from portal.legislation.records import (
    Identity,
    Taken,
    compressed,
    keep_revision,
    known_records,
    new_record,
    read_item,
    read_raw,
    renew,
    see,
    session_ends,
    there,
    touch,
    verdict,
)
from portal.legislation.sources import PRIMARY, Source, source_of
from portal.legislation.stages import Stage
from portal.notices.queries import is_followed
from portal.places.models import Place, PlaceCode

COUNTS = ("created", "changed", "unchanged", "older", "unused", "failed")


@dataclass(frozen=True)
class Home:
    """What an import needs of a place, whatever transaction is open."""

    id: int
    slug: str
    timezone: str


class Importer:
    """One run: what is known before each record, and what the record makes of it."""

    def __init__(self, source: Source, as_of: date) -> None:
        self.source, self.as_of = source, as_of
        self.counts: dict[str, int] = dict.fromkeys(COUNTS, 0)
        self.places = known_places()
        self.ends, self.sessions = session_ends(), known_sessions()
        before = select(ImportRun.id).filter_by(source=source.name).where(
            ImportRun.ended_at.is_not(None)
        )  # fmt: skip
        self.is_first = db.session.scalar(before.limit(1)) is None
        self.born: set[int] = set()  # measures that this run brought
        self.raws: dict[Identity, tuple[str, bytes]] = {}
        self.before: dict[Identity, tuple[str, Bill | RollCall]] = {}  # by digest
        self.news: dict[int, list[MeasureEvent]] = {}
        self.touched: dict[int, Measure] = {}
        self.fresh: tuple[int, int, str] | None = None  # the measure this record brought

    def sift(self, batch: list[Taken]) -> list[Taken]:
        """See to what holds nothing new; the others, in the order in which they came."""
        records, seen, left = known_records(batch), [], []
        self.raws = {}
        for one in batch:
            record = records.get(one.identity)
            found = verdict(one, record)
            if one.identity in self.raws or found in {"created", "changed"}:
                self.raws[one.identity] = (record.digest, record.raw) if record else ("", b"")
                left.append(one)
            elif record is not None:
                seen += self._nothing_new(one, record, found)
                self.counts[found] += 1
        see(seen, self.as_of)
        return left

    def _nothing_new(self, one: Taken, record: BillRecord, found: str) -> list[int]:
        """Those that are true as of today."""
        if found == "older":
            keep_revision(record, compressed(one.raw), one.digest, one.revised_at)
            return []
        touch(record, one.revised_at)
        return [record.id]

    def recall(self) -> None:
        """Understand what was known of those that were left: no transaction is open now."""
        self.before = {
            identity: (digest, read_raw(identity[0], raw))
            for identity, (digest, raw) in self.raws.items() if raw
        }  # fmt: skip

    def take(self, one: Taken) -> str:
        """One record and all that follows of it. What it was is counted by `keep`, afterwards."""
        self.news, self.touched, self.fresh = {}, {}, None
        record = known_records([one]).get(one.identity)
        found = verdict(one, record)
        if record is not None and found in {"unchanged", "older"}:
            see(self._nothing_new(one, record, found), self.as_of)
        elif isinstance(one.item, Bill):
            self._bill(one, one.item, record)
        else:
            self._vote(one, record)
        db.session.flush()
        self._resolve(one)
        tell(self.news)
        index.changed_many("measure", sorted(self.touched))
        return found

    def keep(self, one: Taken, found: str) -> None:
        """It is committed."""
        self.counts[found] += 1
        if found in {"created", "changed"}:
            self.before[one.identity] = (one.digest, one.item)
        if self.fresh is not None:
            self.born.add(self.fresh[0])
            self.sessions.add(self.fresh[1:])

    def look_again(self) -> None:
        """Somebody else has brought something meanwhile."""
        self.sessions = known_sessions()

    def _bill(self, one: Taken, bill: Bill, record: BillRecord | None) -> None:
        home = self.places[bill.place]
        after = there(bill, home.slug, home.timezone)
        before: Bill | None = None
        if record is None:
            measure = self._measure(home, after)
            new_record(one, measure)
        else:
            measure = db.session.get_one(Measure, record.measure_id)
            was = self._was(one, record)
            before = there(was, home.slug, home.timezone) if isinstance(was, Bill) else None
            renew(record, one)
        self._relate(measure, after)
        if self._is_primary(measure, bill.source):
            self._derive(measure, after, before)

    def _was(self, one: Taken, record: BillRecord) -> Bill | RollCall:
        """What the record said, understood before; anew when another import was quicker."""
        digest, item = self.before.get(one.identity, ("", None))
        return item if item and digest == record.digest else read_item(record)

    def _measure(self, home: Home, bill: Bill) -> Measure:
        """The one with this number in this session; a new one when there is none."""
        session, number = session_key(bill.session), number_key(bill.identifier)
        query = select(Measure).filter_by(place_id=home.id, session=session, number_key=number)
        measure = db.session.scalar(query)
        if measure is None:
            year = _year(bill, self.as_of)
            measure = Measure(
                ref=f"{home.slug}/{session}/{number}", place_id=home.id, topic="", kind="bill",
                number=bill.identifier, session=session, number_key=number,
                title=bill.title, year=year, status_words="", stage=Stage.UNKNOWN, stage_rule="",
                next_what="", why_it_matters="", certainty="A", source="", as_of=self.as_of,
                search_text="", flags=[], corrections={},
            )  # fmt: skip
            db.session.add(measure)
            if (home.id, session) not in self.sessions:
                open_session(home.id, session, self.source.words)
            db.session.flush()
            self.fresh = (measure.id, home.id, session)
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
        """The columns that lists are made of, and what is new since the state before.

        A stage that moves is news whichever source moved it: one that counts before the one known
        so far may come second. What two sources word differently is none.
        """
        was = measure.stage
        derived = derive(measure, after, self.ends, self.as_of)
        apply(measure, after, derived, source_of(after.source))
        measure.as_of = self.as_of
        name_again(measure.id, after)
        self.touched[measure.id] = measure
        found = changes(before, after) if before else []
        if was != measure.stage and not self._is_new(measure):
            found.insert(0, Change("stage_changed", measure.stage.words, after.latest_action_on))
        for one in found:
            self._note(measure, one)

    def _relate(self, measure: Measure, bill: Bill) -> None:
        """What it says of other bills; those that have arrived are looked up later."""
        query = select(BillRelation.relation, BillRelation.session, BillRelation.number_key)
        mine = query.where(BillRelation.measure_id == measure.id)
        known = {(one[0], one[1], one[2]) for one in db.session.execute(mine)}
        for one in bill.related:
            key = (one.relation, session_key(one.session), number_key(one.identifier))
            if key not in known and key[2]:
                known.add(key)
                db.session.add(
                    BillRelation(measure_id=measure.id, relation=key[0], session=key[1],
                                 number_key=key[2], identifier=one.identifier)
                )  # fmt: skip

    def _vote(self, one: Taken, record: BillRecord | None) -> None:
        if record is None:
            new_record(one, None)
        else:
            renew(record, one)

    def _resolve(self, one: Taken) -> None:
        """Votes to their bills, relations to the bills they name, whichever came first."""
        for record in resolve_votes({one.refers}, {one.item.source}):
            measure = db.session.get_one(Measure, record.measure_id)
            is_this = (record.kind, record.key) == (one.kind, one.key)
            item = one.item if is_this else read_item(record)
            if isinstance(item, RollCall):
                words = {"pass": "passed", "fail": "failed"}
                said = words.get(item.vote.result, "no result stated")
                vote = local_vote(item.vote, measure.place.timezone)
                change = Change("vote_added", f"{vote.motion}: {said}", vote.on)
                self._note(measure, change)
        resolve_relations(list(self.touched.values()))

    def _is_new(self, measure: Measure) -> bool:
        return self.fresh is not None and self.fresh[0] == measure.id

    def _note(self, measure: Measure, change: Change) -> None:
        """News, unless this run brought the measure and nobody can have known of it before."""
        was_known = not self._is_new(measure) and measure.id not in self.born
        was_known |= change.kind == "created" and not self.is_first
        is_news = change.is_news and (was_known or is_followed("measure", measure.id))
        event = note(measure, change, self.source.words, self.as_of, is_news=is_news)
        if is_news:
            self.news.setdefault(measure.id, []).append(event)


def known_places() -> dict[str, Home]:
    """By slug, and by every code that somebody else gave them."""
    rows = db.session.execute(select(Place.id, Place.slug, Place.timezone))
    by_id = {row[0]: Home(*row) for row in rows}
    found = {one.slug: one for one in by_id.values()}
    for value, place_id in db.session.execute(select(PlaceCode.value, PlaceCode.place_id)):
        found[value] = by_id[place_id]
    return found


def _year(bill: Bill, as_of: date) -> int:
    """Of its introduction; without a day, of its session where that is named by one."""
    named = re.match(r"(?:19|20)\d\d", bill.session)
    return int((bill.introduced_on or bill.latest_action_on or (named or [str(as_of)])[0])[:4])
