"""Interest on what is late: reckoned day by day on what was owed on each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import func, select

from portal.association.queries import association
from portal.core.db import db
from portal.core.merging import names_of
from portal.core.money import Money
from portal.dues.instalments import interest_over
from portal.dues.models import Account, Invoice, InvoiceLine, Posting
from portal.dues.queries.bills import Bill
from portal.dues.queries.invoices import sums
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


def interest_to_date(bill: Bill) -> Interest | None:
    """None where none runs: no rate, nothing owed, a plan that is kept, a firm that left."""
    invoice, percent = bill.invoice, association().interest_percent
    firm_id = invoice.organization_id
    if not Fraction(percent) or not runs_after or not bill.balance or firm_id is None:
        return None
    if any(line.rule == RULE for line in invoice.lines):
        return None  # simple interest: none on interest
    first = bill.due_on + timedelta(days=min(runs_after))
    charged = _charged_until(invoice, firm_id)
    first = max(first, charged + timedelta(days=1)) if charged else first
    last = min(bill.on, _left_on(firm_id) or bill.on)
    if first > last:
        return None
    money = interest_over(_owed_by_day(invoice, first, last), invoice.currency, Fraction(percent))
    return Interest(money, first, last, percent) if money else None


def _owed_by_day(invoice: Invoice, first: date, last: date) -> list[tuple[int, int]]:
    """What was owed and for how many days, from the first day to the last."""
    query = (
        select(Posting.on, func.sum(Posting.minor))
        .where(Posting.invoice_id == invoice.id, Posting.account == Account.RECEIVABLE)
        .group_by(Posting.on)
        .order_by(Posting.on)
    )
    owed, since, spans = 0, first, []
    for on, minor in db.session.execute(query):
        if on > last:
            break
        if on > since:
            spans.append((owed, (on - since).days))
            since = on
        owed += int(minor)
    return [*spans, (owed, (last - since).days + 1)]


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
