"""What time does to registrations: held seats that nobody paid for."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal.accounts.retention import RULES, Rule, is_of_held
from portal.association.queries import today
from portal.core.db import db
from portal.core.jobs import every
from portal.events import actions, queries
from portal.events.models import Event, Registration


@every(timedelta(hours=1))
def expire_held_seats() -> None:
    """After the due date the seat goes to the first who waits, and the invoice is credited."""
    for invoice in db.session.scalars(queries.overdue_invoices(today()).limit(200)).all():
        actions.expire(invoice)
        db.session.commit()


def forget_needs(before: datetime) -> None:
    """What guests need to eat or to get in is of no use when they have gone home."""
    over = select(Event.id).where(Event.ends_at < before)
    held = update(Registration).where(
        Registration.event_id.in_(over), Registration.needs != "",
        ~is_of_held(Registration.person_id, Registration.email),
    )  # fmt: skip
    db.session.execute(held.values(needs=""), execution_options={"synchronize_session": "fetch"})


RULES.append(
    Rule("needs", "Access and food needs at events", 30, "after the event", forget_needs, most=30)
)
