"""Paying over time: instalments, and simple interest on what is late. Pure."""

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
    exact = Fraction(money.minor) * percent * days / (100 * DAYS_IN_A_YEAR)
    return Money(half_up(exact), money.currency)
