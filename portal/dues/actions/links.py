"""Secret addresses at which an invoice can be seen and paid without signing in."""

import secrets

from sqlalchemy import select

from portal.core import audit, clock
from portal.core.db import db
from portal.dues.models import Invoice, PayLink


def pay_link(invoice: Invoice) -> PayLink:
    """The invoice's link that is not revoked; made now when there is none. The caller commits."""
    live = select(PayLink).where(PayLink.invoice_id == invoice.id, PayLink.revoked_at.is_(None))
    found = db.session.scalars(live.order_by(PayLink.id.desc())).first()
    return found or make_pay_link(invoice)


def make_pay_link(invoice: Invoice) -> PayLink:
    """The first link of an invoice, or the next after one that was revoked."""
    token = secrets.token_urlsafe(32)
    made = PayLink(invoice=invoice, token=token, made_at=clock.now(), revoked_at=None)
    db.session.add(made)
    return made


def renew_pay_link(invoice: Invoice) -> PayLink:
    """Revoke the link that was mailed and make another. The caller commits."""
    pay_link(invoice).revoked_at = clock.now()
    db.session.flush()
    audit.record("invoice.link_renewed", invoice)
    return make_pay_link(invoice)
