"""What is history or follows from invoices: it goes out whole, and is not read in again."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from portal.association.queries import day_of
from portal.core.access import Permission
from portal.core.db import db
from portal.core.money import Money
from portal.dues.models import (
    BankLine,
    CreditNote,
    CreditNoteLine,
    Dispute,
    Invoice,
    InvoiceLine,
    Payment,
    Refund,
)
from portal.exchange.rows_out import (
    FIRM_HEAD,
    Export,
    Row,
    day_cell,
    firm_cells,
    outside_numbers,
    parts,
)
from portal.members.models import GroupMembership, Membership, Overlay


def invoice_lines() -> Iterator[Row]:
    query = select(InvoiceLine).options(
        joinedload(InvoiceLine.invoice), joinedload(InvoiceLine.membership)
    )
    for part in parts(query.order_by(InvoiceLine.invoice_id, InvoiceLine.position)):
        for one in part:
            held = one.membership
            yield (
                one.invoice.number, one.position, one.rule, one.text, one.formula, one.income,
                one.invoice.currency, Money(one.net_minor, one.invoice.currency).units,
                one.tax_percent or "", one.tax_text, day_cell(one.covers_from),
                day_cell(one.covers_to), held.kind.value if held else "",
            )  # fmt: skip


def credit_notes() -> Iterator[Row]:
    """A row for each line that is taken back."""
    outside = outside_numbers("firm")
    query = select(CreditNote).options(
        joinedload(CreditNote.invoice).joinedload(Invoice.organization),
        selectinload(CreditNote.lines).joinedload(CreditNoteLine.invoice_line),
    )
    for part in parts(query.order_by(CreditNote.id)):
        for one in part:
            whole = [Money(minor, one.currency).units
                     for minor in (one.net_minor, one.tax_minor, one.total_minor)]  # fmt: skip
            about = (one.number, *firm_cells(one.invoice.organization, outside),
                     one.invoice.number, one.issued_on, one.code.value, one.reason, one.currency,
                     *whole)  # fmt: skip
            for line in one.lines:
                net = Money(line.net_minor, one.currency).units
                yield (*about, line.invoice_line.position, line.invoice_line.text, net)


def refunds() -> Iterator[Row]:
    outside, payer = outside_numbers("firm"), joinedload(Refund.payment)
    query = select(Refund).options(payer.joinedload(Payment.organization))
    for part in parts(query.order_by(Refund.id)):
        for one in part:
            yield (
                one.id, one.payment_id, *firm_cells(one.payment.organization, outside),
                one.sent_on, one.status.value, one.origin.value, one.method.value, one.currency,
                Money(one.amount_minor, one.currency).units, one.external_id or "", one.reason,
                one.trouble,
            )  # fmt: skip


def disputes() -> Iterator[Row]:
    outside, payer = outside_numbers("firm"), joinedload(Dispute.payment)
    query = select(Dispute).options(payer.joinedload(Payment.organization))
    for part in parts(query.order_by(Dispute.id)):
        for one in part:
            yield (
                one.id, one.payment_id, *firm_cells(one.payment.organization, outside),
                one.status.value, one.currency, Money(one.amount_minor, one.currency).units,
                one.external_id, one.reason, on(one.opened_at), on(one.evidence_due_at),
                on(one.closed_at),
            )  # fmt: skip


def bank_lines() -> Iterator[Row]:
    for part in parts(select(BankLine).order_by(BankLine.id)):
        for one in part:
            yield (
                one.id, one.account, one.booked_on, one.currency,
                Money(one.minor, one.currency).units, one.counterparty,
                one.counterparty_account, one.text, one.entry_reference,
            )  # fmt: skip


def group_history() -> Iterator[Row]:
    outside = outside_numbers("firm")
    query = select(GroupMembership).options(
        joinedload(GroupMembership.organization), joinedload(GroupMembership.group)
    )
    order = GroupMembership.organization_id, GroupMembership.from_on, GroupMembership.id
    for part in parts(query.order_by(*order)):
        for one in part:
            yield (*firm_cells(one.organization, outside), one.group.name, one.from_on,
                   day_cell(one.until_on), one.basis.value)  # fmt: skip


def suspensions() -> Iterator[Row]:
    """Of memberships: what a body decided, from when to when."""
    outside = outside_numbers("firm")
    whole = select(Membership).options(joinedload(Membership.organization))
    query = select(Overlay).where(Overlay.subject_kind == "membership")
    for part in parts(query.options(joinedload(Overlay.decision)).order_by(Overlay.id)):
        subjects = whole.where(Membership.id.in_({one.subject_id for one in part}))
        memberships = {one.id: one for one in db.session.scalars(subjects)}
        for one in part:
            held, decided = memberships[one.subject_id], one.decision
            yield (
                *firm_cells(held.organization, outside), held.kind.value, one.kind.value,
                one.scope, one.from_on, day_cell(one.until_on), one.reason,
                decided.title if decided else "", on(one.lifted_at),
            )  # fmt: skip


def on(at: datetime | None) -> Any:
    return day_of(at) if at else ""


M, F = Permission.FIRMS_MANAGE, Permission.DUES_MANAGE
EXPORTS = {
    "groups": Export("Corporate groups over time", M, (
        *FIRM_HEAD, "group", "from on", "until on", "basis",
    ), group_history),
    "suspensions": Export("Suspensions and holds of memberships", M, (
        *FIRM_HEAD, "class", "kind", "scope", "from on", "until on", "reason", "decision",
        "lifted on",
    ), suspensions),
    "invoice-lines": Export("Lines of invoices", F, (
        "invoice", "line", "rule", "text", "formula", "income", "currency", "net", "tax percent",
        "tax text", "covers from", "covers until", "class",
    ), invoice_lines),
    "credit-notes": Export("Lines of credit notes", F, (
        "number", *FIRM_HEAD, "invoice", "issued on", "code", "reason", "currency", "net", "tax",
        "total", "line", "text", "line net",
    ), credit_notes),
    "refunds": Export("Refunds", F, (
        "id", "payment id", *FIRM_HEAD, "sent on", "state", "origin", "method", "currency",
        "amount", "external id", "reason", "trouble",
    ), refunds),
    "disputes": Export("Disputes", F, (
        "id", "payment id", *FIRM_HEAD, "state", "currency", "amount", "external id", "reason",
        "opened on", "evidence due on", "closed on",
    ), disputes),
    "bank-lines": Export("Lines of bank statements", F, (
        "id", "account", "booked on", "currency", "amount", "counterparty",
        "counterparty account", "text", "reference",
    ), bank_lines),
}  # fmt: skip
