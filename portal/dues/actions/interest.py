"""Charging the interest that came up on a late invoice, by an invoice of its own."""

from datetime import timedelta

from portal.association.queries import association, today
from portal.core import audit
from portal.core.filters import day
from portal.core.states import Refused
from portal.dues.actions.invoices import LineDraft, issue_invoice, with_tax
from portal.dues.actions.payments import lock
from portal.dues.actions.posts import mail_to_payer
from portal.dues.models import Invoice, InvoiceKind
from portal.dues.queries import bill
from portal.dues.queries.late import RULE, interest_to_date, taxes_on_interest


def charge_interest(invoice: Invoice) -> Invoice:
    """Issue and mail what came up until today; the next begins on the day after.

    The caller commits. Raises `Refused` when no interest runs on the invoice.
    """
    invoice = lock(invoice.id)
    found = interest_to_date(bill(invoice))
    if found is None:
        raise Refused("No interest runs on this invoice, or all of it is charged already.")
    since, until = found.from_on, found.until_on
    line = LineDraft(
        rule=RULE, text=f"Interest on invoice {invoice.number}", net_minor=found.money.minor,
        income=RULE,
        formula=f"{found.percent} % a year on what was owed from {day(since)} to {day(until)}",
        inputs={
            "invoice": invoice.id, "from": since.isoformat(), "until": until.isoformat(),
            "percent": found.percent,
        },
    )  # fmt: skip
    line = with_tax(line, taxes_on_interest(invoice))
    made = issue_invoice(
        kind=InvoiceKind.DUES, organization=invoice.organization, bill_to=invoice.bill_to,
        paid_by=invoice.paid_by,
        currency=invoice.currency, lines=[line], tax_percent="0",
        tax_text="No tax on interest", purchase_order=invoice.purchase_order,
        due_on=today() + timedelta(days=association().due_days),
    )  # fmt: skip
    audit.record("invoice.interest_charged", invoice, by_invoice=made.number)
    mail_to_payer(made)
    return made
