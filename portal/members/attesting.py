"""When a role must be confirmed, and what follows when it is not: pure dates."""

from datetime import date, timedelta

from portal.members.models import FirmRole
from portal.members.terms import add_months

EVERY = 12  # months
STEPS = (0, 14, 28)  # days after the due day on which it is asked
UNATTESTED = 42  # days after the due day: not confirmed
DEADLINES = {  # days in which a firm fills a role again
    FirmRole.DELEGATE: timedelta(days=28),
    FirmRole.DUES_CONTACT: timedelta(days=14),
    FirmRole.ROSTER_MANAGER: timedelta(days=7),
}
UNREACHABLE = timedelta(days=7)  # in which staff reach a firm none of whose people get mail


def due_on(attested_on: date) -> date:
    return add_months(attested_on, EVERY)


def step_on(due: date, day: date) -> int | None:
    """The latest step whose day has come; None before the due day and once it was missed."""
    days = (day - due).days
    return max((one for one in STEPS if one <= days < UNATTESTED), default=None)


def is_unattested(due: date, day: date) -> bool:
    return (day - due).days >= UNATTESTED
