"""Telling those who follow a measure what changed."""

from portal.core import mail
from portal.core.db import db
from portal.core.jobs import job
from portal.legislation.models import Measure, MeasureEvent
from portal.notices.actions import stop_token
from portal.notices.queries import followers


@job
def tell_followers(measure_id: int, event_id: int) -> None:
    """One mail each, in this job's own transaction: a repeated job finds itself done."""
    measure = db.session.get_one(Measure, measure_id)
    event = db.session.get_one(MeasureEvent, event_id)
    for person in followers("measure", measure_id, "bill_alerts"):
        mail.queue(
            "legislation/news", to=person.email, person=person, measure=measure, event=event,
            stop=stop_token(person.id, "bill_alerts"),
        )  # fmt: skip
