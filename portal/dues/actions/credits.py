"""Taking a claim back."""

from portal.association.queries import association, today
from portal.core import audit
from portal.core.db import db
from portal.core.states import Refused
from portal.dues import ledger, references, signals
from portal.dues.actions.invoices import take_number
from portal.dues.actions.payments import close_other_pages, lock
from portal.dues.actions.posts import mail_credit
from portal.dues.models import CreditNote, Invoice
from portal.dues.queries import sums


def credit(invoice: Invoice, reason: str, *, tells: bool = True) -> CreditNote:
    """Take the whole claim back; what was paid on it is the payer's again. The caller commits.

    `tells` mails it; who never had the invoice from here is not told of its end.
    Raises `Refused` when a credit note was issued before.
    """
    invoice = lock(invoice.id)
    if sums([invoice.id])[invoice.id].credited or invoice.total_minor == 0:
        raise Refused("There is nothing left on this invoice that could be taken back.")
    series, on = association().credit_series, today()
    sequence = take_number(series, on.year)
    note = CreditNote(
        series=series, year=on.year, sequence=sequence, invoice=invoice, reason=reason,
        number=references.number(series, on.year, sequence), issued_on=on,
        currency=invoice.currency, net_minor=invoice.net_minor, tax_minor=invoice.tax_minor,
        total_minor=invoice.total_minor,
    )  # fmt: skip
    db.session.add(note)
    db.session.flush()
    ledger.post_credit(note)
    close_other_pages(invoice)
    if tells:
        mail_credit(note)
    audit.record("invoice.credited", invoice, note=note.number, reason=reason)
    signals.invoice_credited.send(invoice, credit_note=note)
    return note
