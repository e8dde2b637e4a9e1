"""Closing the books until a day, and opening them again. The caller commits."""

from datetime import date

from sqlalchemy.exc import IntegrityError

from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db
from portal.core.filters import day
from portal.core.states import Refused
from portal.dues.models import Closing
from portal.dues.queries import year_end_checks


def _hold() -> Closing:
    """The one row, held: whoever posts at this moment is waited for."""
    found = db.session.get(Closing, 1, with_for_update=True, populate_existing=True)
    if found is None:
        found = Closing(id=1, until_on=None, changed_at=clock.now(), reason="")
        db.session.add(found)
        try:
            db.session.flush()
        except IntegrityError as error:
            raise Refused("Somebody else is closing the books at this moment.") from error
    return found


def close_books(until_on: date, reason: str) -> None:
    """From now on nothing is booked on that day or before.

    Raises `Refused` for a day that is not over, that is closed already, or before which something
    is still open.
    """
    closing = _hold()
    if until_on >= today():
        raise Refused("Only days that are over can be closed.")
    if closing.until_on and until_on <= closing.until_on:
        raise Refused(f"The books are closed until {day(closing.until_on)} already.")
    waiting = [one for one in year_end_checks(until_on) if one.stops and not one.is_done]
    if waiting:
        names = "; ".join(f"{one.name}: {one.count}" for one in waiting)
        raise Refused(f"Before that day something is still open. {names}.")
    _change(closing, until_on, reason, "books.closed")


def reopen_books(until_on: date | None, reason: str) -> None:
    """Close them only until an earlier day, or not at all. Raises `Refused` for a later one."""
    closing = _hold()
    if closing.until_on is None:
        raise Refused("The books are open.")
    if until_on and until_on >= closing.until_on:
        raise Refused(f"Choose a day before {day(closing.until_on)}.")
    _change(closing, until_on, reason, "books.opened")


def _change(closing: Closing, until_on: date | None, reason: str, verb: str) -> None:
    old, closing.until_on = closing.until_on, until_on
    closing.changed_at, closing.reason = clock.now(), reason
    audit.record(verb, closing, old=old, new=until_on, reason=reason)
