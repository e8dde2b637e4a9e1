"""Seats bought inside a term: their price for the days that are left, and their invoice."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal.association.queries import association, today
from portal.core.db import db
from portal.core.money import Money, half_up
from portal.core.states import Refused
from portal.dues.actions.credits import credit
from portal.dues.actions.invoices import LineDraft, billed, issue_invoice
from portal.dues.actions.payments import lock
from portal.dues.actions.posts import mail_to_payer
from portal.dues.models import CreditReason, Invoice, InvoiceKind, Tariff
from portal.dues.periods import NotQuotable
from portal.dues.pricing import QuoteLine
from portal.dues.queries import balance, frozen_tariff, taxes_of_firm
from portal.dues.rules import exact
from portal.dues.seat_prices import included_seats, is_priced_together, more_seats
from portal.members import actions as members
from portal.members.models import SeatOrder, Term
from portal.members.queries import included_in, next_order, open_orders, size_of

# Else seats that cost little or nothing beside others would stay when those are cancelled.
PAY_FIRST = (
    "The price is of all extra seats together, and some are ordered and not paid. Pay that order "
    "or cancel it, then order more."
)


@dataclass(frozen=True)
class PricedSeats:
    """One line for all of them, rounded once, and the tax on it."""

    line: QuoteLine
    net: Money
    tax: Money
    total: Money
    tariff: Tariff


def price_of_seats(term: Term, count: int) -> PricedSeats:
    """Seats more, from today to the last day of the term, under the term's own tariff.

    Raises `Refused` where the tariff has no price for them, no more can be had, or others that
    share a least or a most with them are not paid.
    """
    size = size_of(term)
    if size is None:
        raise Refused("There is no price for more seats of this membership.")
    try:
        tariff = frozen_tariff(term)
    except NotQuotable as why:
        raise Refused("There is no price for more seats of this membership.") from why
    kind, book = term.membership.kind.value, tariff.whole_book
    counted, unpaid = included_seats(book, kind) or {"included": 0}, open_orders(term)
    if unpaid and is_priced_together(book, kind):
        raise Refused(PAY_FIRST)
    size += sum(one.seats for one in unpaid)  # they may be paid any day
    before = counted["included"] + size - (included_in(term) or 0)  # as the tariff counts them
    try:
        days = term.start_on, term.end_on, today()
        line = more_seats(
            book, kind, days, (before, before + count), taxes_of_firm(term.membership),
            term.ended_early_on,
        )  # fmt: skip
    except NotQuotable as why:
        raise Refused(str(why)) from why
    net = Money(line.net, tariff.currency)
    tax = Money(half_up(line.net * exact(line.tax_percent, "tax percent") / 100), tariff.currency)
    return PricedSeats(line, net, tax, net + tax, tariff)


@dataclass(frozen=True)
class Seen:
    """What a page showed: the total in minor units, and the last order that there was."""

    total: str
    after: int


def order_as_seen(term: Term, count: int, seen: Seen) -> Invoice | None:
    """Order what the page showed, once: the same page sent again has the order it made.

    None when the price is another one now, so that it is shown first.
    """
    members.hold_term(term)
    made = next_order(term, seen.after)
    if made is not None:
        return _invoice_of(made) if made.seats == count else None
    priced = price_of_seats(term, count)
    return order_seats(term, count, priced) if str(priced.total.minor) == seen.total else None


def _invoice_of(order: SeatOrder) -> Invoice:
    return db.session.scalars(select(Invoice).filter_by(number=order.invoice_number)).one()


def cancel_order(order: SeatOrder) -> None:
    """The firm wants the seats no more: the invoice is credited, which takes them back.

    Raises `Refused` once money came for it.
    """
    invoice = lock(_invoice_of(order).id)
    db.session.refresh(order)
    if order.withdrawn_on:
        raise Refused("This order was cancelled already.")
    if order.paid_on or balance(invoice) != invoice.total:
        raise Refused("Money came for these seats already: write to us.")
    credit(invoice, "The seats were not wanted any more", CreditReason.SEAT_CORRECTION)


def expire_order(order: SeatOrder) -> None:
    """Nobody paid in time: the invoice is credited, and the payer told by its credit note."""
    invoice = lock(_invoice_of(order).id)
    db.session.refresh(order)
    if not order.paid_on and not order.withdrawn_on and balance(invoice) == invoice.total:
        why = "The seats were not paid in time, so the order ended"
        credit(invoice, why, CreditReason.SEAT_CORRECTION)


def order_seats(term: Term, count: int, priced: PricedSeats) -> Invoice:
    """Issue and mail the invoice; the seats count once it is paid."""
    firm, line, book = term.membership.organization, priced.line, priced.tariff.book
    inputs: dict[str, Any] = line.inputs | {"term": term.id}
    draft = LineDraft(
        rule=line.rule, text=line.text, net_minor=line.net, income="seats", formula=line.formula,
        inputs=inputs, covers_from=line.covers_from, covers_to=line.covers_to,
        membership_id=term.membership_id, tax_percent=line.tax_percent,
        tax_outcome=line.tax_outcome, tax_text=line.tax_text,
    )  # fmt: skip
    percent = str(book.get("tax_percent", "0"))
    invoice = issue_invoice(
        kind=InvoiceKind.DUES, organization=firm, currency=priced.tariff.currency, lines=[draft],
        tax_percent=percent, tax_text=book.get("tax_text") or f"Tax {percent} %",
        due_on=today() + timedelta(days=association().due_days), **billed(firm),
    )  # fmt: skip
    members.order_seats(term, count, invoice.number)
    mail_to_payer(invoice)
    if not invoice.total_minor:
        members.count_paid_seats(invoice.number)
    return invoice


def seats_paid(invoice: Invoice) -> None:
    """An invoice was settled: if it was for seats, they are there."""
    members.count_paid_seats(invoice.number)


def seats_credited(invoice: Invoice, **_credit_note: object) -> None:
    members.withdraw_order(invoice.number)
