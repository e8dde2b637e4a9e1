"""The dates of renewing, leaving and coming back: pure, in business days, both ends inclusive."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from portal.members.terms import add_months, nth_term


@dataclass(frozen=True)
class Window:
    """When a renewal is invoiced, and the last day on which a member may say that they leave."""

    invoice_on: date
    notice_until_on: date


def window(end_on: date, invoice_days: int, notice_days: int) -> Window:
    """`invoice_days` before the next term starts; `notice_days` before this one ends."""
    next_start = end_on + timedelta(days=1)
    return Window(next_start - timedelta(days=invoice_days), end_on - timedelta(days=notice_days))


def next_term(anchor: date, months: int, end_on: date) -> tuple[date, date]:
    """The term after the one that ends on `end_on`, whenever it is paid: no day lost or given."""
    apart = (end_on.year - anchor.year) * 12 + end_on.month - anchor.month
    for n in range(max(0, apart // months - 1), apart // months + 3):
        start, end = nth_term(anchor, months, n)
        if start == end_on + timedelta(days=1):
            return start, end
    raise ValueError(f"no term counted from {anchor} ends on {end_on}")


def terms_after(
    end_on: date, months: int, anchor: date | None = None
) -> Iterator[tuple[date, date]]:
    """Every term after the one that ends on `end_on`: counted from the anchor, and from the day
    after where that term was not; never from the one before.
    """
    first = end_on + timedelta(days=1)
    begun = anchor if anchor and _begins(first, anchor, months) else first
    for n in count():
        start, end = nth_term(begun, months, n)
        if start >= first:
            yield start, end


def _begins(day: date, anchor: date, months: int) -> bool:
    apart = ((day.year - anchor.year) * 12 + day.month - anchor.month) // months
    return any(nth_term(anchor, months, n)[0] == day for n in (apart - 1, apart, apart + 1))


def leaves_on(
    told_on: date, term_end: date, notice_before: str, joined_on: date | None = None,
    months: int = 12,
) -> date:  # fmt: skip
    """The last day of membership for a member who says on `told_on` that they leave.

    `notice_before` is a day of the year, like 09-01: who tells before it leaves at the end of that
    calendar year's term, later ones a term of `months` after. With `joined_on`, nobody
    leaves in the year in which they joined.
    """
    month, day = (int(part) for part in notice_before.split("-"))
    end = term_end
    while told_on >= date(end.year, month, day) or (joined_on and joined_on.year == end.year):
        end = add_months(end, months)
    return end


class Return(enum.StrEnum):
    """How a membership that lapsed comes back."""

    BACKDATE = "backdate"  # the gap is paid, seniority stays
    RESTART = "restart"  # from today, with a fee where the tariff has one
    REJOIN = "rejoin"  # a new application, with a new anchor and the entry fee


@dataclass(frozen=True)
class Comeback:
    how: Return
    start_on: date
    end_on: date


def comeback(
    end_on: date, paid_on: date, months: int, within_days: int, wish: Return, *, fixed: bool,
    anchor: date | None = None,
) -> Comeback:  # fmt: skip
    """The term of a firm that pays after its grace ended.

    Inside `within_days` after the end it is as the association wishes: backdated to the day after
    the end, or from today to the end of that period. Later it joins anew: a rolling year from
    today, or, where the year is fixed, to its end. Rolling terms are counted from `anchor`.
    """
    ends = (end for _, end in terms_after(end_on, months, anchor))
    end = next(one for one in ends if one >= paid_on)
    is_late = (paid_on - end_on).days > within_days
    if not is_late and wish is Return.BACKDATE:
        return Comeback(wish, end_on + timedelta(days=1), end)
    if not is_late:
        return Comeback(Return.RESTART, paid_on, end)
    last = end if fixed else add_months(paid_on, months) - timedelta(days=1)
    return Comeback(Return.REJOIN, paid_on, last)
