"""When firms were members: unbroken spells of days, and what they add up to over time. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Spell:
    """A firm belonged from `first` to `last`, both inclusive, without a gap."""

    firm_id: int
    first: date
    last: date

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


def spells(terms: Iterable[tuple[int, date, date]]) -> list[Spell]:
    """Terms `(firm, first day, last live day)` joined where one follows on the other."""
    found: list[Spell] = []
    for firm_id, first, last in sorted(terms):
        before = found[-1] if found else None
        if before and before.firm_id == firm_id and first <= before.last + timedelta(days=1):
            found[-1] = Spell(firm_id, before.first, max(before.last, last))
        else:
            found.append(Spell(firm_id, first, last))
    return found


def members_on(known: Iterable[Spell], days: Sequence[date]) -> list[int]:
    """How many firms belonged on each of the days."""
    counts = [0] * len(days)
    for spell in known:
        for n, day in enumerate(days):
            counts[n] += spell.covers(day)
    return counts


@dataclass(frozen=True)
class Year:
    """Firms that came and went in a year; `kept` of those that were here when it began."""

    year: int
    at_start: int
    joined: int
    left: int
    kept: int


def years(known: Sequence[Spell], first: int, last: date) -> list[Year]:
    """Year by year to `last`; whoever comes back within a year did not leave in it."""
    found = []
    for year in range(first, last.year + 1):
        start, end = date(year, 1, 1), min(date(year, 12, 31), last)
        before = {one.firm_id for one in known if one.covers(start - timedelta(days=1))}
        after = {one.firm_id for one in known if one.covers(end)}
        kept = len(before & after)
        found.append(Year(year, len(before), len(after - before), len(before) - kept, kept))
    return found


@dataclass(frozen=True)
class Cohort:
    """Firms whose first spell began in `year`, and how many were members that many years on."""

    year: int
    size: int
    kept: tuple[int, ...]  # at the end of the year, one year on, two years on …


def cohorts(known: Sequence[Spell], last: date) -> list[Cohort]:
    """By the year of joining, counted at each year's end, and today for this year."""
    first: dict[int, int] = {}
    for one in known:
        first[one.firm_id] = min(one.first.year, first.get(one.firm_id, one.first.year))
    sizes = Counter(first.values())
    found = []
    for year in sorted(sizes):
        ends = [min(date(after, 12, 31), last) for after in range(year, last.year + 1)]
        firms = [one for one in known if first[one.firm_id] == year]
        kept = tuple(len({one.firm_id for one in firms if one.covers(end)}) for end in ends)
        found.append(Cohort(year, sizes[year], kept))
    return found
