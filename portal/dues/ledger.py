"""The journals: every move of money as postings that sum to zero."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from portal.core.ahead import each
from portal.core.db import db
from portal.core.filters import day
from portal.core.states import Refused
from portal.dues.models import (
    COMES_IN,
    Account,
    CreditNote,
    Invoice,
    InvoiceLine,
    Payment,
    Payout,
    Posting,
    ProviderFee,
    Reversal,
    WriteOff,
)
from portal.dues.queries.closed import THE_CLOSING, closed_until


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
    """Write one journal; entries of nothing are left out.

    Raises `Unbalanced`, and `Refused` on a day of which the books are closed.
    """
    entries = list(entries)
    _refuse_closed_days(on)
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


def _refuse_closed_days(on: date) -> None:
    until = each(closed_until, THE_CLOSING)
    if until and on <= until:
        raise Refused(
            f"The books are closed until {day(until)}: nothing can be booked on "
            f"{day(on)}. Finance can open them again."
        )


def _income(lines: Iterable[tuple[InvoiceLine, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for line, minor in lines:
        found[line.income] += minor
    return found


def post_issue(invoice: Invoice) -> None:
    post(
        f"issue:{invoice.id}", invoice.issued_on, invoice.currency, invoice.organization_id,
        [
            Entry(Account.RECEIVABLE, invoice.total_minor, invoice_id=invoice.id),
            *(
                Entry(Account.INCOME, -minor, income=income, invoice_id=invoice.id)
                for income, minor in _income(
                    (line, line.net_minor) for line in invoice.lines
                ).items()
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


def allocations_of(
    invoice: Invoice | None = None, payment: Payment | None = None
) -> Sequence[Posting]:
    """What pays an invoice now, or what a payment pays: neither reversals nor the reversed."""
    reversed_ids = select(Posting.reverses_id).where(Posting.reverses_id.is_not(None))
    query = select(Posting).where(
        Posting.account == Account.RECEIVABLE, Posting.payment_id.is_not(None),
        Posting.reverses_id.is_(None), Posting.id.not_in(reversed_ids),
    )  # fmt: skip
    if invoice:
        query = query.where(Posting.invoice_id == invoice.id)
    if payment:
        query = query.where(Posting.payment_id == payment.id)
    return db.session.scalars(query.order_by(Posting.id)).all()


def post_credit(note: CreditNote) -> None:
    """Takes income, tax and claim back."""
    invoice = note.invoice
    taken = _income((line.invoice_line, line.net_minor) for line in note.lines)
    post(
        f"credit:{note.id}", note.issued_on, note.currency, invoice.organization_id,
        [
            Entry(Account.RECEIVABLE, -note.total_minor, invoice_id=invoice.id),
            *(
                Entry(Account.INCOME, minor, income=income, invoice_id=invoice.id)
                for income, minor in taken.items()
            ),
            Entry(Account.TAX_PAYABLE, note.tax_minor, invoice_id=invoice.id),
        ],
    )  # fmt: skip


def free_some(allocations: Iterable[Posting], minor: int, on: date) -> None:
    """Take back so much of what these pay, the latest first; the rest of the last stays paid."""
    for allocation in reversed(list(allocations)):
        if minor <= 0:
            return
        post_freed(allocation, on)
        kept = -allocation.minor - minor
        if kept > 0 and allocation.payment and allocation.invoice:
            post_allocation(allocation.payment, allocation.invoice, kept, on)
        minor += allocation.minor


def post_write_off(write_off: WriteOff, on: date) -> None:
    invoice = write_off.invoice
    post(
        f"writeoff:{write_off.id}", on, invoice.currency, invoice.organization_id,
        [
            Entry(Account.BAD_DEBT, write_off.amount_minor, invoice_id=invoice.id),
            Entry(Account.RECEIVABLE, -write_off.amount_minor, invoice_id=invoice.id),
        ],
    )  # fmt: skip


def post_void(invoice: Invoice, on: date) -> None:
    """Claim, income and tax as they were issued, the other way round."""
    post_undone(f"issue:{invoice.id}", f"void:{invoice.id}", on)


def post_revival(invoice: Invoice, minor: int, on: date) -> None:
    """So much of what was written off is claimed again."""
    last = db.session.scalar(select(func.max(Posting.id)))
    post(
        f"writeoff-undone:{invoice.id}:{last}", on, invoice.currency, invoice.organization_id,
        [
            Entry(Account.RECEIVABLE, minor, invoice_id=invoice.id),
            Entry(Account.BAD_DEBT, -minor, invoice_id=invoice.id),
        ],
    )  # fmt: skip


def post_money_out(
    journal: str, on: date, payment: Payment, minor: int, left: int, out: Account
) -> None:
    """Money of a payment leaves by `out`: of the `left` that pays nothing; more is a loss."""
    of_payer = min(minor, left)
    post(
        journal, on, payment.currency, payment.organization_id,
        [
            Entry(Account.UNALLOCATED, of_payer, payment_id=payment.id),
            Entry(Account.BAD_DEBT, minor - of_payer, payment_id=payment.id),
            Entry(out, -minor, payment_id=payment.id),
        ],
    )  # fmt: skip


def post_reversal(reversal: Reversal) -> None:
    """The payment goes out of the account by which it came; what it paid must be free before."""
    payment = reversal.payment
    came = db.session.scalars(
        select(Posting).where(
            Posting.journal == f"payment:{payment.id}", Posting.payment_id == payment.id,
            Posting.account.in_(COMES_IN),
        )
    ).one()  # fmt: skip
    post(
        f"reversal:{reversal.id}", reversal.reversed_on, payment.currency,
        payment.organization_id,
        [
            Entry(Account.UNALLOCATED, payment.amount_minor, payment_id=payment.id),
            Entry(came.account, -came.minor, payment_id=payment.id, reverses_id=came.id),
        ],
    )  # fmt: skip


def post_fee(fee: ProviderFee, on: date) -> None:
    """What Stripe keeps of the money it took; its row names the payment."""
    minor = fee.amount_minor
    entries = [Entry(Account.FEES, minor), Entry(Account.CARD_CLEARING, -minor)]
    post(f"fee:{fee.id}", on, fee.currency, None, entries)


def post_payout(payout: Payout, on: date) -> None:
    minor = payout.amount_minor
    entries = [Entry(Account.BANK, minor), Entry(Account.CARD_CLEARING, -minor)]
    post(f"payout:{payout.id}", on, payout.currency, None, entries)


def is_posted(journal: str) -> bool:
    query = select(Posting.id).where(Posting.journal == journal)
    return db.session.scalar(query.limit(1)) is not None


def post_undone(journal: str, undoing: str, on: date) -> None:
    """Every posting of a journal, the other way round, in each of its currencies."""
    found = db.session.scalars(select(Posting).where(Posting.journal == journal)).all()
    for currency in dict.fromkeys(one.currency for one in found):
        post(
            undoing, on, currency, found[0].organization_id,
            [
                Entry(
                    one.account, -one.minor, income=one.income, invoice_id=one.invoice_id,
                    payment_id=one.payment_id, reverses_id=one.id,
                )
                for one in found if one.currency == currency
            ],
        )  # fmt: skip
