"""What time does to registrations: held seats that nobody paid for."""

from datetime import timedelta

from portal.association.queries import today
from portal.core.db import db
from portal.core.jobs import every
from portal.events import actions, queries


@every(timedelta(hours=1))
def expire_held_seats() -> None:
    """After the due date the seat goes to the first who waits, and the invoice is credited."""
    for invoice in db.session.scalars(queries.overdue_invoices(today()).limit(200)).all():
        actions.expire(invoice)
        db.session.commit()
