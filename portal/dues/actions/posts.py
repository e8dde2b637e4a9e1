"""Mails about invoices, with who got them kept beside the invoice."""

from typing import Any

from portal.accounts.queries import staff
from portal.association.queries import association
from portal.core import mail
from portal.core.access import Role
from portal.core.db import db
from portal.core.links import link
from portal.dues import papers
from portal.dues.actions.links import pay_link
from portal.dues.models import CreditNote, Invoice, InvoiceMail, Payment, Refund, Void
from portal.dues.queries import bill


def _keep(invoice: Invoice, sent: mail.OutgoingMail) -> None:
    db.session.add(InvoiceMail(invoice_id=invoice.id, mail=sent))
    db.session.flush()


def mail_invoice(invoice: Invoice, to: str, sender: str = "") -> None:
    """Mail the PDF and the pay link; `sender` is the colleague who forwards it, if one does."""
    url = link("dues.pay_link", token=pay_link(invoice).token)
    now = bill(invoice)
    facts = {"invoice": invoice, "bill": now, "url": url, "sender": sender}
    template = "dues/forwarded" if sender else "dues/issued"
    _keep(invoice, mail.queue(template, to, [papers.of_invoice(now)], **facts))


def mail_receipt(invoice: Invoice, payment: Payment) -> None:
    to = invoice.bill_to.get("email")
    if not to:
        return
    url = link("dues.pay_link", token=pay_link(invoice).token)
    shown = bill(invoice)
    _keep(
        invoice,
        mail.queue("dues/received", to, invoice=invoice, bill=shown, payment=payment, url=url),
    )


def mail_credit(note: CreditNote) -> None:
    invoice = note.invoice
    to = invoice.bill_to.get("email")
    if not to:
        return
    facts = {"invoice": invoice, "note": note, "bill": bill(invoice)}
    _keep(invoice, mail.queue("dues/credited", to, [papers.of_note(note)], **facts))


def mail_void(made: Void) -> None:
    invoice = made.invoice
    if to := invoice.bill_to.get("email"):
        _keep(invoice, mail.queue("dues/voided", to, invoice=invoice, void=made))


def mail_refund(refund: Refund) -> None:
    """Tell the firm that paid; a person without a firm sees it at their bank."""
    firm = refund.payment.organization
    if firm and firm.billing_email:
        mail.queue("dues/refunded", to=firm.billing_email, refund=refund, firm=firm)


def mail_treasurer(template: str, **facts: Any) -> None:
    """Tell who keeps the money; the association's own address where nobody has that role."""
    held = db.session.scalars(staff()).unique()
    to = {one.person.email for one in held if one.role is Role.FINANCE}
    for address in sorted(to or {association().contact_email} - {""}):
        mail.queue(template, to=address, **facts)
