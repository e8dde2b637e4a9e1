"""Where a renewal stands: offered, invoiced, paid, a term; one pure function of its facts."""

import enum
from dataclasses import dataclass
from datetime import date, timedelta


class Stage(enum.StrEnum):
    NOT_OPEN = "not_open"
    OFFERED = "offered"
    INVOICED = "invoiced"
    OVERDUE = "overdue"
    GRACE = "grace"
    PAID = "paid"
    RENEWED = "renewed"
    PROVISIONAL = "provisional"
    LAPSED = "lapsed"
    CLOSED = "closed"  # too late to come back by renewing
    LEAVING = "leaving"


WORDS = {
    Stage.NOT_OPEN: "Not open yet", Stage.OFFERED: "Offered", Stage.INVOICED: "Invoiced",
    Stage.OVERDUE: "Overdue", Stage.GRACE: "In grace", Stage.PAID: "Paid",
    Stage.RENEWED: "Renewed", Stage.PROVISIONAL: "Renewed, not paid", Stage.LAPSED: "Lapsed",
    Stage.CLOSED: "Window closed", Stage.LEAVING: "Leaving",
}  # fmt: skip
KINDS = {
    Stage.RENEWED: "ok", Stage.PAID: "ok", Stage.OVERDUE: "needs", Stage.GRACE: "needs",
    Stage.PROVISIONAL: "needs", Stage.LAPSED: "loss", Stage.CLOSED: "loss", Stage.LEAVING: "loss",
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """Of a term and of what should follow it; all days are last days, inclusive."""

    end: date
    grace_until: date
    opens_before: int  # days before the next term begins
    closes_after: int  # days after the end
    has_next: bool = False
    is_invoiced: bool = False
    owed: int = 0
    due_on: date | None = None
    leaves_on: date | None = None
    is_expelled: bool = False  # then it is renewed no more in its grace


def stage_on(facts: Facts, day: date) -> Stage:
    """Every day has exactly one stage; the first rule that fits wins."""
    last = facts.grace_until if facts.is_expelled else facts.end
    if facts.leaves_on and facts.leaves_on <= last:
        return Stage.LEAVING
    if facts.has_next:
        return Stage.PROVISIONAL if facts.owed else Stage.RENEWED
    if facts.is_invoiced and not facts.owed:
        return Stage.PAID
    if day > facts.end:
        return _after_the_end(facts, day)
    if facts.is_invoiced:
        is_late = facts.due_on is not None and day > facts.due_on
        return Stage.OVERDUE if is_late else Stage.INVOICED
    opens = facts.end + timedelta(days=1 - facts.opens_before)
    return Stage.OFFERED if day >= opens else Stage.NOT_OPEN


def _after_the_end(facts: Facts, day: date) -> Stage:
    if day > facts.end + timedelta(days=facts.closes_after):
        return Stage.CLOSED
    return Stage.LAPSED if day > facts.grace_until else Stage.GRACE
