"""What will happen to memberships in the days to come, and why: a pure projection of facts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from portal.members.policy import Policy
from portal.renewals.ladders import INVOICE


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


@dataclass(frozen=True)
class Unpaid:
    """An invoice on which something is owed."""

    firm_id: int
    firm: str
    number: str
    due_on: date
    is_paused: bool = False


@dataclass(frozen=True, order=True)
class Coming:
    on: date
    firm: str
    what: str
    why: str
    firm_id: int


def coming(
    known: Iterable[Known], unpaid: Iterable[Unpaid], first: date, days: int = 90
) -> list[Coming]:
    """All that falls on the days from `first` on, in order."""
    last = first + timedelta(days=days)
    found = [each for one in known for each in _of_membership(one)]
    found += [each for one in unpaid for each in _of_invoice(one)]
    return sorted(one for one in found if first <= one.on <= last)


def _of_membership(one: Known) -> Iterator[Coming]:
    after = one.end + timedelta(days=1)
    if one.leaves_on and one.leaves_on <= one.end:
        yield _at(one, one.leaves_on, "Last day of membership", "The firm resigned")
        return
    if one.has_next:
        return
    policy = one.policy
    if not one.is_open:
        opens = after - timedelta(days=policy.window_before_days)
        yield _at(one, opens, "Renewal opens", f"{policy.window_before_days} days before the end")
    if not one.is_invoiced:
        issued = after - timedelta(days=policy.invoice_days)
        why = f"{policy.invoice_days} days before the next term"
        yield _at(one, issued, "Renewal invoice goes out", why)
    if policy.benefits_before_payment:
        yield _at(one, after, "Next term begins, not paid yet", "Its class has that by policy")
        return
    yield _at(one, after, "Grace begins", "The term ended and the next one is not paid")
    lapses = one.grace_until + timedelta(days=1)
    grace_days = (one.grace_until - one.end).days
    yield _at(one, lapses, "Membership lapses", f"{grace_days} days of grace are over")
    closes = one.end + timedelta(days=policy.window_after_days + 1)
    why = f"{policy.window_after_days} days after the end"
    yield _at(one, closes, "Coming back now means joining anew", why)


def _of_invoice(one: Unpaid) -> Iterator[Coming]:
    if one.is_paused:
        return
    for step in INVOICE:
        on = one.due_on + timedelta(days=step.days)
        what = f"{step.subject}: invoice {one.number}"
        why = step.task or "The ladder of reminders"
        yield Coming(on, one.firm, what, why, one.firm_id)


def _at(one: Known, on: date, what: str, why: str) -> Coming:
    return Coming(on, one.firm, what, why, one.firm_id)
