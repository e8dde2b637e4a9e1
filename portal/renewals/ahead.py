"""What will happen to memberships in the days to come, and why: a pure projection of facts."""

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.members.policy import Policy
from portal.members.renewing import Return
from portal.renewals.ladders import SHIPPED, Ladder, Ladders, Step, Times, times, to_come


class Kind(enum.StrEnum):
    RENEWAL = "renewal"
    REMINDER = "reminder"
    CARD = "card"
    PART = "part"
    EARLY = "early"
    SIZE = "size"
    TRIAL = "trial"
    GIFT = "gift"
    STOP = "stop"
    ROLE = "role"
    VACANCY = "vacancy"


KIND_WORDS = {
    Kind.RENEWAL: "Renewals, grace and lapses", Kind.REMINDER: "Reminders",
    Kind.CARD: "Charges to kept cards", Kind.PART: "Instalments",
    Kind.EARLY: "Last days to pay early", Kind.SIZE: "Smaller firms and seats",
    Kind.TRIAL: "Trials that end", Kind.GIFT: "Gifts that end",
    Kind.STOP: "Suspensions, holds and pauses that end", Kind.ROLE: "Roles to be confirmed",
    Kind.VACANCY: "Roles to be filled",
}  # fmt: skip
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Known:
    """Of one membership: its last term, and what is known of what follows."""

    firm_id: int
    firm: str
    end: date
    grace_until: date
    policy: Policy
    is_open: bool = False  # the firm was asked already
    has_next: bool = False
    is_invoiced: bool = False
    leaves_on: date | None = None
    is_dropped: bool = False  # staff took the renewal back: none is issued by itself
    invoice_id: int = 0
    has_card: bool = False
    charged_on: date | None = None  # the kept card pays the renewal's invoice that is out
    due_days: int = 30
    is_trial: bool = False
    smaller: str = ""  # what was told smaller, and counts from the next term on
    gift: str = ""  # what was given beside the dues of this term
    is_expelled: bool = False  # a decision says when it leaves

    @property
    def leaves(self) -> date | None:
        """The last day of who leaves with this term; who is expelled, with its grace too."""
        last = self.grace_until if self.is_expelled else self.end
        return self.leaves_on if self.leaves_on and self.leaves_on <= last else None

    @property
    def issued_on(self) -> date:
        """When the invoice of the next term goes out by itself."""
        return self.end + A_DAY - timedelta(days=self.policy.invoice_days)

    @property
    def due_on(self) -> date:
        """Of that invoice."""
        return max(self.issued_on + timedelta(days=self.due_days), self.end)

    @property
    def pays_on(self) -> date | None:
        """The day on which a kept card pays for the next term, as far as is known."""
        comes = self.has_card and not self.is_invoiced and not self.is_dropped
        return self.due_on if comes else self.charged_on


@dataclass(frozen=True)
class Unpaid:
    """An invoice on which something is owed."""

    firm_id: int
    firm: str
    number: str
    due_on: date
    is_paused: bool = False
    invoice_id: int = 0
    issued_on: date | None = None
    is_again: bool = False  # it was paid, and is owed again since `due_on`
    paused_until: date | None = None
    told: frozenset[str] = frozenset()  # the steps that were sent
    leaves_on: date | None = None
    charged_on: date | None = None
    card_failed_on: date | None = None  # the last try by card, on a page of ours
    told_of_card: frozenset[str] = frozenset()  # the steps that were sent since some try failed


@dataclass(frozen=True, order=True)
class Coming:
    on: date
    firm: str
    what: str
    why: str
    firm_id: int
    kind: Kind = Kind.RENEWAL
    invoice_id: int = 0


def coming(
    known: Iterable[Known], unpaid: Iterable[Unpaid], first: date, days: int = 90,
    more: Iterable[Coming] = (), ladders: Sequence[Ladders] = (SHIPPED,),
) -> list[Coming]:  # fmt: skip
    """All that falls on the days from `first` on, in order; `more` is known by its day already.

    `ladders` are those that hold over time: each reminder follows the ones of its own day.
    """
    last, memberships = first + timedelta(days=days), list(known)
    dropped = {one.invoice_id: day for one in memberships if (day := _dropped_on(one))}
    found = [*more, *(each for one in memberships for each in _of_membership(one, first))]
    billed = [_to_be_invoiced(one) for one in memberships if _is_to_be_invoiced(one, first)]
    held = {one: times(ladders, one) for one in Ladder}
    for one in [*billed, *unpaid]:
        stop = dropped.get(one.invoice_id, date.max)
        found += [each for each in _of_invoice(one, held) if each.on < stop]
    return sorted(one for one in found if first <= one.on <= last)


def _dropped_on(one: Known) -> date | None:
    """When the claim for the next term is taken back by itself, where nobody pays it."""
    if one.has_next or not one.invoice_id:
        return None
    if one.policy.comeback is Return.RESTART:
        return one.grace_until + A_DAY
    return one.end + timedelta(days=one.policy.window_after_days + 1)


def _of_membership(one: Known, first: date) -> Iterator[Coming]:
    after = one.end + A_DAY
    if one.leaves:
        why = "The firm was expelled" if one.is_expelled else "The firm resigned"
        yield _at(one, one.leaves, "Last day of membership", why)
        return
    if one.smaller:
        why = "Less inside a term counts from the next one on, and gives nothing back"
        yield _at(one, after, f"With the next term: {one.smaller}", why, Kind.SIZE)
    if one.is_trial:
        why = "The time it was sold for is over; what follows costs what members pay"
        yield _at(one, after, "The trial is over", why, Kind.TRIAL)
    if one.has_next:
        return
    yield from _of_renewal(one, first)
    yield from _of_end(one, after)


def _of_renewal(one: Known, first: date) -> Iterator[Coming]:
    policy = one.policy
    if not one.is_open:
        opens = one.end + A_DAY - timedelta(days=policy.window_before_days)
        yield _at(one, opens, "Renewal opens", f"{policy.window_before_days} days before the end")
    if not _is_to_be_invoiced(one, first):
        return
    why = f"{policy.invoice_days} days before the next term"
    yield _at(one, one.issued_on, "Renewal invoice goes out", why)
    if one.gift:
        why = "It was given with this term: the next invoice has none unless the firm says so"
        yield _at(one, one.issued_on, f"The gift of {one.gift} ends", why, Kind.GIFT)
    if one.has_card:
        why = "On the day it is due, or earlier where that costs less"
        yield _at(one, one.due_on, "Card charged: renewal invoice", why, Kind.CARD)


def _is_to_be_invoiced(one: Known, first: date) -> bool:
    """Not who lapsed: they are invoiced when they ask to come back."""
    is_done = one.has_next or one.is_invoiced or one.is_dropped
    return one.leaves is None and not is_done and first <= one.grace_until


def _to_be_invoiced(one: Known) -> Unpaid:
    """The invoice of the next term as it will be, of which somebody will be reminded."""
    return Unpaid(
        one.firm_id, one.firm, "of the renewal", one.due_on, issued_on=one.issued_on,
        charged_on=one.pays_on, leaves_on=one.leaves_on,
    )  # fmt: skip


def _of_end(one: Known, after: date) -> Iterator[Coming]:
    policy = one.policy
    if one.pays_on and one.pays_on <= one.end:
        why = f"The kept card pays its invoice on {one.pays_on.day} {one.pays_on:%b %Y}"
        yield _at(one, after, "Next term begins", why)
        return
    if policy.benefits_before_payment:
        yield _at(one, after, "Next term begins, not paid yet", "Its class has that by policy")
        return
    yield _at(one, after, "Grace begins", "The term ended and the next one is not paid")
    if one.pays_on and one.pays_on <= one.grace_until:
        return
    lapses = one.grace_until + A_DAY
    grace_days = (one.grace_until - one.end).days
    yield _at(one, lapses, "Membership lapses", f"{grace_days} days of grace are over")
    closes = one.end + timedelta(days=policy.window_after_days + 1)
    why = f"{policy.window_after_days} days after the end"
    yield _at(one, closes, "Coming back now means joining anew", why)


def _of_invoice(one: Unpaid, held: Mapping[Ladder, Times]) -> Iterator[Coming]:
    if one.is_paused and one.paused_until is None:
        return
    for on, step, why in _steps(one, held):
        is_over = any(last and on > last for last in (one.charged_on, one.leaves_on))
        if not is_over:
            what = f"{step.subject}: invoice {one.number}"
            yield Coming(on, one.firm, what, why, one.firm_id, Kind.REMINDER, one.invoice_id)


def _steps(one: Unpaid, held: Mapping[Ladder, Times]) -> Iterator[tuple[date, Step, str]]:
    """Of both ladders: on which day each step is sent, and why."""
    resumes = one.paused_until + A_DAY if one.is_paused and one.paused_until else date.min
    known_since = None if one.is_again else one.issued_on
    steps = held[Ladder.AGAIN if one.is_again else Ladder.INVOICE]
    for on, step in to_come(steps, one.due_on, known_since, resumes, one.told):
        yield on, step, step.task or "The ladder of reminders"
    if failed_on := one.card_failed_on:
        why = f"A payment by card failed on {failed_on.day} {failed_on:%b %Y}"
        after = to_come(held[Ladder.CARD], failed_on, None, resumes, one.told_of_card)
        for on, step in after:
            yield on, step, step.task or why


def _at(one: Known, on: date, what: str, why: str, kind: Kind = Kind.RENEWAL) -> Coming:
    return Coming(on, one.firm, what, why, one.firm_id, kind, one.invoice_id)
