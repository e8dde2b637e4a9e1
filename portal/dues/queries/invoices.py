"""Invoices, with what is derived from the ledger about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.association.queries import today
from portal.core.db import db
from portal.core.merging import names_of
from portal.core.money import Money
from portal.dues.faces import Face, Sums, face_of, in_words
from portal.dues.models import Account, Invoice, InvoiceKind, Posting
from portal.members.models import Organization


def balance(invoice: Invoice) -> Money:
    """What is still owed, from the ledger; never below zero."""
    return Money(balances([invoice.id]).get(invoice.id, 0), invoice.currency)


def balances(invoice_ids: Iterable[int]) -> dict[int, int]:
    """Minor units still owed, by invoice, in one statement."""
    return {key: found.balance for key, found in sums(invoice_ids).items()}


def sums(invoice_ids: Iterable[int]) -> dict[int, Sums]:
    """What is owed, was paid and was credited on each invoice, in one statement."""
    ids = list(invoice_ids)
    is_paid = Posting.payment_id.is_not(None)
    is_credit = and_(Posting.payment_id.is_(None), Posting.minor < 0)
    query = (
        select(
            Posting.invoice_id, func.sum(Posting.minor),
            func.sum(case((is_paid, -Posting.minor), else_=0)),
            func.sum(case((is_credit, -Posting.minor), else_=0)),
        )
        .where(Posting.account == Account.RECEIVABLE, Posting.invoice_id.in_(ids))
        .group_by(Posting.invoice_id)
    )  # fmt: skip
    found = {row[0]: Sums(*map(int, row[1:])) for row in db.session.execute(query)} if ids else {}
    return {key: found.get(key, Sums(0, 0, 0)) for key in ids}


def owed() -> ScalarSelect[int]:
    """The balance of the invoice of the outer query, for its conditions and order."""
    total = select(func.coalesce(func.sum(Posting.minor), 0))
    of_this = total.where(Posting.invoice_id == Invoice.id, Posting.account == Account.RECEIVABLE)
    return of_this.correlate(Invoice).scalar_subquery()


def _is_credited() -> ColumnElement[bool]:
    return select(Posting.id).where(
        Posting.invoice_id == Invoice.id, Posting.account == Account.RECEIVABLE,
        Posting.payment_id.is_(None), Posting.minor < 0,
    ).correlate(Invoice).exists()  # fmt: skip


def invoices(
    state: str = "", kind: str = "", text: str = "", organization_id: int | None = None
) -> Select[Invoice]:
    """Newest first; `state` is open, overdue, paid or credited; text is looked for in words."""
    query = select(Invoice).outerjoin(Invoice.organization)
    states: dict[str, ColumnElement[bool]] = {
        "open": owed() > 0,
        "overdue": and_(owed() > 0, Invoice.due_on < today()),
        "paid": and_(owed() == 0, ~_is_credited()),
        "credited": _is_credited(),
    }
    if state in states:
        query = query.where(states[state])
    if kind in set(InvoiceKind):
        query = query.where(Invoice.kind == InvoiceKind(kind))
    if organization_id:
        query = query.where(Invoice.organization_id.in_(names_of(Organization, organization_id)))
    if text:
        columns = (Invoice.number, Invoice.reference, Organization.name)
        compact = text.replace(" ", "") if text.upper().startswith("RF") else text
        query = query.where(or_(*(one.icontains(compact, autoescape=True) for one in columns)))
    shown = joinedload(Invoice.organization), selectinload(Invoice.lines)
    return query.options(*shown).order_by(Invoice.issued_on.desc(), Invoice.id.desc())


def invoices_of(organization_ids: Iterable[int]) -> Select[Invoice]:
    """The invoices of some firms, newest first."""
    return invoices().where(Invoice.organization_id.in_(list(organization_ids)))


@dataclass(frozen=True)
class Total:
    """All invoices of a list in one currency."""

    count: int
    charged: Money
    owed: Money


def totals(query: Select[Invoice]) -> list[Total]:
    """How many, how much and how much of it is owed, over every page of a list."""
    listed = query.order_by(None).options().with_only_columns(
        Invoice.id, Invoice.currency, Invoice.total_minor, owed().label("owed"),
        maintain_column_froms=True,
    ).subquery()  # fmt: skip
    columns = (
        listed.c.currency, func.count(), func.sum(listed.c.total_minor), func.sum(listed.c.owed),
    )  # fmt: skip
    rows = db.session.execute(select(*columns).group_by(listed.c.currency).order_by("currency"))
    return [
        Total(row[1], Money(int(row[2]), row[0]), Money(int(row[3]), row[0])) for row in rows
    ]  # fmt: skip


@dataclass(frozen=True)
class Bill:
    """`balance` is what is owed, `face` the state, `words` the state for people."""

    invoice: Invoice
    sums: Sums
    face: Face
    on: date

    @property
    def balance(self) -> Money:
        return Money(self.sums.balance, self.invoice.currency)

    @property
    def paid(self) -> Money:
        return Money(self.sums.paid, self.invoice.currency)

    @property
    def credited(self) -> Money:
        return Money(self.sums.credited, self.invoice.currency)

    @property
    def kind(self) -> str:
        """How the state is marked: well, needs somebody, lost, or nothing."""
        return {Face.PAID: "ok", Face.PART_PAID: "needs", Face.OVERDUE: "loss"}.get(self.face, "")

    @property
    def words(self) -> str:
        return in_words(self.face, self.sums, self.invoice.currency, -self.days_left)

    @property
    def short(self) -> str:
        """The state for lists: `Overdue by 12 days`."""
        return self.words.partition(",")[0]

    @property
    def days_left(self) -> int:
        return (self.invoice.due_on - self.on).days


def bills(invoices: Iterable[Invoice]) -> list[Bill]:
    """Every invoice with its sums: one statement for all of them."""
    rows, on = list(invoices), today()
    found = sums(invoice.id for invoice in rows)
    return [
        Bill(invoice, found[invoice.id], face_of(found[invoice.id], invoice.due_on, on), on)
        for invoice in rows
    ]


def bill(invoice: Invoice) -> Bill:
    return bills([invoice])[0]


def face(invoice: Invoice) -> str:
    """The state of an invoice today, in words."""
    return bill(invoice).words
