"""A bank line that pays no invoice and is nobody's credit: it is income."""

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core.merging import current_id
from portal.core.states import Refused
from portal.dues.actions.matches import book, hold_line
from portal.dues.actions.payments import lock_payment
from portal.dues.bank_ledger import post_income
from portal.dues.matching import Ground
from portal.dues.models import BankIncome, BankLine, BankMatch, Payment
from portal.dues.queries import unallocated_of
from portal.dues.queries.bank import payment_of
from portal.members.models import Organization


def book_income(
    line: BankLine, income: BankIncome, sender: int, by: Person | None = None
) -> BankMatch:
    """Take all of a line as income of a category, from a firm or, by 0, somebody outside.

    It never counts as credit. What was in the books before becomes income today. The caller
    commits. Raises `Refused` for money of which a part was used, or that is another firm's, and
    when something became of the line already.
    """
    hold_line(line)
    before = payment_of(line)
    if before:
        _refuse_used(before, sender)
    match = book(line, [], Ground.HAND, f"{income.words}, without an invoice.", by, sender=sender)
    if match.payment:
        post_income(match, match.payment, income, today() if before else line.booked_on)
    return match


def _refuse_used(payment: Payment, sender: int) -> None:
    payment = lock_payment(payment)
    firm_id = payment.organization_id
    if firm_id and current_id(Organization, firm_id) != sender:
        raise Refused(
            "The money is in the books as another firm's: reverse its payment as booked for the "
            "wrong firm first."
        )
    if unallocated_of(payment) != payment.amount_minor:
        raise Refused("A part of this money was used or went back: it cannot be income.")
