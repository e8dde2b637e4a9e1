"""Mails about invoices, with who got them kept beside the invoice."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from portal.accounts.queries import SAME, staff
from portal.association.queries import association
from portal.core import clock, mail
from portal.core.access import Role
from portal.core.db import db
from portal.core.links import link
from portal.core.money import Money
from portal.dues import papers
from portal.dues.actions.links import pay_link
from portal.dues.models import CreditNote, Invoice, InvoiceMail, Payment, Refund, Void
from portal.dues.queries import addresses_of, bill, bill_as_issued, contacts_of
from portal.dues.queries.early import early_offer
from portal.dues.queries.payers import addresses_of_payer


def _keep(invoice: Invoice, sent: mail.OutgoingMail) -> None:
    db.session.add(InvoiceMail(invoice_id=invoice.id, mail=sent))


def mail_invoice(
    invoice: Invoice, to: str, sender: str = "", *, is_new: bool = False
) -> None:  # fmt: skip
    """Mail the PDF and the pay link; `sender` is the colleague who forwards it, if one does.

    Nothing was done yet to a new one, issued in this transaction. What a colleague forwards
    twice within minutes goes out once.
    """
    if sender and _was_forwarded(invoice, to):
        return
    token = (invoice.links[0] if is_new else pay_link(invoice)).token
    url = link("dues.pay_link", token=token)
    now = bill_as_issued(invoice) if is_new else bill(invoice)
    facts = {"invoice": invoice, "bill": now, "url": url, "sender": sender}
    facts["early"] = early_offer(invoice)
    template = "dues/forwarded" if sender else "dues/issued"
    _keep(invoice, mail.queue(template, to, [papers.of_invoice(now)], **facts))


def _was_forwarded(invoice: Invoice, to: str) -> bool:
    """A moment ago, to the same address; another form that does it now waits for this one."""
    db.session.execute(select(Invoice.id).where(Invoice.id == invoice.id).with_for_update())
    query = select(InvoiceMail.id).join(InvoiceMail.mail).where(
        InvoiceMail.invoice_id == invoice.id, mail.OutgoingMail.template == "dues/forwarded",
        mail.OutgoingMail.recipient == to, mail.OutgoingMail.queued_at >= clock.now() - SAME,
    )  # fmt: skip
    return db.session.scalar(query.limit(1)) is not None


def mail_to_payer(invoice: Invoice) -> None:
    """Mail the invoice to the firm's dues contacts, else to the address on it, if it has one."""
    for to in addresses_of(invoice):
        mail_invoice(invoice, to)


def mail_receipt(invoice: Invoice, payment: Payment) -> None:
    if to := addresses_of(invoice):
        url = link("dues.pay_link", token=pay_link(invoice).token)
        facts = {"bill": bill(invoice), "early": early_offer(invoice), "payment": payment}
        _mail("dues/received", to, invoice, url=url, **facts)


def mail_credit(note: CreditNote) -> None:
    invoice = note.invoice
    if to := addresses_of(invoice):
        facts = {"note": note, "bill": bill(invoice)}
        _mail("dues/credited", to, invoice, papers.of_note(note), **facts)


def mail_claim_again(note: CreditNote) -> None:
    """With a way to pay: what it claims is owed now, unless it is still time to pay early."""
    invoice = note.invoice
    if to := addresses_of(invoice):
        url = link("dues.pay_link", token=pay_link(invoice).token)
        facts = {
            "bill": bill(invoice), "early": early_offer(invoice), "url": url,
            "again": Money(-note.total_minor, note.currency),
        }  # fmt: skip
        _mail("dues/early_lost", to, invoice, papers.of_note(note), **facts)


def mail_void(made: Void) -> None:
    _mail("dues/voided", addresses_of(made.invoice), made.invoice, void=made)


def _mail(
    template: str, addresses: Iterable[str], invoice: Invoice,
    *attached: mail.Attachment | mail.Document, **facts: Any,
) -> None:  # fmt: skip
    for to in addresses:
        _keep(invoice, mail.queue(template, to, attached, invoice=invoice, **facts))


def mail_refund(refund: Refund) -> None:
    """Tell the firm, and before it who paid for it; a person alone sees it at their bank."""
    payment, firm = refund.payment, refund.payment.organization
    if firm is None:
        return
    own = contacts_of(firm.id) or [one for one in (firm.billing_email,) if one]
    for to in dict.fromkeys([*addresses_of_payer(payment), *own]):
        mail.queue("dues/refunded", to=to, refund=refund, firm=firm)


def mail_treasurer(template: str, **facts: Any) -> None:
    """Tell who keeps the money; the association's own address where nobody has that role."""
    held = db.session.scalars(staff()).unique()
    to = {one.person.email for one in held if one.role is Role.FINANCE}
    for address in sorted(to or {association().contact_email} - {""}):
        mail.queue(template, to=address, **facts)
