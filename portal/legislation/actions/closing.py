"""What the calendar makes of bills when their session ends. This module commits, in batches."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, or_, select

from portal.core.db import db
from portal.core.search import index
from portal.legislation.actions.deriving import apply, derive
from portal.legislation.actions.telling import note, tell
from portal.legislation.changes import Change
from portal.legislation.models import BillRecord, BillSession, Measure, MeasureEvent
from portal.legislation.records import Ends, first_records, read_bill, session_ends
from portal.legislation.rules import CLOSED
from portal.legislation.sources import source_of
from portal.legislation.stages import Stage

BATCH = 200
BY_CALENDAR = ("session_ended", "session_carries_over")


def derive_again(session: BillSession, on: date) -> int:
    """Derive every bill of it anew that is open, or is not by the calendar alone.

    Twice is once. The number of bills whose stage moved; their followers are told.
    """
    ends, moved = session_ends(), 0
    open_now = or_(Measure.stage.not_in(CLOSED), Measure.stage_rule.in_(BY_CALENDAR))
    for ids in _batches(session, open_now):
        news = {
            one.measure_id: [one]
            for record in first_records(ids).values()
            if (one := _derived(record, session, ends, on))
        }
        tell(news)
        index.changed_many("measure", sorted(news))
        db.session.commit()
        moved += len(news)
    return moved


def ended_with_open_bills(on: date) -> list[BillSession]:
    """Sessions over by that day of which a bill still stands as if they went on."""
    left = Measure.stage.not_in(CLOSED | {Stage.CARRIED_OVER})
    open_bill = select(Measure.id).where(
        Measure.place_id == BillSession.place_id, Measure.session == BillSession.key, left,
        Measure.id.in_(select(BillRecord.measure_id)),
    )  # fmt: skip
    query = select(BillSession).where(BillSession.ends_on <= on, open_bill.exists())
    return list(db.session.scalars(query.order_by(BillSession.id)))


def _batches(session: BillSession, which: ColumnElement[bool]) -> Iterator[list[int]]:
    query = select(Measure.id).where(
        Measure.place_id == session.place_id, Measure.session == session.key, which
    )  # fmt: skip
    ids = list(db.session.scalars(query.order_by(Measure.id)))
    for at in range(0, len(ids), BATCH):
        yield ids[at : at + BATCH]


def _derived(
    record: BillRecord, session: BillSession, ends: Ends, on: date
) -> MeasureEvent | None:
    """What happened to it by that, if anything did."""
    measure = record.measure
    if measure is None:
        return None
    was, bill = measure.stage, read_bill(record, measure.place)
    apply(measure, bill, derive(measure, bill, ends, on), source_of(bill.source))
    if measure.stage == was:
        return None
    over = session.ends_on if session.ends_on and session.ends_on <= on else on
    words = f"{measure.stage.words}: {measure.stage_evidence}".removesuffix(": ")
    change = Change("stage_changed", words, over.isoformat())
    return note(measure, change, session.source, on, is_news=True)
