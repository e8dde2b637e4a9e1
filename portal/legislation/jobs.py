"""Telling those who follow a measure what changed; what the end of a session makes of bills."""

from datetime import timedelta

from sqlalchemy import select

from portal.association.queries import today
from portal.core import mail
from portal.core.db import db
from portal.core.jobs import every, job
from portal.legislation.actions.closing import derive_again, ended_with_open_bills
from portal.legislation.models import BillSession, Measure, MeasureEvent
from portal.notices.actions import stop_token
from portal.notices.queries import followers


@job
def tell_followers(measure_id: int, event_ids: list[int]) -> None:
    """One mail each for all of it, in this job's own transaction: repeated, it is done already."""
    measure = db.session.get_one(Measure, measure_id)
    query = select(MeasureEvent).where(MeasureEvent.id.in_(event_ids)).order_by(MeasureEvent.id)
    events = db.session.scalars(query).all()
    for person in followers("measure", measure_id, "bill_alerts"):
        mail.queue(
            "legislation/news", to=person.email, person=person, measure=measure, events=events,
            stop=stop_token(person.id, "bill_alerts"),
        )  # fmt: skip


@job
def derive_session(session_id: int) -> None:
    """Somebody said when it ends."""
    derive_again(db.session.get_one(BillSession, session_id), today())


@every(timedelta(days=1))
def end_sessions() -> None:
    """The day has come that somebody named long before."""
    for one in ended_with_open_bills(today()):
        derive_again(one, today())
