"""Paying over time: instalments, and simple interest on what is late. Pure."""

from collections.abc import Sequence
from datetime import date
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
