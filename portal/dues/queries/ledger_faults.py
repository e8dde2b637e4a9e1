"""Proofs over the books: a sentence for each thing that does not add up."""

from collections.abc import Iterator

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from portal.core.db import db
from portal.dues.models import Account, CreditNote, Invoice, NumberSeries, Posting
from portal.dues.queries.bank_income import bank_income_faults
from portal.dues.queries.claim_faults import claim_faults
from portal.dues.queries.outgoing import outgoing_faults
from portal.dues.queries.payment_faults import payment_faults
from portal.dues.queries.payouts import payout_faults


def ledger_faults() -> Iterator[str]:
    """Nothing when every journal, balance, payment and number is as it must be."""
    yield from _journals()
    yield from _invoices()
    yield from claim_faults()
    yield from payment_faults()
    yield from payout_faults()
    yield from outgoing_faults()
    yield from bank_income_faults()
    yield from _numbers()


def _journals() -> Iterator[str]:
    total = func.sum(Posting.minor)
    query = select(Posting.journal, Posting.currency, total)
    unbalanced = query.group_by(Posting.journal, Posting.currency).having(total != 0)
    for journal, currency, minor in db.session.execute(unbalanced):
        yield f"Journal {journal} is off by {minor} minor units of {currency}."


def _by_invoice(*conditions: ColumnElement[bool]) -> Select[int]:
    total = select(func.coalesce(func.sum(Posting.minor), 0))
    return total.where(Posting.invoice_id == Invoice.id, *conditions).correlate(Invoice)


def _invoices() -> Iterator[str]:
    """The claim was posted whole, its income and tax too, and nobody paid more than it."""
    issue = Posting.journal == literal("issue:") + cast(Invoice.id, String)
    claimed = _by_invoice(issue, Posting.account == Account.RECEIVABLE).scalar_subquery()
    taxed = _by_invoice(issue, Posting.account == Account.TAX_PAYABLE).scalar_subquery()
    balance = _by_invoice(Posting.account == Account.RECEIVABLE).scalar_subquery()
    query = select(Invoice.number, Invoice.total_minor, claimed, balance).where(
        or_(claimed != Invoice.total_minor, taxed != -Invoice.tax_minor, balance < 0)
    )
    for number, total, posted, left in db.session.execute(query):
        yield f"Invoice {number}: {total} charged, {posted} posted, {left} left."


def _numbers() -> Iterator[str]:
    """Each series counts from 1 to its last number with none missing, year by year."""
    counted = union_all(_counted(Invoice), _counted(CreditNote))
    for series, year, count, first, last, taken in db.session.execute(counted):
        if (first, last, taken) != (1, count, count):
            yield f"Series {series}-{year}: {count} numbers, {first} to {last}, {taken} taken."


def _counted(kind: type[Invoice | CreditNote]) -> Select[str, int, int, int, int, int]:
    same = and_(NumberSeries.series == kind.series, NumberSeries.year == kind.year)
    numbers = func.count(), func.min(kind.sequence), func.max(kind.sequence)
    query = select(kind.series, kind.year, *numbers, func.max(NumberSeries.last))
    return query.outerjoin(NumberSeries, same).group_by(kind.series, kind.year)
