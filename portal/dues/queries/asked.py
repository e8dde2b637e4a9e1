"""What a firm is asked to declare now, and what its numbers do to its dues."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from portal.association.queries import today
from portal.core.db import db
from portal.core.money import Money
from portal.dues.declaring import case_for, metrics_asked, metrics_told, period_asked
from portal.dues.models import Declaration, Tariff
from portal.dues.periods import NotQuotable
from portal.dues.pricing import Quote, quote
from portal.dues.queries.declarations import declared
from portal.dues.queries.group_prices import group_facts
from portal.dues.queries.tariffs import currency_of, current_tariff
from portal.dues.queries.taxing import taxes_for
from portal.members.models import Counting, Membership, MembershipClass, Organization, Term
from portal.members.queries import type_of


@dataclass(frozen=True)
class Asked:
    """For the term that starts next: the tariff it will have and the numbers that it asks."""

    firm: Organization
    kinds: list[MembershipClass]
    tariff: Tariff
    metrics: list[str]
    starts_on: date
    period: tuple[date, date]
    counting: Counting
    declared: dict[str, Declaration]
    sold: dict[str, str]  # by which the last term was priced

    @property
    def now(self) -> dict[str, str]:
        """Each number as it counts today."""
        told = {metric: f"{one.value:f}" for metric, one in self.declared.items()}
        return metrics_told(self.metrics, self.sold | told, self.firm.headcount)


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
    query = select(Membership.kind).where(
        Membership.organization_id == firm.id, Membership.ended_on.is_(None)
    )
    kinds = list(db.session.scalars(query.order_by(Membership.id)))
    last = _last_term(firm.id)
    starts_on = max(today(), last.end_on + timedelta(days=1)) if last else today()
    tariff = current_tariff(starts_on, currency_of(firm))
    if tariff is None or not kinds:
        return None
    decided = type_of(kinds[0])
    year_start = (tariff.book.get("period") or {}).get("start", "01-01")
    return Asked(
        firm, kinds, tariff, metrics_asked(tariff.book, kinds), starts_on,
        period_asked(decided.base_year, today(), year_start), decided.counting, declared(firm.id),
        dict(last.price_snapshot.get("metrics") or {}) if last else {},
    )  # fmt: skip


def _last_term(organization_id: int) -> Term | None:
    query = select(Term).join(Term.membership)
    query = query.where(Membership.organization_id == organization_id, Term.cancelled_at.is_(None))
    return db.session.scalars(query.order_by(Term.end_on.desc(), Term.id.desc()).limit(1)).first()


def dues_with(asked: Asked, numbers: Mapping[str, str]) -> Dues:
    """What the next term would cost with these numbers, its group taken into account."""
    firm, tariff, start = asked.firm, asked.tariff, asked.starts_on
    cases = [
        case_for(kind.value, numbers, start)
        | group_facts(tariff, firm, kind, numbers, start)
        | {"taxes": taxes_for(firm.country, firm.tax_id, kind)}
        for kind in asked.kinds
    ]
    try:
        return Dues(tuple(quote(tariff.whole_book, case) for case in cases))
    except NotQuotable as why:
        return Dues((), str(why))
