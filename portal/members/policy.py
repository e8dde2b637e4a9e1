"""How classes renew, what a membership gives, and what a body may suspend: data."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from portal.members.renewing import Return


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


F = Feature
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


def taken_by(scopes: Iterable[Scope]) -> frozenset[Feature]:
    return frozenset().union(*(TAKES[scope] for scope in scopes))


def scopes_against(feature: Feature) -> list[Scope]:
    """The suspensions that take a feature away."""
    return [scope for scope, taken in TAKES.items() if feature in taken]
