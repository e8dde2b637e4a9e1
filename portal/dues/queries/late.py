"""Interest on what is late: reckoned day by day on what was owed on each."""

from collections.abc import Callable, Collection, Mapping
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
# From which day interest runs on what is due on each of some days: the ladders of reminders, which
# change over time, say it. A day on which none ever runs is left out.
runs_from: list[Callable[[Collection[date]], dict[date, date]]] = []
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
    if not Fraction(percent) or not bill.balance or firm_id is None:
        return None
    if any(line.rule == RULE for line in invoice.lines):
        return None  # simple interest: none on interest
    charged = _charged_until(invoice, firm_id)
    last = min(bill.on, _left_on(firm_id) or bill.on)
    claimed, parts = _owed(invoice), _parts(bill)
    starts = _starts({one[0] for one in claimed} | {one[0] for one in parts})
    postings = [
        (_after(starts[on] if is_back else on, charged), minor) for on, minor, is_back in claimed
    ]
    allowed = [(_after(starts[on], charged), left) for on, left in parts]
    first, spans = late_by_day(postings, allowed, last)
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


def _owed(invoice: Invoice) -> list[tuple[date, int, bool]]:
    """What came to be owed on each day, and whether it is money that went again.

    Then it is as late as a new claim is: not before the reminders have come so far again.
    """
    query = select(Posting.on, Posting.minor, is_taken_back()).where(
        Posting.invoice_id == invoice.id, Posting.account == Account.RECEIVABLE
    )
    return [(on, minor, bool(is_back)) for on, minor, is_back in db.session.execute(query)]


def _parts(bill: Bill) -> list[tuple[date, int]]:
    """From when on how much of the claim may be owed: by the plan, if any."""
    return [(one.due_on, one.left_minor) for one in bill.plan] or [(bill.invoice.due_on, 0)]


def _starts(days: Collection[date]) -> Mapping[date, date]:
    """From which day interest runs on what is due on each; never, where nothing says it."""
    told = [asked(days) for asked in runs_from]
    return {day: min((one.get(day, date.max) for one in told), default=date.max) for day in days}


def _after(on: date, charged: date | None) -> date:
    """That day, and never one that was charged already."""
    return max(on, charged + timedelta(days=1)) if charged else on


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
