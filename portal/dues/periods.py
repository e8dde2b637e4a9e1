"""Which term a day belongs to, and what part of it is left: exact fractions, no rounding."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from portal.members.terms import add_months, nth_term

MONTHS_IN = {"months": 1, "quarters": 3, "halves": 6}


class NotQuotable(Exception):
    """A price that nobody decided: the text says what is missing, in a sentence."""


@dataclass(frozen=True)
class Period:
    """The whole period a term belongs to and the part of it that the joiner has."""

    start: date
    end: date
    joined_on: date
    months: int
    is_carried: bool = False  # joined late: the next period's price, these last days free

    @property
    def covers_from(self) -> date:
        return self.joined_on

    @property
    def days(self) -> int:
        """Days of the whole period, counted; of a carried term, its own days."""
        first = self.joined_on if self.is_carried else self.start
        return (self.end - first).days + 1

    def days_left(self, day: date) -> int:
        return (self.end - day).days + 1


def period_of(rule: dict[str, Any], joined_on: date, anchor_on: date | None = None) -> Period:
    """The term that begins for somebody who joins on `joined_on`; raises `NotQuotable`."""
    if rule.get("kind") == "anniversary":
        return _anniversary(int(rule.get("months", 12)), joined_on, anchor_on or joined_on)
    if rule.get("kind") != "fixed":
        raise NotQuotable("The tariff does not say whether its period is fixed or anniversary.")
    start = _last_time(rule.get("start", "01-01"), joined_on)
    late_from = rule.get("carry_over_from")
    if late_from and joined_on >= _next_time(late_from, start):
        end = add_months(start, 24) - timedelta(days=1)
        return Period(add_months(start, 12), end, joined_on, 12, is_carried=True)
    return Period(start, add_months(start, 12) - timedelta(days=1), joined_on, 12)


def _anniversary(months: int, joined_on: date, anchor: date) -> Period:
    if not 1 <= months <= 36:
        raise NotQuotable("A membership period has 1 to 36 months.")
    apart = (joined_on.year - anchor.year) * 12 + joined_on.month - anchor.month
    for n in (apart // months, apart // months - 1):
        start, end = nth_term(anchor, months, n)
        if start <= joined_on <= end:
            return Period(start, end, joined_on, months)
    raise NotQuotable("The joining day lies before the day the membership is counted from.")


def _day_in(year: int, month_day: str) -> date:
    month, day = (int(part) for part in str(month_day).split("-"))
    return add_months(date(year, 1, 1), month - 1) + timedelta(days=day - 1)


def _last_time(month_day: str, day: date) -> date:
    """The latest day called `month_day`, like 04-01, that is not after `day`."""
    this_year = _day_in(day.year, month_day)
    return this_year if this_year <= day else _day_in(day.year - 1, month_day)


def _next_time(month_day: str, day: date) -> date:
    this_year = _day_in(day.year, month_day)
    return this_year if this_year >= day else _day_in(day.year + 1, month_day)


def in_words(day: date) -> str:
    """`17 Aug 2026`."""
    return f"{day.day} {day:%b %Y}"


@dataclass(frozen=True)
class Part:
    """What part of a period is charged: `left` of `whole`, counted in `unit`."""

    left: int
    whole: int
    unit: str

    @property
    def exact(self) -> Fraction:
        return Fraction(self.left, self.whole)

    def __str__(self) -> str:
        if self.left == self.whole:
            return "the whole period"
        return f"{self.left} of {self.whole} {self.unit}"


def part_of(period: Period, proration: str) -> Part:
    """The part a joiner pays; the unit in which they join counts. Raises `NotQuotable`."""
    if proration == "none" or period.is_carried:
        return Part(1, 1, "period")
    if proration == "days":
        return Part(period.days_left(period.joined_on), period.days, "days")
    if proration not in MONTHS_IN:
        raise NotQuotable(f"The tariff prorates by {proration!r}, which is not known.")
    each = MONTHS_IN[proration]
    whole = -(-period.months // each)
    gone = 0
    while gone + 1 < whole and add_months(period.start, (gone + 1) * each) <= period.joined_on:
        gone += 1
    return Part(whole - gone, whole, proration)


def remaining(period: Period, day: date) -> Part:
    """The part of a term that is left for a change on `day`: always by days."""
    if not period.covers_from <= day <= period.end:
        raise NotQuotable(
            f"The change on {in_words(day)} lies outside the term, which runs "
            f"from {in_words(period.covers_from)} to {in_words(period.end)}."
        )
    return Part(period.days_left(day), period.days, "days")
