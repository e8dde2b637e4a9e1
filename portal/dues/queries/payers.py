"""Who sees and pays an invoice, what they paid, and which mails they got."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.core.ahead import each
from portal.core.bounces import are_bouncing, bouncing
from portal.core.db import db
from portal.core.merging import current_id, winners
from portal.core.money import Money
from portal.dues.models import (
    Account,
    Invoice,
    InvoiceKind,
    InvoiceMail,
    PayLink,
    Payment,
    Posting,
)
from portal.members.models import Affiliation, FirmRole, Organization
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


def contacts_of(organization_id: int) -> list[str]:
    """The addresses of a firm's dues contacts, those left out at which mail does not arrive."""
    return each(contacts_by_firm, organization_id)


def contacts_by_firm(firm_ids: Collection[int]) -> dict[int, list[str]]:
    """Of several firms, each under whatever number it is asked by, in three statements."""
    merged = winners(Organization)
    now = {firm_id: merged.get(firm_id, firm_id) for firm_id in firm_ids}
    query = (
        select(Affiliation.organization_id, Affiliation.roles, Person.email)
        .join(Affiliation.person)
        .where(
            Affiliation.organization_id.in_(set(now.values())), Affiliation.until_on.is_(None),
            Person.disabled_at.is_(None),
        )
        .order_by(func.lower(Person.display_name), Affiliation.id)
    )  # fmt: skip
    held = [row for row in db.session.execute(query) if FirmRole.DUES_CONTACT in row.roles]
    dead, found = bouncing(row.email for row in held), dict[int, list[str]]()
    for row in held:
        if row.email.lower() not in dead:
            found.setdefault(row.organization_id, []).append(row.email)
    return {firm_id: found.get(now[firm_id], []) for firm_id in firm_ids}


def addresses_of(invoice: Invoice) -> list[str]:
    """Where its papers are mailed: to the firm's dues contacts, else to the address on it.

    Before them to who pays it for the firm, if somebody does.
    Those of an event go to who ordered, whose address is on the invoice.
    """
    is_order = invoice.kind is InvoiceKind.EVENT or invoice.organization_id is None
    contacts = [] if is_order else contacts_of(invoice.organization_id or 0)
    own = contacts or [one for one in (invoice.bill_to.get("email"),) if one]
    return list(dict.fromkeys([*payer_addresses(invoice), *own]))


def payer_addresses(invoice: Invoice) -> list[str]:
    """Of who pays it for the firm, unless mail to them bounces."""
    found = invoice.paid_by.get("email")
    return [found] if found and not each(are_bouncing, found) else []


def addresses_of_payer(payment: Payment) -> list[str]:
    """Of who paid it for the firm, as its invoices name them, the last one first."""
    if not payment.paid_by or payment.organization_id is None:
        return []
    theirs = select(Invoice).where(
        Invoice.organization_id == payment.organization_id,
        Invoice.paid_by["name"].as_string() == payment.paid_by,
    )
    last = db.session.scalars(theirs.order_by(Invoice.id.desc()).limit(1)).first()
    return payer_addresses(last) if last else []


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


def is_now(firm: Organization | None, organization_id: int | None) -> bool:
    """Is it the firm of that number, or the one that it was merged into?"""
    if firm is None or organization_id is None:
        return False
    return firm.id == current_id(Organization, organization_id)
