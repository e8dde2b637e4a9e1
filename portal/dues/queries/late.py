"""Interest on what is late: reckoned day by day on what was owed on each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import select

from portal.association.queries import association
from portal.core.db import db
from portal.core.merging import names_of
from portal.core.money import Money
from portal.dues.instalments import interest_over, late_by_day
from portal.dues.models import Account, Invoice, InvoiceLine, Posting
from portal.dues.queries.bills import Bill
from portal.dues.queries.invoices import sums
from portal.dues.queries.reopened import is_taken_back
from portal.dues.queries.taxing import payer_kind, taxes_of_payer
from portal.dues.tax_rules import Outcome
from portal.members.models import Membership, Organization

RULE = "interest"
# Days after the due day from which interest runs: the ladder of reminders says it.
runs_after: list[int] = []
# The last day of a membership that is resigned, which the night has not ended yet.
last_days: list[Callable[[int], date | None]] = []


@dataclass(frozen=True)
class Interest:
    """What has come up from one day to another, both inclusive, and is not charged yet."""

    money: Money
    from_on: date
    until_on: date
    percent: str
    tax_text: str = ""  # of the tax that is added to it; empty where none is


def interest_to_date(bill: Bill) -> Interest | None:
    """None where none runs: no rate, nothing owed, a plan that is kept, a firm that left."""
    invoice, percent = bill.invoice, association().interest_percent
    firm_id = invoice.organization_id
    if not Fraction(percent) or not runs_after or not bill.balance or firm_id is None:
        return None
    if any(line.rule == RULE for line in invoice.lines):
        return None  # simple interest: none on interest
    charged = _charged_until(invoice, firm_id)
    last = min(bill.on, _left_on(firm_id) or bill.on)
    first, spans = late_by_day(_owed(invoice, charged), _allowed(bill, charged), last)
    money = interest_over(spans, invoice.currency, Fraction(percent))
    return Interest(money, first, last, percent, _tax_text(invoice)) if first and money else None


def taxes_on_interest(invoice: Invoice) -> dict[str, dict[str, str]]:
    """What the tax rules of today say of who was invoiced, as the invoice names it."""
    firm, to = invoice.organization, invoice.bill_to
    kind = payer_kind(firm) if firm else "business"
    return taxes_of_payer(to.get("country", ""), to.get("tax_id", ""), kind)


def _tax_text(invoice: Invoice) -> str:
    told = taxes_on_interest(invoice).get(RULE)
    return told["text"] if told and Outcome(told["outcome"]).is_charged else ""


def _owed(invoice: Invoice, charged: date | None) -> list[tuple[date, int]]:
    """What came to be owed on each day; money that went again is owed anew from its own day.

    Then it is as late as a new claim is: not before the reminders have come so far again.
    """
    query = select(Posting.on, Posting.minor, is_taken_back()).where(
        Posting.invoice_id == invoice.id, Posting.account == Account.RECEIVABLE
    )
    return [
        (_after(on, charged, min(runs_after) if is_back else 0), minor)
        for on, minor, is_back in db.session.execute(query)
    ]


def _allowed(bill: Bill, charged: date | None) -> list[tuple[date, int]]:
    """From when on how much of the claim may be owed without interest: by the plan, if any."""
    parts = [(one.due_on, one.left_minor) for one in bill.plan] or [(bill.invoice.due_on, 0)]
    return [(_after(on, charged, min(runs_after)), left) for on, left in parts]


def _after(on: date, charged: date | None, days: int) -> date:
    """So many days later, and never a day that was charged already."""
    later = on + timedelta(days=days)
    return max(later, charged + timedelta(days=1)) if charged else later


def _charged_until(invoice: Invoice, firm_id: int) -> date | None:
    """The last day that an interest invoice charged; one that was taken back charged nothing."""
    query = (
        select(InvoiceLine)
        .join(InvoiceLine.invoice)
        .where(
            Invoice.organization_id.in_(names_of(Organization, firm_id)), InvoiceLine.rule == RULE
        )
    )
    lines = [one for one in db.session.scalars(query) if one.inputs["invoice"] == invoice.id]
    found = sums(one.invoice_id for one in lines)
    standing = [
        one for one in lines if not found[one.invoice_id].takes_all(one.invoice.total_minor)
    ]
    return max((date.fromisoformat(one.inputs["until"]) for one in standing), default=None)


def _left_on(firm_id: int) -> date | None:
    """The last day of a firm all of whose memberships end; None while one stays open."""
    firm = Membership.organization_id.in_(names_of(Organization, firm_id))
    held = db.session.execute(select(Membership.id, Membership.ended_on).where(firm)).all()
    ends = [ended_on or _resigned_until(one) for one, ended_on in held]
    known = [one for one in ends if one is not None]
    return max(known) if known and len(known) == len(ends) else None


def _resigned_until(membership_id: int) -> date | None:
    found = [last_day(membership_id) for last_day in last_days]
    return next((one for one in found if one), None)
