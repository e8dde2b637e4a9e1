"""Invoices, with what is derived from the ledger about them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import joinedload, selectinload

from portal.association.queries import today
from portal.core.db import db
from portal.core.keeping import kept
from portal.core.merging import names_of
from portal.core.money import Money
from portal.dues.faces import Sums
from portal.dues.models import (
    Account,
    Dispute,
    DisputeStatus,
    Instalment,
    Invoice,
    InvoiceKind,
    Posting,
    Void,
)
from portal.dues.queries.barred import is_barred
from portal.dues.queries.holds import is_held
from portal.members.models import Organization

# How the names of their journals begin.
CREDITS, WRITE_OFFS, VOIDS = "credit:", "writeoff", "void:"


def balance(invoice: Invoice) -> Money:
    """What is still owed, from the ledger; never below zero."""
    return Money(balances([invoice.id]).get(invoice.id, 0), invoice.currency)


def balances(invoice_ids: Iterable[int]) -> dict[int, int]:
    """Minor units still owed, by invoice, in one statement."""
    return {key: found.balance for key, found in sums(invoice_ids).items()}


def sums(invoice_ids: Iterable[int]) -> dict[int, Sums]:
    """What is owed, was paid, credited, written off, voided on each, in one statement."""
    ids = list(invoice_ids)
    rows = db.session.execute(_sums(), {"ids": ids}) if ids else ()
    found = {row[0]: Sums(*map(int, row[1:])) for row in rows}
    return {key: found.get(key, Sums(0, 0, 0)) for key in ids}


@cache  # put together once: that costs six times what asking it does
def _sums() -> Select[*tuple[Any, ...]]:
    """By invoice id of `:ids`, the parts of `Sums` in their order."""
    is_paid = Posting.payment_id.is_not(None)
    parts = (
        is_paid, Posting.journal.startswith(CREDITS), Posting.journal.startswith(WRITE_OFFS),
        and_(is_paid, Posting.payment_id.in_(disputed_payment_ids())),
        Posting.journal.startswith(VOIDS),
    )  # fmt: skip
    plan = select(func.count(Instalment.id)).where(
        Instalment.invoice_id == Posting.invoice_id, Instalment.ended_at.is_(None)
    )
    return (
        select(
            Posting.invoice_id, func.sum(Posting.minor),
            *(func.sum(case((part, -Posting.minor), else_=0)) for part in parts),
            plan.correlate(Posting).scalar_subquery(),
        )
        .where(
            Posting.account == Account.RECEIVABLE,
            Posting.invoice_id.in_(bindparam("ids", expanding=True)),
        )
        .group_by(Posting.invoice_id)
    )  # fmt: skip


def disputed_payment_ids() -> Select[int]:
    return select(Dispute.payment_id).where(Dispute.status == DisputeStatus.OPEN)


def has_disputed_money() -> ColumnElement[bool]:
    """True where money that paid on the outer query's invoice is disputed at the bank."""
    found = select(Posting.id).where(
        Posting.invoice_id == Invoice.id, Posting.payment_id.in_(disputed_payment_ids())
    )
    return found.correlate(Invoice).exists()


def is_void() -> ColumnElement[bool]:
    """True where the outer query's invoice claims nothing since a day."""
    return select(Void.id).where(Void.invoice_id == Invoice.id).correlate(Invoice).exists()


def claimable(invoice: Invoice) -> Money:
    """What money may still pay: what is owed, and what was written off and would be revived."""
    found = sums([invoice.id])[invoice.id]
    return Money(found.balance + found.written_off, invoice.currency)


def owed(until: date | None = None) -> ScalarSelect[int]:
    """The balance of the outer query's invoice, now or at the end of a day."""
    total = select(func.coalesce(func.sum(Posting.minor), 0))
    if until:
        total = total.where(Posting.on <= until)
    of_this = total.where(Posting.invoice_id == Invoice.id, Posting.account == Account.RECEIVABLE)
    return of_this.correlate(Invoice).scalar_subquery()


def due_on(until: date | None = None) -> ColumnElement[date]:
    """The day from which the invoice of the outer query is late: by its plan, where it has one.

    `until` asks what was known at the end of that day.
    """
    return _by_plan(Invoice.due_on, until)


def unpaid_from() -> ColumnElement[date]:
    """The day of the outer query's invoice; by its plan, where it has one."""
    return _by_plan(Invoice.issued_on, None)


def _by_plan(
    otherwise: SQLColumnExpression[date], until: date | None
) -> ColumnElement[date]:  # fmt: skip
    unpaid = select(func.min(Instalment.due_on)).where(
        Instalment.invoice_id == Invoice.id, Instalment.ended_at.is_(None),
        Instalment.left_minor < owed(until),
    )  # fmt: skip
    return func.coalesce(unpaid.correlate(Invoice).scalar_subquery(), otherwise)


def _takes(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """True where such postings take something of the claim of the outer query's invoice."""
    total = select(func.coalesce(func.sum(Posting.minor), 0)).where(
        Posting.invoice_id == Invoice.id, Posting.account == Account.RECEIVABLE, *conditions
    )
    return total.correlate(Invoice).scalar_subquery() < 0


def payer_name() -> ColumnElement[str]:
    """Who is asked to pay the invoice of the outer query: somebody for the firm, or the firm."""
    names = (one["name"].as_string() for one in (Invoice.paid_by, Invoice.bill_to))
    return func.coalesce(*names)


def invoices(
    state: str = "", kind: str = "", text: str = "", organization_id: int | None = None,
    left: SQLColumnExpression[int] | None = None,
) -> Select[Invoice]:  # fmt: skip
    """Newest first; the states are the keys of `STATES`; text is looked for in words.

    `left` is the balance, where the caller has it joined already.
    """
    query = select(Invoice).outerjoin(Invoice.organization)
    if state in STATES:
        query = query.where(STATES[state](owed() if left is None else left))
    if kind in set(InvoiceKind):
        query = query.where(Invoice.kind == InvoiceKind(kind))
    if organization_id:
        query = query.where(Invoice.organization_id.in_(names_of(Organization, organization_id)))
    if text:
        payer = Invoice.paid_by["name"].as_string()
        columns = (Invoice.number, Invoice.reference, Organization.name, payer)
        compact = text.replace(" ", "") if text.upper().startswith("RF") else text
        query = query.where(or_(*(one.icontains(compact, autoescape=True) for one in columns)))
    shown = joinedload(Invoice.organization), selectinload(Invoice.lines)
    return query.options(*shown).order_by(Invoice.issued_on.desc(), Invoice.id.desc())


def _is_paid(left: SQLColumnExpression[int]) -> ColumnElement[bool]:
    is_credited, is_written_off = STATES["credited"](left), STATES["written_off"](left)
    return and_(left == 0, ~is_credited, ~is_written_off, ~is_void())


# Of the balance, where the outer query has its invoice: only what is asked for is put together.
STATES: dict[str, Callable[[SQLColumnExpression[int]], ColumnElement[bool]]] = {
    "open": lambda left: left > 0,
    "overdue": lambda left: and_(left > 0, due_on() < today()),
    "barred": lambda left: and_(left > 0, is_barred(today())),
    "held": lambda left: and_(left > 0, is_held(today())),
    "paid": _is_paid,
    "credited": lambda _: _takes(Posting.journal.startswith(CREDITS)),
    "written_off": lambda _: _takes(Posting.journal.startswith(WRITE_OFFS)),
    "void": lambda _: is_void(),
    "disputed": lambda _: _takes(Posting.payment_id.in_(disputed_payment_ids())),
}


def unpaid(organization_id: int, most: int) -> Sequence[Invoice]:
    """A firm's newest open invoices with their lines, in one statement."""
    query = (
        select(Invoice)
        .where(owed() > 0, Invoice.organization_id.in_(names_of(Organization, organization_id)))
        .options(joinedload(Invoice.lines))
        .order_by(Invoice.issued_on.desc(), Invoice.id.desc())
    )
    return db.session.scalars(query.limit(most)).unique().all()


def invoices_of(organization_ids: Iterable[int]) -> Select[Invoice]:
    """The invoices of some firms, newest first."""
    return invoices().where(Invoice.organization_id.in_(list(organization_ids)))


@dataclass(frozen=True)
class Total:
    """All invoices of a list in one currency."""

    count: int
    charged: Money
    owed: Money


def totals(
    state: str = "", kind: str = "", text: str = "", organization_id: int | None = None
) -> list[Total]:
    """How many, how much and how much of it is owed, over every page of a list."""
    asked = (state, kind, text, organization_id)
    return kept(
        ("totals", *asked, today()), (Invoice, Posting), partial(_totals, *asked)
    )  # fmt: skip


def _totals(state: str, kind: str, text: str, organization_id: int | None) -> list[Total]:
    """The postings are added up once for all invoices: asked of each, it takes far longer."""
    sums = select(Posting.invoice_id, func.sum(Posting.minor).label("minor")).where(
        Posting.account == Account.RECEIVABLE
    )
    found = sums.group_by(Posting.invoice_id).subquery("balances")
    left = func.coalesce(found.c.minor, 0)
    listed = invoices(state, kind, text, organization_id, left).outerjoin(
        found, found.c.invoice_id == Invoice.id
    )
    columns = (
        Invoice.currency, func.count(), func.sum(Invoice.total_minor), func.sum(left),
    )  # fmt: skip
    query = listed.order_by(None).options().with_only_columns(*columns, maintain_column_froms=True)
    rows = db.session.execute(query.group_by(Invoice.currency).order_by(Invoice.currency))
    return [
        Total(row[1], Money(int(row[2]), row[0]), Money(int(row[3]), row[0])) for row in rows
    ]  # fmt: skip


def invoice_named(text: str) -> Invoice | None:
    """The invoice of a number or a reference, however it is spaced."""
    compact = text.replace(" ", "").upper()
    named = or_(Invoice.number == compact, Invoice.reference == compact)
    return db.session.scalars(select(Invoice).where(named)).first()
