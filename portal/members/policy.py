"""How classes renew, and what a membership gives on a day: data, and what reads it."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.members.renewing import Return
from portal.members.standing import FirmState, Standing


@dataclass(frozen=True)
class Policy:
    """How a class renews, lapses, comes back and is left."""

    grace_days: int = 30
    window_before_days: int = 90  # renewal is open so long before the next term begins
    invoice_days: int = 60  # its invoice goes out so long before it
    window_after_days: int = 180  # who lapsed comes back by renewing so long, later by joining
    comeback: Return = Return.BACKDATE
    benefits_before_payment: bool = False  # the next term begins, provisional, when this one ends
    notice_before: str = "09-01"  # of a calendar year's term: who tells before it leaves with it
    notice_days: int = 30  # of any other term
    stays_first_year: bool = False


class Feature(enum.StrEnum):
    """What a firm may have of its membership."""

    FULL = "full"  # the portal and the library of members
    LISTED = "listed"
    MEMBER_PRICE = "member_price"
    VOTE = "vote"
    INVOICES = "invoices"
    OWN_DATA = "own_data"
    REJOIN = "rejoin"


F, S = Feature, Standing
FEATURE_WORDS = {
    F.FULL: "What only members read", F.LISTED: "A place in the directory",
    F.MEMBER_PRICE: "Members' prices at events", F.VOTE: "The firm's vote",
    F.INVOICES: "Invoices, to read and to pay", F.OWN_DATA: "The firm's own data",
    F.REJOIN: "Coming back",
}  # fmt: skip


class Scope(enum.StrEnum):
    """What a body may suspend."""

    VOTE = "vote"
    BENEFITS = "benefits"
    LISTING = "listing"
    ALL = "all"


TAKES: dict[Scope, frozenset[Feature]] = {
    Scope.VOTE: frozenset({F.VOTE}),
    Scope.BENEFITS: frozenset({F.FULL, F.MEMBER_PRICE}),
    Scope.LISTING: frozenset({F.LISTED}),
    Scope.ALL: frozenset({F.FULL, F.MEMBER_PRICE, F.LISTED, F.VOTE}),
}
SHUT_AFTER_DAYS = 90  # overdue so long, a firm keeps only its invoices and its data
OWN_DATA_DAYS = 90  # after a membership ended
DATA_GONE = (
    f"The membership ended more than {OWN_DATA_DAYS} days ago, so the firm's data is not to be "
    "taken from here any more. Invoices stay open to you; write to us for anything else."
)
_OWN = frozenset({F.INVOICES, F.OWN_DATA})
_MEMBER = _OWN | {F.FULL, F.LISTED, F.MEMBER_PRICE}


@dataclass(frozen=True)
class Row:
    """A line of the table: of firms so standing and so many days overdue, from `overdue` on."""

    standing: Standing
    overdue: int
    gives: frozenset[Feature]
    votes: str = "no"  # yes | until the cut-off | no


# The first row that fits decides (domain, 4). A vote also asks for participation standing.
TABLE = (
    Row(S.SCHEDULED, 0, _OWN),
    Row(S.IN_FORCE, SHUT_AFTER_DAYS, _OWN),
    Row(S.IN_FORCE, 30, _MEMBER, "until the cut-off"),
    Row(S.IN_FORCE, 0, _MEMBER, "yes"),
    Row(S.GRACE, SHUT_AFTER_DAYS, _OWN),  # grace opens nothing that old debts have shut
    Row(S.GRACE, 0, _MEMBER),
    Row(S.LAPSED, 0, _OWN | {F.REJOIN}),
    Row(S.ENDED, 0, _OWN | {F.REJOIN}),
    Row(S.NONE, 0, _OWN),
)


@dataclass(frozen=True)
class Situation:
    """What the table is asked with beside the standing."""

    overdue_days: int = 0
    suspended: frozenset[Scope] = frozenset()
    takes_part: bool = True  # participation standing
    before_cut_off: bool = False  # of the ballot that is asked about
    days_since_end: int = 0


def access(standing: Standing, case: Situation | None = None) -> frozenset[Feature]:
    """What a firm has on a day, for every standing; nobody is kept from its own invoices."""
    case = case or Situation()
    row = next(one for one in TABLE if _fits(one, standing, case.overdue_days))
    found = set(row.gives)
    may_vote = row.votes == "yes" or (row.votes == "until the cut-off" and case.before_cut_off)
    if may_vote and case.takes_part:
        found.add(F.VOTE)
    if standing is S.ENDED and case.days_since_end > OWN_DATA_DAYS:
        found.discard(F.OWN_DATA)
    return frozenset(found) - taken_by(case.suspended)


def keeps_own_data(state: FirmState, day: date) -> bool:
    """May the firm still take its own data away?"""
    case = Situation(days_since_end=state.days_since_end(day))
    return F.OWN_DATA in access(state.standing, case)


def _fits(row: Row, standing: Standing, overdue_days: int) -> bool:
    return row.standing is standing and overdue_days >= row.overdue


def taken_by(scopes: Iterable[Scope]) -> frozenset[Feature]:
    return frozenset().union(*(TAKES[scope] for scope in scopes))


def scopes_against(feature: Feature) -> list[Scope]:
    """The suspensions that take a feature away."""
    return [scope for scope, taken in TAKES.items() if feature in taken]
