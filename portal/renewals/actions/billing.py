"""Claiming what a quote says from a firm, and writing to those who deal with its dues."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import update

from portal.association.queries import association, today
from portal.core import mail
from portal.core.db import db
from portal.dues import actions as dues
from portal.dues.actions import LineDraft
from portal.dues.models import Invoice, InvoiceKind, InvoiceLine, Tariff
from portal.dues.notes import Notes, notes_of
from portal.dues.periods import months_of
from portal.dues.pricing import QuoteLine
from portal.dues.queries.payers import payer_addresses
from portal.dues.rules import tax_of
from portal.members.leaving import next_leaving
from portal.members.models import Membership, Organization
from portal.members.queries import policy_of
from portal.notices.actions import once
from portal.notices.models import Notice
from portal.renewals import queries
from portal.renewals.prices import anchor_of


def drafts(lines: Sequence[QuoteLine], membership_id: int) -> list[LineDraft]:
    return [
        LineDraft(
            rule=line.rule, text=line.text, net_minor=line.net, income=line.income,
            formula=line.formula, inputs=line.inputs, covers_from=line.covers_from,
            covers_to=line.covers_to, membership_id=membership_id, tax_percent=line.tax_percent,
            tax_outcome=line.tax_outcome, tax_text=line.tax_text,
        )
        for line in lines
    ]  # fmt: skip


def drafts_again(lines: Sequence[InvoiceLine], tariff: Tariff) -> list[LineDraft]:
    """Lines that were issued once, to be issued again word for word, taxed as their rule says."""
    taxes = {rule.get("id", rule["kind"]): tax_of(rule) for rule in tariff.book["rules"]}
    return [
        LineDraft(
            rule=line.rule, text=line.text, net_minor=line.net_minor, income=line.income,
            formula=line.formula, inputs=line.inputs, covers_from=line.covers_from,
            covers_to=line.covers_to, membership_id=line.membership_id,
            tax_percent=line.tax_percent if line.tax_outcome else taxes.get(line.rule),
            tax_outcome=line.tax_outcome, tax_text=line.tax_text,
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
        tax_percent=percent, tax_text=tariff.book.get("tax_text") or f"Tax {percent} %",
        due_on=max(due_on, not_before or due_on), notes=_notes(tariff, lines),
        **dues.billed(firm),
    )  # fmt: skip
    for address in dict.fromkeys([*payer_addresses(invoice), *queries.addresses_of(firm)]):
        dues.mail_invoice(invoice, address, is_new=True)
    return invoice


def _notes(tariff: Tariff, lines: Sequence[LineDraft]) -> Notes:
    covered = [line for line in lines if line.income == "dues" and line.covers_to]
    end_on = max((line.covers_to for line in covered if line.covers_to), default=None)
    held = db.session.get(Membership, lines[0].membership_id) if lines else None
    leaving = None
    if end_on and held:
        covered_by = max(held.terms, key=lambda one: one.start_on, default=None)
        leaving = next_leaving(
            policy_of(held.kind), today(), end_on, held.since_on, months_of(tariff.book),
            anchor_of(covered_by) if covered_by else None,
        )  # fmt: skip
    return notes_of(tariff.book, sum(line.net_minor for line in covered), leaving)


def tell(
    key: str, template: str, firm: Organization, subject: str, also: Sequence[str] = (),
    **facts: object,
) -> bool:  # fmt: skip
    """Write once to those who deal with the firm's dues; False when that was done before.

    `also` has addresses of others who get the same.
    A firm of which nobody is known is written to where its invoices go; with no such address
    the notice stands alone, and staff see that it reached nobody.
    """
    if not once(key, template, subject):
        return False
    people = queries.recipients(firm.id)
    addresses = [one.email for one in people] or queries.addresses_of(firm)
    everybody = dict.fromkeys([*addresses, *also])
    sent = [mail.queue(template, to, (), firm=firm, **facts) for to in everybody]
    if sent:
        db.session.flush()
        values = {"mail_id": sent[0].id, "person_id": people[0].id if people else None}
        db.session.execute(update(Notice).where(Notice.key == key).values(values))
    return True
