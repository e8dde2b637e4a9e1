"""Taking a payment out of the books, whole: it was no money, or its money went back."""

from dataclasses import dataclass
from datetime import date

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock, mail
from portal.core.db import db
from portal.core.links import link
from portal.core.states import Refused
from portal.dues import ledger, signals
from portal.dues.actions.links import pay_link
from portal.dues.actions.matches import hold_line, keep_match, undo
from portal.dues.actions.payments import close_other_pages, lock_payment
from portal.dues.bank_ledger import take_income_back
from portal.dues.matching import Ground
from portal.dues.models import (
    HOLDS_MONEY,
    BankLine,
    BankMatch,
    Invoice,
    Payment,
    Reversal,
    ReversalKind,
)
from portal.dues.queries import bill
from portal.dues.queries.bank import match_of
from portal.dues.queries.money_back import disputes_of, invoices_paid_by, refunds_of
from portal.dues.queries.payers import addresses_of
from portal.dues.queries.reversals import BY_BANK, line_that_took, reversal_of


@dataclass(frozen=True)
class Reversing:
    """Why a payment is taken out, from which day on, and the bank line by which it left."""

    kind: ReversalKind
    reason: str
    on: date
    line: BankLine | None = None
    by: Person | None = None


def reverse(payment: Payment, how: Reversing) -> Reversal:
    """Book a payment the other way round: what it paid is owed again. The caller commits.

    The bank line of money that was never there, or that is another firm's, is to be matched again.
    Raises `Refused` where a part of it was sent back or is disputed, and for what Stripe took.
    """
    payment = lock_payment(payment)
    refuse_reversal(payment, how)
    match = match_of(payment)
    if match and not how.kind.was_there:
        undo(match, how.reason)
    elif match:
        take_income_back(match, how.on)
    opened = _free(payment, how)
    made = Reversal(
        payment=payment, kind=how.kind, reason=how.reason, reversed_on=how.on,
        made_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    ledger.post_reversal(made)
    audit.record(
        "payment.reversed", payment, by=f"person:{how.by.id}" if how.by else "",
        kind=how.kind.value, amount=str(payment.money), reason=how.reason,
    )  # fmt: skip
    if how.line:
        book_reversal(how.line, made, how.by)
    if how.kind.was_there:
        _tell(made, opened)
    return made


def refuse_reversal(payment: Payment, how: Reversing) -> None:
    """Raises `Refused` where a payment cannot be taken out so."""
    if reversal_of(payment):
        raise Refused("This payment was reversed already.")
    if payment.may_go_back_to_card:
        raise Refused("The card processor took this payment: send it back to the card instead.")
    if any(one.status in HOLDS_MONEY for one in refunds_of(payment)) or disputes_of(payment):
        raise Refused("A part of this payment was sent back or is disputed: it is not whole.")
    if how.kind.was_there and payment.method not in BY_BANK:
        raise Refused("Only a transfer or a cheque comes back by the bank.")
    match = match_of(payment)
    if how.kind.was_there and match and ledger.is_posted(f"exchange:{match.id}"):
        raise Refused("The bank credited another amount: undo the match with its line first.")
    if how.on > today():
        raise Refused("It cannot be reversed on a day that has not come.")
    if how.on < payment.received_on:
        raise Refused("It cannot be reversed on a day before it was received.")


def _free(payment: Payment, how: Reversing) -> list[Invoice]:
    """Take back what it still pays; the invoices, which are owed again."""
    opened = [invoice for invoice, _ in invoices_paid_by(payment)]
    for allocation in ledger.allocations_of(payment=payment):
        ledger.post_freed(allocation, how.on)
    for invoice in opened:
        signals.money_went.send(invoice)
        close_other_pages(invoice)
        audit.record("payment.freed", payment, invoice=invoice.number, why=how.reason)
    return opened


def book_reversal(line: BankLine, reversal: Reversal, by: Person | None = None) -> BankMatch:
    """Say that by a line the money of a payment left again: nothing is booked.

    Raises `Refused` for another amount, for a payment that was no money, and when either has its
    other side already.
    """
    hold_line(line)
    payment = lock_payment(reversal.payment)
    if (payment.currency, -payment.amount_minor) != (line.currency, line.minor):
        raise Refused(f"The payment was of {payment.money}: this is other money.")
    if not reversal.kind.was_there or line_that_took([reversal.id]):
        raise Refused("No money left by this reversal, or it has its bank line already.")
    match = BankMatch(
        line_id=line.id, reversal_id=reversal.id, organization_id=payment.organization_id,
        ground=Ground.HAND, why=f"{reversal.kind.words}: {reversal.reason}",
    )  # fmt: skip
    return keep_match(match, by)


def _tell(reversal: Reversal, opened: list[Invoice]) -> None:
    """Who got the receipt hears that the money went again, with a way to pay."""
    for invoice in opened:
        url = link("dues.pay_link", token=pay_link(invoice).token)
        facts = {"invoice": invoice, "bill": bill(invoice), "payment": reversal.payment}
        for to in addresses_of(invoice):
            mail.queue("dues/went_back", to, (), reversal=reversal, url=url, **facts)
