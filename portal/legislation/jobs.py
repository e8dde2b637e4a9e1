"""Telling those who follow a measure what changed; what the end of a session makes of bills."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.association.queries import today
from portal.core import clock, mail
from portal.core.db import db
from portal.core.jobs import every, job
from portal.legislation import audience
from portal.legislation.actions.closing import derive_again, ended_with_open_bills
from portal.legislation.actions.naming import name_again
from portal.legislation.models import (
    BillRecord,
    BillSession,
    Measure,
    MeasureEvent,
    MeasureName,
    RecordKind,
)
from portal.legislation.records import first_records, read_bill
from portal.legislation.stages import TOPICS
from portal.notices.actions import once, stop_token
from portal.notices.models import MailPace, Often
from portal.notices.queries import digests_due

UNSETTLED = timedelta(minutes=5)


@job
def tell_followers(measure_id: int, event_ids: list[int]) -> None:
    """One mail each for all that is news by now, in this job's own transaction.

    An import writes bill by bill: what its next records brought is told by the first of its jobs,
    and the others find it told.
    """
    measure = db.session.get_one(Measure, measure_id)
    query = select(MeasureEvent).where(
        MeasureEvent.measure_id == measure_id, MeasureEvent.is_news,
        MeasureEvent.id >= min(event_ids),
    )  # fmt: skip
    found = db.session.scalars(query.order_by(MeasureEvent.id)).all()
    events = [one for one in found if once(f"bill-news:{one.id}", "bill-news")]
    if not events:
        return
    for person in audience.told_of(measure):
        mail.queue(
            "legislation/news", to=person.email, person=person, measure=measure, events=events,
            stop=stop_token(person.id, audience.MAIL),
        )  # fmt: skip


@every(timedelta(days=1))
def send_digests() -> None:
    """To those who chose a slower pace, one mail of all that is new; nothing new is no mail.

    Half a day late is not yet another turn. What is being written at this moment waits for the
    next digest: its transaction may end after this one has looked.
    """
    now = clock.now()
    slack = now + timedelta(hours=12)
    before = {Often.DAILY: slack - timedelta(days=1), Often.WEEKLY: slack - timedelta(days=7)}
    whiles: dict[datetime, audience.News] = {}
    for pace_id in digests_due(audience.MAIL, before):
        pace = db.session.get_one(MailPace, pace_id)
        until = now - UNSETTLED
        if pace.told_until not in whiles:
            whiles[pace.told_until] = audience.news(pace.told_until, until)
        _send_digest(pace, whiles[pace.told_until])
        pace.told_until = max(until, pace.told_until)
        db.session.commit()


def _send_digest(pace: MailPace, news: audience.News) -> None:
    rows = news.of(pace.person_id)
    if rows:
        mail.queue(
            "legislation/digest", to=pace.person.email, person=pace.person, total=len(rows),
            rows=rows[: audience.MOST], since=news.since, topics=TOPICS,
            stop=stop_token(pace.person_id, audience.MAIL),
        )  # fmt: skip


@job
def name_all() -> None:
    """Sponsors and committees of what was imported before they were kept by name."""
    bills = BillRecord.kind == RecordKind.BILL
    ids = select(BillRecord.measure_id).where(bills, BillRecord.measure_id.is_not(None))
    left = ids.where(BillRecord.measure_id.not_in(select(MeasureName.measure_id)))
    for measure_id, record in first_records(set(db.session.scalars(left))).items():
        if record.measure is not None:
            name_again(measure_id, read_bill(record, record.measure.place))
            db.session.commit()


@job
def derive_session(session_id: int) -> None:
    """Somebody said when it ends."""
    derive_again(db.session.get_one(BillSession, session_id), today())


@every(timedelta(days=1))
def end_sessions() -> None:
    """The day has come that somebody named long before."""
    for one in ended_with_open_bills(today()):
        derive_again(one, today())
