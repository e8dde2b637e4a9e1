"""The journals: every move of money as postings that sum to zero."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from portal.core.db import db
from portal.dues.models import Account, CreditNote, Invoice, InvoiceLine, Payment, Posting


@dataclass(frozen=True)
class Entry:
    """A debit (positive) or a credit (negative) of one account."""

    account: Account
    minor: int
    income: str | None = None
    invoice_id: int | None = None
    payment_id: int | None = None
    reverses_id: int | None = None


Shares = Sequence[tuple[Invoice, int]]  # which invoices a payment pays, and minor units of each


class Unbalanced(Exception):
    """A journal that does not sum to zero: a fault of ours, never of a member."""


def post(
    journal: str, on: date, currency: str, organization_id: int | None, entries: Iterable[Entry]
) -> None:
    """Write one journal; entries of nothing are left out. Raises `Unbalanced`."""
    entries = list(entries)
    if sum(entry.minor for entry in entries):
        raise Unbalanced(journal)
    db.session.add_all(
        Posting(
            journal=journal, on=on, currency=currency, organization_id=organization_id,
            account=entry.account, minor=entry.minor, income=entry.income,
            invoice_id=entry.invoice_id, payment_id=entry.payment_id,
            reverses_id=entry.reverses_id,
        )
        for entry in entries if entry.minor
    )  # fmt: skip
    db.session.flush()


def _income(lines: Sequence[InvoiceLine]) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in lines:
        found[line.income] += line.net_minor
    return found


def post_issue(invoice: Invoice) -> None:
    post(
        f"issue:{invoice.id}", invoice.issued_on, invoice.currency, invoice.organization_id,
        [
            Entry(Account.RECEIVABLE, invoice.total_minor, invoice_id=invoice.id),
            *(
                Entry(Account.INCOME, -minor, income=income, invoice_id=invoice.id)
                for income, minor in _income(invoice.lines).items()
            ),
            Entry(Account.TAX_PAYABLE, -invoice.tax_minor, invoice_id=invoice.id),
        ],
    )  # fmt: skip


def post_payment(payment: Payment, account: Account, shares: Shares) -> None:
    """Each share pays its invoice; the rest is the payer's, in sight as unallocated."""
    rest = payment.amount_minor - sum(minor for _, minor in shares)
    post(
        f"payment:{payment.id}", payment.received_on, payment.currency, payment.organization_id,
        [
            Entry(account, payment.amount_minor, payment_id=payment.id),
            *(
                Entry(Account.RECEIVABLE, -minor, invoice_id=invoice.id, payment_id=payment.id)
                for invoice, minor in shares
            ),
            Entry(Account.UNALLOCATED, -rest, payment_id=payment.id),
        ],
    )  # fmt: skip


def post_allocation(payment: Payment, invoice: Invoice, minor: int, on: date) -> None:
    """Money of the payer that paid nothing yet now pays this invoice."""
    last = db.session.scalar(select(func.max(Posting.id)))
    post(
        f"allocated:{payment.id}:{last}", on, payment.currency, payment.organization_id,
        [
            Entry(Account.UNALLOCATED, minor, payment_id=payment.id),
            Entry(Account.RECEIVABLE, -minor, invoice_id=invoice.id, payment_id=payment.id),
        ],
    )  # fmt: skip


def post_freed(allocation: Posting, on: date) -> None:
    """Take one allocation back: the invoice is owed again, the money is the payer's again."""
    post(
        f"freed:{allocation.id}", on, allocation.currency, allocation.organization_id,
        [
            Entry(
                Account.RECEIVABLE, -allocation.minor, invoice_id=allocation.invoice_id,
                payment_id=allocation.payment_id, reverses_id=allocation.id,
            ),
            Entry(Account.UNALLOCATED, allocation.minor, payment_id=allocation.payment_id),
        ],
    )  # fmt: skip


def allocations_of(invoice: Invoice, payment: Payment | None = None) -> Sequence[Posting]:
    """What pays an invoice now, of one payment or of all: neither reversals nor the reversed."""
    reversed_ids = select(Posting.reverses_id).where(Posting.reverses_id.is_not(None))
    query = select(Posting).where(
        Posting.invoice_id == invoice.id, Posting.account == Account.RECEIVABLE,
        Posting.payment_id.is_not(None), Posting.reverses_id.is_(None),
        Posting.id.not_in(reversed_ids),
    )  # fmt: skip
    if payment:
        query = query.where(Posting.payment_id == payment.id)
    return db.session.scalars(query.order_by(Posting.id)).all()


def post_credit(note: CreditNote) -> None:
    """Takes income, tax and claim back; what was paid on the claim becomes the payer's again."""
    invoice = note.invoice
    owner = invoice.organization_id
    post(
        f"credit:{note.id}", note.issued_on, note.currency, owner,
        [
            Entry(Account.RECEIVABLE, -note.total_minor, invoice_id=invoice.id),
            *(
                Entry(Account.INCOME, minor, income=income, invoice_id=invoice.id)
                for income, minor in _income(invoice.lines).items()
            ),
            Entry(Account.TAX_PAYABLE, note.tax_minor, invoice_id=invoice.id),
        ],
    )  # fmt: skip
    for allocation in allocations_of(invoice):
        post_freed(allocation, note.issued_on)
