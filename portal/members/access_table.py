"""What a membership gives on a day, and what unpaid dues take of it: a table as data. Pure."""

import calendar
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal.members.policy import Feature, Scope, taken_by
from portal.members.standing import FirmState, Standing

F, S = Feature, Standing
A_DAY = timedelta(days=1)
LIVE = (S.IN_FORCE, S.GRACE)
ALWAYS = frozenset({F.INVOICES, F.OWN_DATA})  # of every table: nobody is kept from these
_MEMBER = ALWAYS | {F.FULL, F.LISTED, F.MEMBER_PRICE}
_BACK = ALWAYS | {F.REJOIN}


class Counted(enum.StrEnum):
    """From when it is counted how long dues are unpaid."""

    DUE = "due"  # from the day on which they are due
    INVOICED = "invoiced"  # from the day of their invoice
    YEARLY = "yearly"  # until the next such day of a calendar, if they are due before it


@dataclass(frozen=True)
class Taking:
    """What dues take that are unpaid for so long, in force as in grace, until they are paid."""

    counted: Counted
    takes: frozenset[Feature]
    days: int = 0  # one or more, unless it is counted by the calendar
    each_year: str = ""  # a month and a day, like 03-31
    until_cut_off: bool = False  # the vote stays for ballots whose published cut-off is ahead
    body: str = ""  # it is proposed to this one, and nothing is taken before it decides

    def since(self, day: date) -> date:
        """Whoever has not paid since then, or longer, is under this on `day`."""
        if self.counted is not Counted.YEARLY:
            return day - timedelta(days=self.days)
        month, of_month = (int(part) for part in self.each_year.split("-"))
        last = date(day.year, month, of_month)
        last = last if last <= day else last.replace(year=day.year - 1)
        return min(last, day - A_DAY)  # what is due today is late tomorrow

    @property
    def day_of_year(self) -> str:
        """Of a day of the calendar in words, like 31 March."""
        month, of_month = self.each_year.split("-")
        return f"{int(of_month)} {calendar.month_name[int(month)]}"

    @classmethod
    def kept(cls, row: Mapping[str, Any]) -> "Taking":
        """As it is read back from the table."""
        told = {"counted": Counted(row["counted"]), "takes": frozenset(map(F, row["takes"]))}
        return cls(**(dict(row) | told))

    def row(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "counted": self.counted.value, "takes": in_order(self.takes), "days": self.days,
            "each_year": self.each_year, "until_cut_off": self.until_cut_off, "body": self.body,
        }  # fmt: skip


@dataclass(frozen=True)
class Table:
    """All that holds from a day on, until the next one."""

    begins: date
    in_force: frozenset[Feature]
    grace: frozenset[Feature]
    takings: tuple[Taking, ...]
    own_data_days: int  # after a membership ended

    def gives(self, standing: Standing) -> frozenset[Feature]:
        """To whoever owes nothing, of every standing."""
        if standing in LIVE:
            return self.in_force if standing is S.IN_FORCE else self.grace
        return _BACK if standing in {S.LAPSED, S.ENDED} else ALWAYS

    def that_take(self, feature: Feature) -> list[Taking]:
        """What takes a feature by itself, without a body."""
        return [one for one in self.takings if feature in one.takes and not one.body]

    @property
    def proposals(self) -> list[Taking]:
        """What a body is to decide."""
        return [one for one in self.takings if one.body]


# What the portal is shipped with (domain, 4), and what holds until a body adopts another table.
SHIPPED = Table(
    date.min, _MEMBER | {F.VOTE}, _MEMBER,
    (
        Taking(Counted.DUE, frozenset({F.VOTE}), 30, until_cut_off=True),
        Taking(Counted.DUE, frozenset({F.FULL, F.LISTED, F.MEMBER_PRICE, F.VOTE}), 90),
    ),
    own_data_days=90,
)  # fmt: skip


@dataclass(frozen=True)
class Situation:
    """What the table is asked with beside the standing."""

    overdue_days: int = 0
    suspended: frozenset[Scope] = frozenset()
    takes_part: bool = True  # participation standing
    before_cut_off: bool = False  # of the ballot that is asked about
    days_since_end: int = 0
    unpaid_days: int = 0  # since the day of the oldest invoice that is owed
    had_vote: bool = False  # when the ballot opened that is open now
    on: date | None = None  # asked by tables that name a day of the calendar


def access(table: Table, standing: Standing, case: Situation | None = None) -> frozenset[Feature]:
    """What a firm has on a day, for every standing; nobody is kept from its own invoices.

    Neither debts nor another table end a vote in the middle of an open ballot; a body's
    suspension does. Raises `ValueError` for a table that names a day of the calendar when the
    case does not say which day it is.
    """
    case = case or Situation()
    found = table.gives(standing) - _lost(table, case)
    if not case.takes_part:
        found -= {F.VOTE}
    if case.had_vote and standing in LIVE:
        found |= {F.VOTE}
    if standing is S.ENDED and case.days_since_end > table.own_data_days:
        found -= {F.OWN_DATA}
    return found - taken_by(case.suspended)


def _lost(table: Table, case: Situation) -> frozenset[Feature]:
    """What unpaid dues take."""
    lost: frozenset[Feature] = frozenset()
    for one in table.takings:
        if not one.body and is_under(one, case):
            stays = {F.VOTE} if one.until_cut_off and case.before_cut_off else set()
            lost |= one.takes - stays
    return lost


def is_under(one: Taking, case: Situation) -> bool:
    """Is it unpaid for so long? Raises `ValueError` as `access` does."""
    if one.counted is Counted.YEARLY:
        if case.on is None:
            raise ValueError("Say on which day it is asked")
        return case.overdue_days >= (case.on - one.since(case.on)).days
    days = case.unpaid_days if one.counted is Counted.INVOICED else case.overdue_days
    return days >= one.days


def in_effect(over_time: Iterable[Table], day: date) -> Table:
    """The table that holds on a day."""
    return max((one for one in over_time if one.begins <= day), key=lambda one: one.begins)


def in_order(features: Iterable[Feature]) -> list[Feature]:
    """As they are always listed."""
    given = set(features)
    return [one for one in Feature if one in given]


def keeps_own_data(table: Table, state: FirmState, day: date) -> bool:
    """May the firm still take its own data away?"""
    case = Situation(days_since_end=state.days_since_end(day), on=day)
    return F.OWN_DATA in access(table, state.standing, case)


def data_gone(table: Table) -> str:
    """Said to a firm that may no longer."""
    return (
        f"The membership ended more than {table.own_data_days} days ago, so the firm's data is "
        "not to be taken from here any more. Invoices stay open to you; write to us for anything "
        "else."
    )
