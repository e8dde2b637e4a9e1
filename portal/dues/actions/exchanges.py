"""Money that the bank credited in another currency, or as another amount, than was paid."""

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues.actions.matches import hold_line, keep_match, refuse_shown
from portal.dues.actions.payments import lock_payment, record_transfer
from portal.dues.bank_ledger import post_exchange
from portal.dues.matching import Ground
from portal.dues.models import BankLine, BankMatch, Invoice, Payment
from portal.dues.queries.booked import HOW
from portal.dues.queries.closing import closed_until
from portal.dues.queries.exchanges import is_near


def book_exchanged(line: BankLine, payment: Payment, by: Person | None = None) -> BankMatch:
    """Say that a line is a payment that staff entered by hand, and book the difference.

    Raises `Refused` where it is the same amount, or one of the same currency that is far off.
    """
    hold_line(line)
    payment = lock_payment(payment)
    if not line.came_in or payment.money == line.money:
        raise Refused("There is no difference to book between this line and the payment.")
    if payment.method not in HOW or not is_near(line, payment):
        raise Refused(f"The payment is of {payment.money}: this is other money.")
    refuse_shown(line, payment)
    match = BankMatch(
        line_id=line.id, payment_id=payment.id, organization_id=payment.organization_id,
        ground=Ground.HAND, why=f"{payment.money} was paid; the bank credited {line.money}.",
    )  # fmt: skip
    keep_match(match, by)
    closed = closed_until()
    on = today() if closed and line.booked_on <= closed else line.booked_on
    post_exchange(match, payment, line, on)
    return match


def pay_from_abroad(
    line: BankLine, invoice: Invoice, money: Money, by: Person | None = None
) -> BankMatch:
    """Let a line pay an invoice in another currency, by so much of that currency.

    Raises `Refused` for an invoice in the line's own currency, and as `record_transfer` does.
    """
    if invoice.currency == line.currency:
        raise Refused(f"Invoice {invoice.number} is in the currency of the line: book it there.")
    note = " / ".join(filter(None, (line.counterparty, line.text)))[:200]
    payment = record_transfer(invoice, money, line.booked_on, note, by=by)
    return book_exchanged(line, payment, by)
