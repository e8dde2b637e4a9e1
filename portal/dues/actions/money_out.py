"""Money of a payment that leaves, whoever sent it or took it."""

from portal.association.queries import today
from portal.core import audit
from portal.core.db import db
from portal.dues import ledger, signals
from portal.dues.actions.payments import close_other_pages
from portal.dues.models import Account, Invoice, Payment, PaymentMethod
from portal.dues.queries import unallocated_of


def account_of(method: PaymentMethod) -> Account:
    return Account.CARD_CLEARING if method is PaymentMethod.CARD else Account.BANK


def take_out(payment: Payment, minor: int, journal: str, out: Account) -> None:
    """Book that so much of a payment is gone: first what pays nothing, then what pays invoices.

    Those are owed again, the latest first. Hold the payment before; the caller commits.
    """
    on, short = today(), minor - unallocated_of(payment)
    pays = ledger.allocations_of(payment=payment)
    ledger.free_some(pays, short, on)
    ledger.post_money_out(journal, on, payment, minor, unallocated_of(payment), out)
    if short <= 0:
        return
    for invoice_id in sorted({one.invoice_id for one in pays if one.invoice_id}):
        invoice = db.session.get_one(Invoice, invoice_id)
        signals.money_went.send(invoice)
        close_other_pages(invoice)
        audit.record("payment.freed", payment, invoice=invoice.number, why=journal)
