"""When a membership can be left, and until when that must be told: pure, by its class's policy."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from portal.members import renewing
from portal.members.policy import Policy


@dataclass(frozen=True)
class Leaving:
    """Who tells until `notice_until_on`, that day included, is a member until `leaves_on`."""

    notice_until_on: date
    leaves_on: date


def next_leaving(
    policy: Policy, told_on: date, term_end: date, since_on: date, months: int = 12,
    anchor: date | None = None,
) -> Leaving:  # fmt: skip
    """The first way out for a member who tells on `told_on`, during a term or before it.

    Terms of whole years that end with the calendar year are left by the day of the year that the
    policy names; any other so many days before its end. `since_on` is the first day of the
    membership; `months` and `anchor` are what its terms are counted by.
    """
    joined = since_on if policy.stays_first_year else None
    if (term_end.month, term_end.day) == (12, 31) and months % 12 == 0:
        last = renewing.leaves_on(told_on, term_end, policy.notice_before, joined, months)
        month, day = (int(part) for part in policy.notice_before.split("-"))
        return Leaving(date(last.year, month, day) - timedelta(days=1), last)
    later = (end for _, end in renewing.terms_after(term_end, months, anchor))
    for last in chain([term_end], later):
        until = last - timedelta(days=policy.notice_days)
        if told_on <= until and not (joined and joined.year == last.year):
            return Leaving(until, last)
    raise AssertionError("terms never end")


def after_trial(last: date) -> Leaving:
    """A trial binds nobody: who says so by its last day leaves with it."""
    return Leaving(last, last)
