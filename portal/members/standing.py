"""What a firm's terms add up to on a day: one state, and the sentence that says it."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from portal.members.terms import LIVE, TermDates, TermState, state_on


class Standing(enum.StrEnum):
    IN_FORCE = "in_force"
    GRACE = "grace"
    SCHEDULED = "scheduled"
    LAPSED = "lapsed"
    ENDED = "ended"
    NONE = "none"


@dataclass(frozen=True)
class FirmState:
    """A firm's membership on a day; `until` is the last day of the term that decides."""

    standing: Standing
    since: date | None = None
    until: date | None = None
    grace_until: date | None = None

    @property
    def is_live(self) -> bool:
        return self.standing in LIVE

    def days_since_end(self, day: date) -> int:
        """How long the last term has been over; 0 while it is not."""
        return max(0, (day - self.until).days) if self.until else 0

    @property
    def words(self) -> str:
        until, grace = _day(self.until), _day(self.grace_until)
        return {
            Standing.IN_FORCE: f"Member until {until}",
            Standing.GRACE: f"Ended on {until}, in grace until {grace}",
            Standing.SCHEDULED: f"Membership begins on {_day(self.since)}",
            Standing.LAPSED: f"Lapsed: the membership ended on {until}",
            Standing.ENDED: f"Ended on {until}",
            Standing.NONE: "Not a member",
        }[self.standing]

    @property
    def kind(self) -> str:
        """How it is marked: well, needs somebody, lost, or nothing."""
        return {"in_force": "ok", "grace": "needs", "lapsed": "loss"}.get(self.standing, "")


def _day(value: date | None) -> str:
    return f"{value.day} {value:%b %Y}" if value else "a day not known"


def firm_state(terms: Iterable[TermDates], day: date) -> FirmState:
    """The term in force; else the latest in grace; else one ahead; else how the last one ended."""
    dates = sorted(
        (term for term in terms if not term.is_cancelled), key=lambda term: term.start
    )  # fmt: skip
    states = [(state_on(term, day), term) for term in dates]
    for wanted in (TermState.IN_FORCE, TermState.GRACE):
        for state, term in reversed(states):
            if state is wanted:
                return _state(Standing(wanted.value), term)
    for state, term in states:
        if state is TermState.SCHEDULED:
            return _state(Standing.SCHEDULED, term)
    for state, term in reversed(states):
        return _state(Standing.ENDED if state is TermState.ENDED else Standing.LAPSED, term)
    return FirmState(Standing.NONE)


def _state(standing: Standing, term: TermDates) -> FirmState:
    early, grace = term.ended_early_on or date.max, term.end + timedelta(days=term.grace_days)
    end = early if standing is Standing.ENDED else min(term.end, early)
    return FirmState(standing, term.start, end, min(grace, max(early, end)))
