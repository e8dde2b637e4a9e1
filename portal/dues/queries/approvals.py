"""What waits for a second person, who may approve it, and from which amount on."""

from collections.abc import Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.accounts.queries import staff
from portal.association.queries import association
from portal.core.access import ROLES, Permission
from portal.core.db import db
from portal.core.money import Money
from portal.dues.models import (
    HOLDS_MONEY,
    Approval,
    ApprovalKind,
    ApprovalStatus,
    Invoice,
    Payment,
    Refund,
    RefundOrigin,
)
from portal.dues.queries.invoices import sums


def approvals(state: str = "waiting") -> Select[Approval]:
    """Those that wait, the oldest first; or those that were decided, the latest first."""
    shown = (
        joinedload(Approval.invoice), joinedload(Approval.proposed_by),
        joinedload(Approval.payment).joinedload(Payment.organization),
        joinedload(Approval.decided_by),
    )  # fmt: skip
    query = select(Approval).options(*shown)
    if state == "decided":
        is_over = Approval.status != ApprovalStatus.PROPOSED
        return query.where(is_over).order_by(Approval.decided_at.desc(), Approval.id.desc())
    waits = Approval.status == ApprovalStatus.PROPOSED
    return query.where(waits).order_by(Approval.proposed_at, Approval.id)


def waiting_of(subject: Invoice | Payment) -> Sequence[Approval]:
    """What waits for a second person on an invoice or a payment."""
    is_invoice = isinstance(subject, Invoice)
    column = Approval.invoice_id if is_invoice else Approval.payment_id
    return db.session.scalars(approvals().where(column == subject.id)).all()


def limit() -> Money | None:
    """Above this two people are needed; None where the association wants no second one."""
    home = association()
    minor = home.approval_above_minor
    return None if minor is None else Money(minor, home.currency)


def needs_second(money: Money, before: int = 0) -> bool:
    """Whether this, with what was done `before` on the same subject, is above the limit.

    In a currency that is not the association's own everything is: no rate is assumed.
    """
    top = limit()
    if top is None:
        return False
    return money.currency != top.currency or money.minor + before > top.minor


def done_before(kind: ApprovalKind, subject: Invoice | Payment) -> int:
    """Minor units sent back or taken back so far: many small ones are a large one."""
    if kind is ApprovalKind.CREDIT:
        return sums([subject.id])[subject.id].credited
    if kind is not ApprovalKind.REFUND:
        return 0
    total = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.payment_id == subject.id, Refund.status.in_(HOLDS_MONEY),
        Refund.origin == RefundOrigin.PORTAL,
    )  # fmt: skip
    return int(db.session.scalar(total) or 0)


def may_approve(proposer: Person) -> list[Person]:
    """Every other person who may move money."""
    held = db.session.scalars(staff()).unique()
    found = {
        one.person_id: one.person for one in held
        if Permission.DUES_MANAGE in ROLES[one.role] and one.person_id != proposer.id
    }  # fmt: skip
    return list(found.values())


def both_signed(keep_id: int, lose_id: int) -> str:
    """Why two accounts cannot be merged that proposed and decided the same money act."""
    pairs = ((keep_id, lose_id), (lose_id, keep_id))
    by_both = or_(*(
        (Approval.proposed_by_id == one) & (Approval.decided_by_id == other)
        for one, other in pairs
    ))  # fmt: skip
    found = db.session.scalars(select(Approval).where(by_both).order_by(Approval.id)).first()
    if found is None:
        return ""
    return (
        f"One proposed and the other decided {found.kind.words.lower()} {found.id} of "
        f"{found.money}: it is on record as of two people. If they were one, bring it to the "
        "board; the accounts stay two."
    )
