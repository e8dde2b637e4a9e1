"""What the records of a measure say, put together for its page."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.core.filters import day
from portal.legislation.bills import RELATIONS, SYMMETRIC, Bill, Vote, local_vote
from portal.legislation.formats import RollCall
from portal.legislation.models import BillRecord, BillRelation, Measure, RecordKind
from portal.legislation.records import read_bill, read_item
from portal.legislation.sources import PRIMARY, Source, source_of


@dataclass(frozen=True)
class Related:
    """Another bill in words; `measure` is none when it has not arrived here."""

    words: str
    identifier: str
    session: str
    measure: Measure | None


@dataclass(frozen=True)
class Imported:
    """The record that counts first, the votes with those that came as files of their own."""

    bill: Bill
    source: Source
    record: BillRecord
    others: list[Source]
    votes: list[Vote]
    related: list[Related]

    @property
    def licence(self) -> str:
        """Of the list that it comes from where it is one, otherwise of its source."""
        return str(self.bill.facts.get("licence") or self.source.licence)


def of(measure: Measure) -> Imported | None:
    """None of a measure that people wrote down."""
    query = select(BillRecord).where(BillRecord.measure_id == measure.id)
    records = list(db.session.scalars(query.order_by(BillRecord.id)))
    bills = sorted(
        (one for one in records if one.kind == RecordKind.BILL),
        key=lambda one: PRIMARY.index(one.source),
    )
    if not bills:
        return None
    bill = read_bill(bills[0], measure.place)
    calls = [read_item(one) for one in records if one.kind == RecordKind.VOTE]
    votes = {one.key: one for one in bill.votes}
    votes |= {one.vote.key: one.vote for one in calls if isinstance(one, RollCall)}
    zone = measure.place.timezone
    newest = sorted(votes.values(), key=lambda one: one.on, reverse=True)
    ordered = [local_vote(one, zone) for one in newest]
    others = [source_of(one.source) for one in bills[1:]]
    return Imported(bill, source_of(bill.source), bills[0], others, ordered, related(measure))


def related(measure: Measure) -> list[Related]:
    """What it says of others, and what others say of it where that holds both ways."""
    query = select(BillRelation).where(
        or_(BillRelation.measure_id == measure.id, BillRelation.other_id == measure.id)
    )
    shown = joinedload(BillRelation.other), joinedload(BillRelation.measure)
    rows = db.session.scalars(query.options(*shown)).all()
    found: dict[tuple[str, str], Related] = {}
    for one in sorted(rows, key=lambda row: row.measure_id != measure.id):
        is_mine = one.measure_id == measure.id
        other = one.other if is_mine else one.measure
        if not is_mine and one.relation not in SYMMETRIC:
            words = f"Named there as {RELATIONS.get(one.relation, one.relation).lower()}"
        else:
            words = RELATIONS.get(one.relation, one.relation.replace("_", " ").capitalize())
        identifier = one.identifier if is_mine else one.measure.number
        session = one.session if is_mine else one.measure.session
        key = (identifier.replace(" ", ""), session)
        found.setdefault(key, Related(words, identifier, session, other))
    return list(found.values())


CHAMBERS = {
    "lower": "Lower house", "upper": "Upper house", "executive": "Executive",
    "legislature": "Legislature", "unicameral": "Council", "joint": "Both houses",
}  # fmt: skip


def day_words(text: str) -> str:
    """A day in words; a month or a year alone stays as the source has it."""
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text or "no day stated"
