"""Income by the month it is earned in: a line that covers days is earned day by day. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from portal.core.money import spread
from portal.members.terms import add_months

Month = tuple[int, int]  # year, month


@dataclass(frozen=True)
class Earning:
    """Net minor units claimed on a day, for the days from `first` to `last` (both inclusive)."""

    minor: int
    claimed_on: date
    first: date | None = None
    last: date | None = None


def month_of(day: date) -> Month:
    return day.year, day.month


def by_month(earning: Earning) -> dict[Month, int]:
    """What each month earns of it: by days, rounded so that the sum is the whole.

    What months before the claim would have earned is the claim's own month's: those are over.
    """
    if earning.first is None or earning.last is None:
        return {month_of(earning.claimed_on): earning.minor}
    months: list[Month] = []
    days: list[int] = []
    start = earning.first
    while start <= earning.last:
        after = min(add_months(start.replace(day=1), 1), earning.last + timedelta(days=1))
        months.append(month_of(start))
        days.append((after - start).days)
        start = after
    earned: Counter[Month] = Counter()
    for month, minor in zip(months, spread(earning.minor, days), strict=True):
        earned[max(month, month_of(earning.claimed_on))] += minor
    return dict(earned)


@dataclass(frozen=True)
class EarnedMonth:
    """`earned` in the month; `deferred` is claimed by its end and earned later."""

    month: date
    claimed: int
    earned: int
    deferred: int


def schedule(earnings: Iterable[Earning], first: date, months: int) -> list[EarnedMonth]:
    """Month by month from `first`: what was claimed, what is earned, what is still deferred."""
    claimed: Counter[Month] = Counter()
    earned: Counter[Month] = Counter()
    for one in earnings:
        claimed[month_of(one.claimed_on)] += one.minor
        for month, minor in by_month(one).items():
            earned[month] += minor
    start = first.replace(day=1)
    before = month_of(start)
    held = sum(minor for month, minor in claimed.items() if month < before)
    held -= sum(minor for month, minor in earned.items() if month < before)
    found = []
    for n in range(months):
        day = add_months(start, n)
        key = month_of(day)
        held += claimed[key] - earned[key]
        found.append(EarnedMonth(day, claimed[key], earned[key], held))
    return found
