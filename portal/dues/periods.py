"""Which term a day belongs to, and what part of it is left: exact fractions, no rounding."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from portal.members.terms import add_months, nth_term

MONTHS_IN = {"months": 1, "quarters": 3, "halves": 6}


class NotQuotable(Exception):
    """A price that nobody decided: the text says what is missing, in a sentence."""

    def __init__(self, why: str, code: str = "") -> None:
        super().__init__(why)
        self.code = code  # "seat_limit", for programs that read the answer


@dataclass(frozen=True)
class Period:
    """The whole period a term belongs to and the part of it that the joiner has."""

    start: date
    end: date
    joined_on: date
    months: int
    first_end: date | None = None  # of the period it begins in, when it covers more than one
    is_carried: bool = False  # joined late: the next period's price, these last days free

    @property
    def covers_from(self) -> date:
        return self.joined_on

    @property
    def days(self) -> int:
        """Days of one whole period, counted; of a carried term, its own days."""
        if self.is_carried:
            return self.days_left(self.joined_on)
        return ((self.first_end or self.end) - self.start).days + 1

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


def months_of(book: dict[str, Any]) -> int:
    """How long a whole term is under a tariff; a fixed period is a year."""
    period = book.get("period") or {}
    return int(period.get("months", 12)) if period.get("kind") == "anniversary" else 12


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
        if self.unit == "schedule":
            return f"{self.exact} of a period, by the schedule"
        return f"{self.left} of {self.whole} {self.unit}"


def first_payment(period: Period, periods: int) -> Period:
    """The term of a first payment that covers whole periods after the one it begins in."""
    if periods == 1 or period.is_carried:
        return period
    end = add_months(period.start, period.months * periods) - timedelta(days=1)
    return replace(period, end=end, first_end=period.end)


def period_sold(rule: Mapping[str, Any], first: date, last: date) -> Period:
    """The period of a term by the days that it was sold for, wherever it was anchored."""
    found = period_of(dict(rule), first)
    if found.end == last:
        return found
    after = last + timedelta(days=1)
    periods = _months_to(found.start, after) // found.months
    if periods > 1 and not found.is_carried:
        odd = after - add_months(found.start, found.months * periods)
        if 0 <= odd.days <= 3:  # the end of a short month may be anchored up to three days later
            return replace(found, end=last, first_end=found.end)
    return Period(first, last, first, found.months)


def _months_to(start: date, after: date) -> int:
    """From one day to another, whatever days of their months they are."""
    return (after.year - start.year) * 12 + after.month - start.month


def part_of(period: Period, proration: str, terms: Mapping[str, Any] | None = None) -> Part:
    """The part a joiner pays; the unit in which they join counts. Raises `NotQuotable`.

    `terms` are the tariff's: its `schedule` (month of joining to factor, "1/2") and its
    `cut_in_day` (whoever joins after it begins to count with the next month).
    """
    one = _part_of_one(period, proration, terms or {})
    if period.first_end is None:
        return one
    more = _months_to(period.start, period.end + timedelta(days=1)) // period.months - 1
    return replace(one, left=one.left + more * one.whole)


def _part_of_one(period: Period, proration: str, terms: Mapping[str, Any]) -> Part:
    if proration == "none" or period.is_carried:
        return Part(1, 1, "period")
    if proration == "days":
        last = period.first_end or period.end
        return Part((last - period.joined_on).days + 1, period.days, "days")
    if proration == "schedule":
        return _by_schedule(period, terms.get("schedule") or {})
    if proration not in MONTHS_IN:
        raise NotQuotable(f"The tariff prorates by {proration!r}, which is not known.")
    each = MONTHS_IN[proration]
    whole = -(-period.months // each)
    counts_from, cut = period.joined_on, terms.get("cut_in_day")
    if proration == "months" and cut and counts_from.day > int(cut):
        counts_from = add_months(counts_from.replace(day=1), 1)
    gone = 0
    while gone < whole and add_months(period.start, (gone + 1) * each) <= counts_from:
        gone += 1
    return Part(whole - gone, whole, proration)


def _by_schedule(period: Period, schedule: Mapping[str, Any]) -> Part:
    month = str(period.joined_on.month)
    try:
        factor = Fraction(str(schedule[month]))
    except (KeyError, ValueError, ZeroDivisionError):
        raise NotQuotable(f"The tariff's schedule has no part for month {month}.") from None
    return Part(factor.numerator, factor.denominator, "schedule")


def remaining(period: Period, day: date, last: date | None = None) -> Part:
    """The part of a term that is left for a change on `day`: always by days.

    `last` is the last day of a term that ends before its time.
    """
    if not period.covers_from <= day <= period.end:
        raise NotQuotable(
            f"The change on {in_words(day)} lies outside the term, which runs "
            f"from {in_words(period.covers_from)} to {in_words(period.end)}."
        )
    left = ((last or period.end) - day).days + 1
    return Part(max(0, left), period.days, "days")
