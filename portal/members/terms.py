"""Term arithmetic: the state of a term on a day, and the dates of the next one."""

import calendar
import enum
from dataclasses import dataclass
from datetime import date, timedelta

from portal.core.states import Refused


class TermState(enum.StrEnum):
    CANCELLED = "cancelled"
    ENDED = "ended"
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    SUCCEEDED = "succeeded"
    GRACE = "grace"
    LAPSED = "lapsed"


LIVE = frozenset({TermState.IN_FORCE, TermState.GRACE})


@dataclass(frozen=True)
class TermDates:
    """The facts that a term's state follows from; `end` is its last day."""

    start: date
    end: date
    grace_days: int
    is_cancelled: bool = False
    ended_early_on: date | None = None
    next_start: date | None = None  # of a successor that is not cancelled


def state_on(term: TermDates, day: date) -> TermState:
    """Every day has exactly one state; the first rule that fits wins (domain, 3.2)."""
    if term.is_cancelled:
        return TermState.CANCELLED
    if term.ended_early_on and day > term.ended_early_on:
        return TermState.ENDED
    if day < term.start:
        return TermState.SCHEDULED
    if day <= term.end:
        return TermState.IN_FORCE
    if term.next_start and term.next_start <= day:
        return TermState.SUCCEEDED
    if day <= term.end + timedelta(days=term.grace_days):
        return TermState.GRACE
    return TermState.LAPSED


class TermEvent(enum.StrEnum):
    """The recorded facts that may come to a term; all else about it is the calendar."""

    CANCEL = "cancel"  # of a provisional term that nobody paid
    END_EARLY = "end early"
    RENEW = "renew"
    CHANGE = "change"
    SUSPEND = "suspend"


T = TermState
_AHEAD_OR_LIVE = frozenset({T.SCHEDULED, T.IN_FORCE, T.GRACE})
MAY: dict[TermEvent, frozenset[TermState]] = {
    TermEvent.CANCEL: _AHEAD_OR_LIVE,
    TermEvent.END_EARLY: _AHEAD_OR_LIVE | {T.LAPSED},
    TermEvent.RENEW: frozenset({T.SCHEDULED, T.IN_FORCE, T.GRACE, T.LAPSED}),
    TermEvent.CHANGE: frozenset({T.SCHEDULED, T.IN_FORCE}),
    TermEvent.SUSPEND: LIVE,
}


def refuse_unless_may(event: TermEvent, state: TermState) -> None:
    """Raises `Refused`, with a sentence, for an event that a term in this state cannot have."""
    if state not in MAY[event]:
        words = state.replace("_", " ")
        raise Refused(f"A term that is {words} cannot be given this: {event}.")


def add_months(anchor: date, months: int) -> date:
    """`anchor` plus calendar months, clamped to the last day of the month; never by stepping."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, last))


def nth_term(anchor: date, months: int, n: int) -> tuple[date, date]:
    """First and last day of term `n` (from 0) of `months` each, counted from the anchor."""
    after = add_months(anchor, (n + 1) * months)
    return add_months(anchor, n * months), after - timedelta(days=1)
