"""Who sees and pays an invoice, what they paid, and which mails they got."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.core.merging import current_id, winners
from portal.core.money import Money
from portal.dues.models import Account, Invoice, InvoiceMail, PayLink, Payment, Posting
from portal.members.models import Affiliation, Organization
from portal.members.powers import Power
from portal.members.queries import firms_where, people_with


def payer_firm_ids(person_id: int) -> list[int]:
    """The firms whose invoices a person sees: by their role, or for want of a dues contact.

    What was merged into such a firm is named too: its old invoices keep its number.
    """
    return _with_names(firms_where(person_id, Power.SEE_INVOICES))


def paying_firm_ids(person_id: int) -> list[int]:
    """The firms for which a person pays, orders, and sends invoices on; old numbers too."""
    return _with_names(firms_where(person_id, Power.PAY))


def _with_names(held: list[int]) -> list[int]:
    if not held:
        return []
    merged = winners(Organization)
    return [*held, *(old for old, new in merged.items() if new in held)]


def payers_of(organization_id: int) -> list[Affiliation]:
    """Who deals with a firm's money."""
    return people_with(Power.PAY, current_id(Organization, organization_id))


def live_link(token: str) -> Select[PayLink]:
    query = select(PayLink).where(PayLink.token == token, PayLink.revoked_at.is_(None))
    return query.options(joinedload(PayLink.invoice).selectinload(Invoice.lines))


def link_of(invoice: Invoice) -> PayLink | None:
    """The pay link that works now."""
    query = select(PayLink).where(PayLink.invoice_id == invoice.id, PayLink.revoked_at.is_(None))
    return db.session.scalars(query.order_by(PayLink.id.desc())).first()


def payments_of(invoice: Invoice) -> list[tuple[Payment, Money]]:
    """Each payment on an invoice, and how much of it went there."""
    query = (
        select(Payment, func.sum(-Posting.minor))
        .join(Posting, Posting.payment_id == Payment.id)
        .where(Posting.invoice_id == invoice.id, Posting.account == Account.RECEIVABLE)
        .group_by(Payment.id)
        .having(func.sum(Posting.minor) != 0)
        .order_by(Payment.received_on, Payment.id)
    )
    rows = db.session.execute(query)
    return [(payment, Money(int(minor), invoice.currency)) for payment, minor in rows]


def movements(invoice: Invoice) -> int:
    """How often money or a credit note moved what is owed: grows with each."""
    query = select(func.count(Posting.id)).where(
        Posting.invoice_id == invoice.id, Posting.account == Account.RECEIVABLE
    )
    return db.session.scalar(query) or 0


def mails_of(invoice: Invoice) -> Sequence[InvoiceMail]:
    query = select(InvoiceMail).where(InvoiceMail.invoice_id == invoice.id)
    return db.session.scalars(
        query.options(joinedload(InvoiceMail.mail)).order_by(InvoiceMail.id)
    ).all()
