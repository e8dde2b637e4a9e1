"""A mail about dues that did not arrive goes to the next who deals with them."""

from sqlalchemy import select

from portal.accounts.models import Person
from portal.core import mail
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.dues import actions as dues
from portal.dues.models import Invoice, InvoiceMail
from portal.members.models import Affiliation, Organization
from portal.renewals import queries

OURS = ("dues/", "renewals/")


def pass_on(row: OutgoingMail) -> None:
    """To whoever is next at the firm; an invoice is mailed anew, with a link that works.

    Where nobody is next it stays with staff, who see the address among those that bounce.
    """
    if not row.template.startswith(OURS):
        return
    kept = db.session.scalars(select(InvoiceMail).filter_by(mail_id=row.id)).first()
    invoice = kept and db.session.get(Invoice, kept.invoice_id)
    firm = invoice.organization if invoice else _firm_of(row.recipient)
    if firm is None:
        return
    tried = {row.recipient.lower(), *_told_already(row)}
    for address in [one.email for one in queries.recipients(firm.id) if one.email not in tried]:
        if invoice and row.template in ("dues/issued", "dues/forwarded"):
            dues.mail_invoice(invoice, address)
        else:
            mail.send_copy(row, address)


def _told_already(row: OutgoingMail) -> set[str]:
    """Who got the same words in the same moment."""
    twins = select(OutgoingMail.recipient).where(
        OutgoingMail.template == row.template, OutgoingMail.subject == row.subject,
        OutgoingMail.queued_at >= row.queued_at, OutgoingMail.bounced_at.is_(None),
    )  # fmt: skip
    return {one.lower() for one in db.session.scalars(twins)}


def _firm_of(address: str) -> Organization | None:
    """The one firm of whoever has that address; where there are several, nobody can say which."""
    named = (
        select(Organization)
        .join(Affiliation, Affiliation.organization_id == Organization.id)
        .join(Person, Person.id == Affiliation.person_id)
        .where(Person.email == address.lower(), Affiliation.until_on.is_(None))
    )
    found = db.session.scalars(named.limit(2)).unique().all()
    return found[0] if len(found) == 1 else None
