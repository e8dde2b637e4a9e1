"""Which tariff is in effect."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ScalarSelect, Select, SQLColumnExpression, select
from sqlalchemy.orm import joinedload

from portal.association.queries import association
from portal.core.ahead import each
from portal.core.db import db
from portal.core.merging import leads_to, older_ids
from portal.dues.models import DraftStatus, Invoice, InvoiceKind, Tariff, TariffDraft
from portal.dues.periods import NotQuotable
from portal.members.models import Organization, Term


def current_tariff(on: date, currency: str | None = None) -> Tariff | None:
    """The tariff of a term that starts on a day: the latest one that was in effect by then."""
    return each(tariffs_in_effect, (on, currency))


Wanted = tuple[date, str | None]  # a day, and the currency unless any will do


def tariffs_in_effect(wanted: Collection[Wanted]) -> dict[Wanted, Tariff | None]:
    return {one: _in_effect(*one) for one in wanted}


def _in_effect(on: date, currency: str | None) -> Tariff | None:
    query = select(Tariff).where(Tariff.effective_from <= on).options(joinedload(Tariff.decision))
    if currency:
        query = query.where(Tariff.currency == currency)
    return db.session.scalars(query.order_by(Tariff.effective_from.desc(), Tariff.id)).first()


def current_tariffs(on: date) -> list[Tariff]:
    """The tariff in effect of each currency that has one."""
    codes = db.session.scalars(
        select(Tariff.currency).where(Tariff.effective_from <= on).distinct()
    )
    return [one for code in sorted(codes) if (one := current_tariff(on, code))]


def last_currency(firm_id: SQLColumnExpression[Any]) -> ScalarSelect[str | None]:
    """What a firm's last dues were charged in, for statements over firms."""
    query = select(Invoice.currency).where(
        leads_to(Organization, Invoice.organization_id, firm_id), Invoice.kind == InvoiceKind.DUES
    )
    query = query.order_by(Invoice.issued_on.desc(), Invoice.id.desc()).limit(1)
    return query.correlate(Organization).scalar_subquery()


def currency_of(firm: Organization) -> str:
    """A firm stays with the currency of its last dues."""
    return each(currencies_of, firm.id)


def currencies_of(firm_ids: Collection[int]) -> dict[int, str]:
    """Of several firms, in one statement: of each its last claim by day and number."""
    older, usual = older_ids(Organization, firm_ids), association().currency
    query = select(Invoice.organization_id, Invoice.currency).where(
        Invoice.organization_id.in_([*firm_ids, *older]), Invoice.kind == InvoiceKind.DUES
    )
    found = dict.fromkeys(firm_ids, usual)
    for number, currency in db.session.execute(query.order_by(Invoice.issued_on, Invoice.id)):
        found[older.get(number or 0, number or 0)] = currency
    return found


def tariff_on(firm: Organization, start: date) -> Tariff:
    """The tariff of a term that starts on a day. Raises `NotQuotable` when there is none."""
    currency = currency_of(firm)
    found = current_tariff(start, currency)
    if found is None:
        raise NotQuotable(f"No tariff in {currency} is in effect on {start}.")
    return found


def frozen_tariff(term: Term) -> Tariff:
    """The one that a term was sold under, whatever was adopted since."""
    known = db.session.get(Tariff, term.price_snapshot.get("tariff") or 0)
    return known or tariff_on(term.membership.organization, term.start_on)


def next_tariff(on: date, currency: str) -> Tariff | None:
    """The next one that is adopted already and not in effect yet."""
    query = select(Tariff).where(Tariff.effective_from > on, Tariff.currency == currency)
    query = query.options(joinedload(Tariff.decision))
    return db.session.scalars(query.order_by(Tariff.effective_from, Tariff.id)).first()


def tariffs() -> Select[Tariff]:
    query = select(Tariff).options(joinedload(Tariff.decision))
    return query.order_by(Tariff.effective_from.desc(), Tariff.currency)


def drafts(*, only_open: bool = True) -> Select[TariffDraft]:
    query = select(TariffDraft).options(joinedload(TariffDraft.prior))
    if only_open:
        query = query.where(TariffDraft.status == DraftStatus.DRAFT)
    return query.order_by(TariffDraft.effective_from.desc(), TariffDraft.id.desc())


def books_before(tariff: Tariff) -> list[tuple[date, dict[str, Any]]]:
    """A tariff and those of its currency before it, newest first, each with its first day."""
    query = select(Tariff).where(
        Tariff.currency == tariff.currency, Tariff.effective_from <= tariff.effective_from
    )
    found = db.session.scalars(query.order_by(Tariff.effective_from.desc(), Tariff.id))
    return [(one.effective_from, one.book) for one in found]
