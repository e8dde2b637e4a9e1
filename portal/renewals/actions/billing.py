"""Claiming what a quote says from a firm, and writing to those who deal with its dues."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import update

from portal.association.queries import association, today
from portal.core import mail
from portal.core.db import db
from portal.dues import actions as dues
from portal.dues.actions import LineDraft
from portal.dues.models import Invoice, InvoiceKind, Tariff
from portal.dues.pricing import QuoteLine
from portal.members.models import Organization
from portal.notices.actions import once
from portal.notices.models import Notice
from portal.renewals import queries


def drafts(lines: Sequence[QuoteLine], membership_id: int) -> list[LineDraft]:
    return [
        LineDraft(
            rule=line.rule, text=line.text, net_minor=line.net, income=line.income,
            formula=line.formula, inputs=line.inputs, covers_from=line.covers_from,
            covers_to=line.covers_to, membership_id=membership_id, tax_percent=line.tax_percent,
        )
        for line in lines
    ]  # fmt: skip


def claim(
    firm: Organization, tariff: Tariff, lines: Sequence[LineDraft], not_before: date | None = None
) -> Invoice:
    """Issue and mail an invoice; it is due in the usual days, and not before the day given."""
    percent = str(tariff.book.get("tax_percent", "0"))
    due_on = today() + timedelta(days=association().due_days)
    invoice = dues.issue_invoice(
        kind=InvoiceKind.DUES, organization=firm, currency=tariff.currency, lines=lines,
        bill_to={
            "name": firm.name, "address": firm.address, "country": firm.country,
            "tax_id": firm.tax_id, "email": firm.billing_email,
        },
        tax_percent=percent, tax_text=tariff.book.get("tax_text") or f"Tax {percent} %",
        purchase_order=firm.purchase_order, due_on=max(due_on, not_before or due_on),
    )  # fmt: skip
    if firm.billing_email:
        dues.mail_invoice(invoice, firm.billing_email)
    return invoice


def tell(key: str, template: str, firm: Organization, subject: str, **facts: object) -> bool:
    """Write once to those who deal with the firm's dues; False when that was done before.

    A firm of which nobody is known is written to where its invoices go; with no such address
    the notice stands alone, and staff see that it reached nobody.
    """
    if not once(key, template, subject):
        return False
    people = queries.recipients(firm.id)
    addresses = [one.email for one in people] or [one for one in (firm.billing_email,) if one]
    sent = [mail.queue(template, to, (), firm=firm, **facts) for to in addresses]
    if sent:
        values = {"mail_id": sent[0].id, "person_id": people[0].id if people else None}
        db.session.execute(update(Notice).where(Notice.key == key).values(values))
    return True
