"""What a treasurer closes a year with: balances, what is owed, income by month."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, null, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.core.merging import winners
from portal.dues.models import (
    Account,
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    Posting,
    Void,
)
from portal.dues.queries.slices import slices
from portal.dues.recognition import EarnedMonth, Earning, schedule
from portal.members.models import Organization

AGES = ((0, "not yet due"), (30, "1 to 30"), (60, "31 to 60"), (90, "61 to 90"), (None, "over 90"))


@dataclass(frozen=True)
class Balance:
    """Of one account in one currency: debit positive."""

    account: Account
    currency: str
    minor: int


def trial_balance(until: date) -> list[Balance]:
    """Every account at the end of a day. In each currency they sum to zero."""
    query = (
        select(Posting.account, Posting.currency, func.sum(Posting.minor))
        .where(Posting.on <= until)
        .group_by(Posting.account, Posting.currency)
        .order_by(Posting.currency, Posting.account)
    )
    return [
        Balance(account, code, int(minor)) for account, code, minor in db.session.execute(query)
    ]


@dataclass(frozen=True)
class Aged:
    """What one payer owes in one currency, by days after the due day; the ages are AGES."""

    payer: str
    organization_id: int | None
    currency: str
    paid_by: str  # who is asked to pay it for them, if somebody is
    minor: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.minor)


def _merged_into() -> ColumnElement[Any]:
    """Where the firm of an invoice is found now, if that is elsewhere."""
    merged = winners(Organization)
    return case(merged, value=Invoice.organization_id, else_=None) if merged else null()


def aged_debt(on: date) -> list[Aged]:
    """Who owed what for how long at the end of a day, the largest debt first.

    A firm has what was merged into it.
    """
    part = slices(on)
    late = [part.c.due_on >= on - timedelta(days=days) for days, _ in AGES if days is not None]
    age = case(*((one, n) for n, one in enumerate(late)), else_=len(late))
    payer_id = func.coalesce(_merged_into(), Invoice.organization_id)
    per_invoice = (
        select(
            payer_id.label("organization_id"), Invoice.bill_to["name"].as_string().label("payer"),
            Invoice.currency, age.label("age"), part.c.minor.label("owed"),
            func.coalesce(Invoice.paid_by["name"].as_string(), "").label("paid_by"),
        )
        .join(part, part.c.invoice_id == Invoice.id)
        .subquery()
    )  # fmt: skip
    name = func.coalesce(Organization.name, per_invoice.c.payer)
    owing = per_invoice.c
    columns = name, owing.organization_id, owing.currency, owing.paid_by
    query = (
        select(*columns, per_invoice.c.age, func.sum(per_invoice.c.owed))
        .outerjoin(Organization, Organization.id == per_invoice.c.organization_id)
        .group_by(*columns, per_invoice.c.age)
    )
    found: dict[tuple[str, int | None, str, str], list[int]] = {}
    for payer, firm_id, currency, paid_by, n, minor in db.session.execute(query):
        found.setdefault((payer, firm_id, currency, paid_by), [0] * len(AGES))[n] += int(minor)
    rows = [Aged(*who, tuple(minor)) for who, minor in found.items()]
    return sorted(rows, key=lambda one: (one.currency, -one.total, one.payer))


def income_by_month(first: date, months: int) -> dict[str, list[EarnedMonth]]:
    """By currency: claimed, earned and deferred, month by month.

    What is taken back or voided changes its own month and those after it, no earlier one. What
    the bank brought without an invoice is claimed and earned on its day.
    """
    line = InvoiceLine.covers_from, InvoiceLine.covers_to
    claims = select(Invoice.currency, InvoiceLine.net_minor, Invoice.issued_on, *line)
    notes = select(CreditNote.currency, -CreditNoteLine.net_minor, CreditNote.issued_on, *line)
    voids = select(Invoice.currency, -InvoiceLine.net_minor, Void.voided_on, *line)
    given = select(Posting.currency, -Posting.minor, Posting.on, null(), null())
    queries = (
        claims.join(InvoiceLine.invoice),
        notes.join(CreditNoteLine.note).join(CreditNoteLine.invoice_line),
        voids.join(InvoiceLine.invoice).join(Void, Void.invoice_id == Invoice.id),
        given.where(Posting.account == Account.INCOME, Posting.payment_id.is_not(None)),
    )
    earnings: dict[str, list[Earning]] = {}
    for query in queries:
        for currency, minor, on, covers_from, covers_to in db.session.execute(query):
            earning = Earning(int(minor), on, covers_from, covers_to)
            earnings.setdefault(currency, []).append(earning)
    return {code: schedule(found, first, months) for code, found in sorted(earnings.items())}


def journal(first: date, last: date) -> Select[Posting]:
    """Every posting of these days, in the order in which it was written."""
    query = select(Posting).where(Posting.on.between(first, last))
    shown = joinedload(Posting.invoice), joinedload(Posting.payment)
    return query.options(*shown).order_by(Posting.id)
