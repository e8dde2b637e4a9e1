"""What settles an invoice while it can be paid early, and whether money came in time for it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import ScalarSelect, Select, case, func, select
from sqlalchemy.orm import aliased

from portal.association.queries import today
from portal.core.ahead import each, reading
from portal.core.db import db
from portal.core.money import Money, half_up
from portal.dues import crediting
from portal.dues.early import Part, in_time
from portal.dues.models import (
    Account,
    CreditNote,
    CreditReason,
    Invoice,
    Payment,
    PaymentMethod,
    Posting,
)
from portal.dues.queries.credits import credited_by_invoice, credited_by_line
from portal.dues.queries.invoices import balance, sums

EARLY = (CreditReason.EARLY_PAYMENT, CreditReason.EARLY_LOST)
SPARE = timedelta(days=1)  # a card page opened on the last day may be heard of on the next


@dataclass(frozen=True)
class EarlyTerms:
    """`lines` are net minor units by line, as a part of what is left of it; `off` has their tax.

    `enough` is what has to be paid by the day, whether or not some of it was.
    """

    until_on: date
    lines: dict[int, int]
    off: Money
    enough: int


def early_terms(invoice: Invoice) -> EarlyTerms | None:
    """What the invoice offers; None where it offers nothing, or gave it already."""
    if invoice.early_until_on is None or given_early(invoice):
        return None
    found, so_far = each(sums, invoice.id), credited_by_line(invoice)
    left = {line.id: line.net_minor - so_far.get(line.id, 0) for line in invoice.lines}
    lines = {
        line.id: half_up(line.inputs["early"] * Fraction(left[line.id], line.net_minor))
        for line in invoice.lines if line.inputs.get("early") and left[line.id] > 0
    }  # fmt: skip
    after = {one: so_far.get(one, 0) + lines.get(one, 0) for one in {*so_far, *lines}}
    tax = crediting.tax_on(invoice, after) - crediting.tax_on(invoice, so_far)
    off = sum(lines.values()) + tax
    enough = invoice.total_minor - found.credited - off
    if not lines or found.voided or found.written_off or enough <= 0:
        return None
    return EarlyTerms(invoice.early_until_on, lines, Money(off, invoice.currency), enough)


def given_early(invoice: Invoice) -> dict[int, int]:
    """Net minor units by line that are off because it was paid early, and were not lost again."""
    if invoice.early_until_on is None:
        return {}
    return {line: minor for line, minor in each(_given_by_invoice, invoice.id).items() if minor}


def _given_by_invoice(invoice_ids: Collection[int]) -> dict[int, dict[int, int]]:
    return credited_by_invoice(invoice_ids, EARLY)


def early_on(invoices: Iterable[Invoice]) -> list[tuple[Invoice, Money]]:
    """Of these, what is off as they were paid early: it is lost with the money that paid them."""
    found = []
    for invoice in invoices:
        net = sum(given_early(invoice).values())
        total = select(func.sum(CreditNote.total_minor)).where(
            CreditNote.invoice_id == invoice.id, CreditNote.code.in_(EARLY)
        )
        if net:
            found.append((invoice, Money(int(db.session.scalar(total) or 0), invoice.currency)))
    return found


def came_in_time(invoice: Invoice) -> int:
    """Minor units that pay the invoice and came by its early day.

    A card page opened on the last day may be heard of on the next: it asked for the less.
    """
    spare = timedelta(days=1 if each(sums, invoice.id).balance else 0)
    parts = each(_parts_by_invoice, invoice.id)
    return in_time(invoice.issued_on, invoice.early_until_on, parts, spare)


def is_earned(invoice: Invoice) -> bool:
    """Whether all that is not taken back is paid by money that came in time."""
    parts = parts_paid(select(Invoice.id).where(Invoice.id == invoice.id)).get(invoice.id, ())
    needed = invoice.total_minor - sums([invoice.id])[invoice.id].credited
    return in_time(invoice.issued_on, invoice.early_until_on, parts, SPARE) >= needed


def _parts_by_invoice(invoice_ids: Collection[int]) -> dict[int, list[Part]]:
    found = parts_paid(select(Invoice.id).where(Invoice.id.in_(invoice_ids)))
    return {number: found.get(number, []) for number in invoice_ids}


def parts_paid(invoice_ids: Select[int]) -> dict[int, list[Part]]:
    """What each payment pays now of these invoices, and since when."""
    first = func.min(case((Posting.minor < 0, Posting.on)))
    query = (
        select(
            Posting.invoice_id, -func.sum(Posting.minor), Payment.method, Payment.received_on,
            first,
        )
        .join(Posting.payment)
        .where(Posting.account == Account.RECEIVABLE, Posting.invoice_id.in_(invoice_ids))
        .group_by(Posting.invoice_id, Payment.id, Payment.method, Payment.received_on)
        .having(func.sum(Posting.minor) < 0)
    )  # fmt: skip
    found: dict[int, list[Part]] = {}
    for invoice_id, minor, method, received_on, used_on in db.session.execute(query):
        part = Part(int(minor), method is PaymentMethod.CARD, received_on, used_on)
        found.setdefault(int(invoice_id or 0), []).append(part)
    return found


def early_faults() -> Iterator[str]:
    """What is off for paying early was earned, and no more was lost than was given."""
    given = func.sum(CreditNote.total_minor)
    is_early = CreditNote.code.in_(EARLY)
    credited = _credited()
    query = (
        select(
            Invoice.id, Invoice.number, Invoice.issued_on, Invoice.early_until_on,
            Invoice.total_minor - credited, given,
        )
        .join(CreditNote, CreditNote.invoice_id == Invoice.id)
        .where(is_early, Invoice.early_until_on.is_not(None))
        .group_by(Invoice.id)
        .having(given != 0)
    )  # fmt: skip
    rows = db.session.execute(query).all()
    rewarded = select(CreditNote.invoice_id).where(is_early).group_by(CreditNote.invoice_id)
    parts = parts_paid(rewarded.having(given > 0)) if rows else {}
    for invoice_id, number, issued_on, until_on, needed, off in rows:
        came = in_time(issued_on, until_on, parts.get(invoice_id, ()), SPARE)
        if off < 0 or came < needed:
            yield f"Invoice {number}: {off} is off for {came} paid early, of {needed} needed."


def _credited() -> ScalarSelect[int]:
    own = aliased(CreditNote)
    total = select(func.coalesce(func.sum(own.total_minor), 0)).where(own.invoice_id == Invoice.id)
    return total.correlate(Invoice).scalar_subquery()


def early_offer(invoice: Invoice) -> tuple[EarlyTerms, Money] | None:
    """While the day has not passed and something is owed: the terms, and what settles it now."""
    terms = early_terms(invoice) if _is_open(invoice) else None
    if terms is None:
        return None
    now = Money(each(sums, invoice.id).balance, invoice.currency)
    to_pay = Money(terms.enough - came_in_time(invoice), invoice.currency)
    return (terms, to_pay) if 0 < to_pay.minor < now.minor else None


def early_offers(invoices: Sequence[Invoice]) -> dict[int, tuple[EarlyTerms, Money]]:
    """By invoice, of those that offer something now: as many statements for few as for many."""
    ids = [one.id for one in invoices if _is_open(one)]
    if not ids:
        return {}
    questions = (sums, _given_by_invoice, credited_by_invoice, _parts_by_invoice)
    with reading(dict.fromkeys(questions, ids)):
        found = {one.id: early_offer(one) for one in invoices}
    return {number: offer for number, offer in found.items() if offer}


def _is_open(invoice: Invoice) -> bool:
    return invoice.early_until_on is not None and today() <= invoice.early_until_on


def to_pay_now(invoice: Invoice) -> Money:
    """What settles it today: less than what is owed, while it can be paid early."""
    offer = early_offer(invoice)
    return offer[1] if offer else balance(invoice)
