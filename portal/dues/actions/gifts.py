"""A gift on an invoice is given freely: its payer leaves it out while it is not paid."""

from portal.core import audit
from portal.core.states import Refused
from portal.dues import signals
from portal.dues.actions.credits import credit, priced
from portal.dues.actions.payments import lock
from portal.dues.models import CreditNote, CreditReason, Invoice
from portal.dues.queries import balance, creditable

WHY = "The gift was left out by who pays"


def without_gift(invoice: Invoice) -> CreditNote | None:
    """The credit note that would leave the gift out, not kept; None where that may not be.

    What was paid in part paid the rest first: the gift is unpaid as long as so much is owed.
    """
    left = creditable(invoice) if any(line.income == "gift" for line in invoice.lines) else {}
    gifts = {line.id: left[line.id] for line in invoice.lines if line.income == "gift"}
    if not any(gifts.values()):
        return None
    try:
        note = priced(invoice, WHY, CreditReason.WITHDRAWAL, gifts)
    except Refused:
        return None
    return note if note.total <= balance(invoice) else None


def leave_gift_out(invoice: Invoice) -> None:
    """By a credit note of that line; twice is as once. The caller commits.

    Raises `Refused` when there is no gift on it, and when the gift is paid.
    """
    invoice = lock(invoice.id)
    gifts = [line for line in invoice.lines if line.income == "gift"]
    if not gifts:
        raise Refused("There is no gift on this invoice.")
    left = creditable(invoice)
    if not any(left[line.id] for line in gifts):
        return
    if without_gift(invoice) is None:
        raise Refused("The gift is not owed any more: what was paid stays given.")
    credit(invoice, WHY, CreditReason.WITHDRAWAL, {line.id: left[line.id] for line in gifts})
    audit.record("invoice.gift_left_out", invoice)
    signals.gift_left_out.send(invoice)
