"""What becomes of a bank line of money that left: a refund, a fee, or set aside by name."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core.db import db
from portal.core.states import Refused
from portal.dues.actions.matches import hold_line, keep_match
from portal.dues.bank_ledger import post_bank_fee
from portal.dues.matching import Ground
from portal.dues.models import BankLine, BankMatch, Purpose, Refund, RefundStatus
from portal.dues.queries.closing import closed_until
from portal.dues.queries.outgoing import lines_of_refunds


@dataclass(frozen=True)
class Explained:
    """What money was for that left, who got it, and what the next person will ask."""

    purpose: Purpose
    payee: str
    why: str


def book_refund(
    line: BankLine, refund: Refund, ground: Ground, why: str, by: Person | None = None
) -> BankMatch:
    """Say that a line is a refund that staff sent, whose journal is written already.

    Raises `Refused` for another amount, for a refund that was not sent, and when either has its
    other side already.
    """
    hold_line(line)
    locked = select(Refund).where(Refund.id == refund.id).with_for_update()
    refund = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if (refund.currency, -refund.amount_minor) != (line.currency, line.minor):
        raise Refused(f"The refund is of {refund.money}: this is other money.")
    if refund.status is not RefundStatus.SUCCEEDED or lines_of_refunds([refund.id]):
        raise Refused("This refund was not sent, or has its bank line already.")
    match = BankMatch(
        line_id=line.id, refund_id=refund.id, organization_id=refund.payment.organization_id,
        ground=ground, why=why,
    )  # fmt: skip
    return keep_match(match, by)


def explain(line: BankLine, said: Explained, by: Person | None = None) -> BankMatch:
    """Say what money was for that left and who got it: fees are booked, the rest is set aside.

    Raises `Refused` for money that came in, and when something became of the line already.
    """
    hold_line(line)
    if line.came_in:
        raise Refused("This money came in: it pays an invoice, or is set aside.")
    match = keep_match(
        BankMatch(line_id=line.id, purpose=said.purpose, payee=said.payee, why=said.why), by
    )
    if match.is_fee:
        closed = closed_until()
        on = today() if closed and line.booked_on <= closed else line.booked_on
        post_bank_fee(match, -line.minor, line.currency, on)
    return match
