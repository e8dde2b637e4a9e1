"""Paying over time: instalments, and simple interest on what is late. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from portal.core.money import Money, half_up
from portal.members.terms import add_months

DAYS_IN_A_YEAR = 365  # simple interest is reckoned on 365 days, leap years too


def instalments(money: Money, first_on: date, parts: int) -> list[tuple[date, Money]]:
    """Equal parts month by month, counted from the first day; the last carries the remainder."""
    return [(add_months(first_on, n), part) for n, part in enumerate(money.split(parts))]


def interest(money: Money, percent: int | Fraction, days: int) -> Money:
    """Simple interest by the year, half up, once."""
    return interest_over([(money.minor, days)], money.currency, percent)


def interest_over(
    owed: Sequence[tuple[int, int]], currency: str, percent: int | Fraction
) -> Money:
    """Simple interest on minor units each owed for some days, half up, once."""
    exact = sum(Fraction(minor) * days for minor, days in owed) * percent
    return Money(half_up(Fraction(exact) / (100 * DAYS_IN_A_YEAR)), currency)


def late_by_day(
    postings: Sequence[tuple[date, int]], parts: Sequence[tuple[date, int]], until: date
) -> tuple[date | None, list[tuple[int, int]]]:
    """The first day on which something is late, and how much for how many days from it on.

    Postings are what came to be owed on a day; a part says what may be owed from a day on. The
    last day is inclusive.
    """
    changes = sorted({on for on, _ in (*postings, *parts) if on <= until})
    first, spans = None, []
    for n, on in enumerate(changes):
        allowed = [left for since, left in parts if since <= on]
        owed = sum(minor for posted, minor in postings if posted <= on)
        late = max(0, owed - min(allowed)) if allowed else 0
        following = changes[n + 1] if n + 1 < len(changes) else until + timedelta(days=1)
        if late and first is None:
            first = on
        if first is not None:
            spans.append((late, (following - on).days))
    return first, spans
