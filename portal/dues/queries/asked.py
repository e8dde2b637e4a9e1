"""What a firm is asked to declare now, and what its numbers do to its dues."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.association.queries import today
from portal.core.db import db
from portal.core.money import Money
from portal.dues.declaring import (
    FIRST_YEAR,
    Size,
    case_for,
    metrics_asked,
    metrics_told,
    period_asked,
)
from portal.dues.models import Declaration, Tariff
from portal.dues.periods import NotQuotable
from portal.dues.pricing import Quote, quote
from portal.dues.queries.declarations import declared
from portal.dues.queries.group_prices import group_facts
from portal.dues.queries.tariffs import currency_of, current_tariff
from portal.dues.queries.taxing import taxes_for
from portal.dues.rules import Case
from portal.members.models import Counting, Membership, MembershipClass, Organization, Term
from portal.members.queries import type_of

# By which numbers and seats the term that follows another is priced today: changes inside a term
# are kept by the rooms above.
sizes_next: list[Callable[[Term], Size]] = []


@dataclass(frozen=True)
class Held:
    """A class of the firm, and by what its next term is priced today."""

    kind: MembershipClass
    size: Size
    is_trial: bool = False


@dataclass(frozen=True)
class Asked:
    """For the term that starts next: the tariff it will have and the numbers that it asks."""

    firm: Organization
    held: tuple[Held, ...]
    tariff: Tariff
    metrics: list[str]
    starts_on: date
    period: tuple[date, date]
    counting: Counting
    declared: dict[str, Declaration]

    @property
    def now(self) -> dict[str, str]:
        """Each number as it counts today: as last told, signed or by a change inside a term."""
        told = {metric: f"{one.value:f}" for metric, one in self.declared.items()}
        for one in reversed(self.held):
            told |= one.size.metrics
        return metrics_told(self.metrics, told, self.firm.headcount)


@dataclass(frozen=True)
class Dues:
    """A whole term's dues under some numbers; without quotes when there is no price, and why."""

    quotes: tuple[Quote, ...]
    why: str = ""

    @property
    def total(self) -> Money | None:
        if not self.quotes:
            return None
        return Money(sum(one.total for one in self.quotes), self.quotes[0].currency)


def asked_of(firm: Organization) -> Asked | None:
    """None when the firm is in no class, or no tariff is in effect."""
    query = select(Membership).where(
        Membership.organization_id == firm.id, Membership.ended_on.is_(None)
    )
    query = query.options(selectinload(Membership.terms)).order_by(Membership.id)
    terms = {one: _last_term(one) for one in db.session.scalars(query)}
    kinds = [one.kind for one in terms]
    ends = [_last_day(one) for one in terms.values() if one]
    starts_on = max([today(), *(one + timedelta(days=1) for one in ends)])
    tariff = current_tariff(starts_on, currency_of(firm))
    if tariff is None or not kinds:
        return None
    decided = type_of(kinds[0])
    year_start = (tariff.book.get("period") or {}).get("start", "01-01")
    held = tuple(_held(one, term) for one, term in terms.items())
    return Asked(
        firm, held, tariff, metrics_asked(tariff.book, kinds), starts_on,
        period_asked(decided.base_year, today(), year_start), decided.counting, declared(firm.id),
    )  # fmt: skip


def _last_term(held: Membership) -> Term | None:
    terms = [one for one in held.terms if one.cancelled_at is None]
    return max(terms, key=lambda one: (_last_day(one), one.id), default=None)


def _last_day(term: Term) -> date:
    """A trial that became a membership ended before its time."""
    return min(term.ended_early_on or term.end_on, term.end_on)


def _held(membership: Membership, term: Term | None) -> Held:
    size = next((ask(term) for ask in sizes_next), None) if term else None
    return Held(membership.kind, size or Size({}), term is not None and term.is_trial)


def dues_with(asked: Asked, numbers: Mapping[str, str]) -> Dues:
    """What the next term would cost with these numbers and the seats that the firm has by then.

    Its group is taken into account, and whether a trial ends with the term before.
    """
    cases = [_case(asked, one, numbers) for one in asked.held]
    tariff = asked.tariff
    try:
        return Dues(tuple(quote(tariff.whole_book, case) for case in cases))
    except NotQuotable as why:
        return Dues((), str(why))


def _case(asked: Asked, held: Held, numbers: Mapping[str, str]) -> Case:
    firm, start = asked.firm, asked.starts_on
    case = case_for(held.kind.value, numbers, start)
    case |= group_facts(asked.tariff, firm, held.kind, numbers, start)
    case |= {"seats": held.size.seats, "taxes": taxes_for(firm.country, firm.tax_id, held.kind)}
    if held.is_trial:
        case |= {"renews": False, "facts": sorted({*case.get("facts", ()), FIRST_YEAR})}
    return case
