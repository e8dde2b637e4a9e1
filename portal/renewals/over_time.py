"""How many firms of each group belonged at the end of each month. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.members.terms import add_months

MONTHS = 24
MOST = 5  # groups that a chart tells apart; the others are one


@dataclass(frozen=True)
class Lived:
    """A term as it counts: a firm belonged to a group from `first` to `last`, both inclusive."""

    firm_id: int
    group: str
    first: date
    last: date


def month_ends(day: date) -> list[date]:
    """The last days of the months up to this one, of which it is the day itself."""
    first = day.replace(day=1)
    ends = (add_months(first, n + 1) - timedelta(days=1) for n in range(1 - MONTHS, 1))
    return [min(one, day) for one in ends]


def on_days(lived: Iterable[Lived], days: Sequence[date]) -> list[Counter[str]]:
    """Firms by group on each day; one that is in two groups counts in both, and once in each."""
    firms: list[dict[str, set[int]]] = [defaultdict(set) for _ in days]
    for one in lived:
        for found, day in zip(firms, days, strict=True):
            if one.first <= day <= one.last:
                found[one.group].add(one.firm_id)
    return [Counter({group: len(ids) for group, ids in found.items()}) for found in firms]


def largest(counts: Sequence[Counter[str]]) -> list[str]:
    """Every group, those with the most firms of late first."""
    total: Counter[str] = Counter()
    for one in counts:
        total += one
    return sorted(total, key=lambda group: (-counts[-1][group], -total[group], group))
