"""Bank lines of money that left: which refund each shows, what the last ones were, the proofs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, String, case, cast, func, literal, or_, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.core.merging import winners
from portal.dues.matching import ALIKE, Came, Proposal, likeness
from portal.dues.models import (
    FEES,
    Account,
    BankLine,
    BankMatch,
    Payment,
    PaymentMethod,
    Posting,
    Refund,
    RefundStatus,
    Reversal,
)
from portal.dues.queries.booked import DAYS, HOW, ever_paid, oldest_line
from portal.dues.queries.credits import Left, left, unallocated
from portal.dues.recognising import BEFORE, LONGEST, Entered, recognise_refund
from portal.members.models import Organization


def refunds_without_line() -> Select[Refund]:
    """Those that staff sent by their bank, on no statement so far; the oldest first."""
    live = BankMatch.refund_id == Refund.id, BankMatch.undone_at.is_(None)
    is_shown = select(BankMatch.id).where(*live).correlate(Refund).exists()
    young = Refund.sent_on > oldest_line()
    sent = Refund.status == RefundStatus.SUCCEEDED, Refund.method.in_(HOW), ~is_shown, young
    payer = joinedload(Refund.payment).joinedload(Payment.organization)
    return select(Refund).options(payer).where(*sent).order_by(Refund.sent_on, Refund.id)


def refunds_like(line: BankLine) -> Sequence[Refund]:
    """Those of the amount of a line, whatever their day: for choosing by hand."""
    same = Refund.amount_minor == -line.minor, Refund.currency == line.currency
    return db.session.scalars(refunds_without_line().where(*same).limit(10)).all()


def lines_of_refunds(ids: Iterable[int]) -> dict[int, BankLine]:
    """The bank line of each refund that has one."""
    query = (
        select(BankMatch.refund_id, BankLine)
        .join(BankMatch.line)
        .where(BankMatch.refund_id.in_(list(ids)), BankMatch.undone_at.is_(None))
    )
    return {int(number or 0): line for number, line in db.session.execute(query)}


def refund_proposals(lines: Sequence[BankLine], came: Mapping[int, Came]) -> dict[int, Proposal]:
    """The refund that each line shows which left; no refund is proposed for two lines."""
    out = [line for line in lines if not line.came_in]
    sent = _sent(out) if out else []
    found: dict[int, Proposal] = {}
    for line in out if sent else ():
        one = recognise_refund(came[line.id], line.booked_on, line.text, sent)
        if one:
            found[line.id] = one
            sent = [each for each in sent if each.id != one.refund_id]
    return found


def _sent(lines: Sequence[BankLine]) -> list[Entered]:
    days = [line.booked_on for line in lines]
    first, last = min(days) - timedelta(days=LONGEST), max(days) + timedelta(days=BEFORE)
    query = refunds_without_line().where(
        Refund.amount_minor.in_({-line.minor for line in lines}),
        Refund.sent_on.between(first, last),
    )
    rows = db.session.scalars(query).all()
    pays, now = ever_paid([one.payment_id for one in rows]), winners(Organization)
    return [_as_sent(one, pays.get(one.payment_id, []), now) for one in rows]


def _as_sent(one: Refund, pays: Sequence[tuple[str, str]], now: Mapping[int, int]) -> Entered:
    firm, firm_id = one.payment.organization, one.payment.organization_id
    return Entered(
        one.id, HOW[one.method], one.money, one.sent_on, DAYS.get(one.method, LONGEST),
        firm.name if firm else pays[0][1] if pays else "", firm_id and now.get(firm_id, firm_id),
        [number for number, _ in pays], one.reason,
    )  # fmt: skip


def last_explained(line: BankLine) -> BankMatch | None:
    """What the last line was that went to the same holder, where staff said what it was for."""
    query = (
        select(BankMatch)
        .join(BankMatch.line)
        .where(
            BankLine.holder == line.holder, BankMatch.purpose.is_not(None),
            BankMatch.undone_at.is_(None),
        )
        .order_by(BankMatch.id.desc())
    )  # fmt: skip
    return db.session.scalars(query.limit(1)).first() if line.holder else None


def credit_like(line: BankLine) -> list[Left]:
    """Payers' credit that a line may have sent back with nobody entering the refund."""
    query = unallocated().where(Payment.currency == line.currency)
    enough = query.having(-func.sum(Posting.minor) >= -line.minor).limit(200)
    return [
        one for one in left(enough)
        if one.payment.organization and one.payment.method != PaymentMethod.CARD
        and likeness(line.counterparty, one.payment.organization.name) >= ALIKE
    ][:5]  # fmt: skip


def outgoing_faults() -> Iterator[str]:
    """Nothing when all that went is as its bank line says, and each fee is booked as it left."""
    off = or_(BankLine.minor != -Refund.amount_minor, BankLine.currency != Refund.currency)
    refunds = (
        select(Refund.id, Refund.amount_minor, BankLine.minor)
        .join(BankMatch, BankMatch.refund_id == Refund.id)
        .join(BankMatch.line)
        .where(BankMatch.undone_at.is_(None), off)
    )
    for refund_id, minor, gone in db.session.execute(refunds):
        yield f"Refund {refund_id}: {minor} sent back, {-gone} on its bank line."
    other = or_(BankLine.minor != -Payment.amount_minor, BankLine.currency != Payment.currency)
    reversals = (
        select(Payment.id, Payment.amount_minor, BankLine.minor)
        .join(Reversal, Reversal.payment_id == Payment.id)
        .join(BankMatch, BankMatch.reversal_id == Reversal.id)
        .join(BankMatch.line)
        .where(BankMatch.undone_at.is_(None), other)
    )
    for payment_id, minor, gone in db.session.execute(reversals):
        yield f"Payment {payment_id}: {minor} went back, {-gone} on its bank line."
    booked = _booked()
    is_live = BankMatch.undone_at.is_(None) & BankMatch.purpose.in_(FEES)
    meant = case((is_live, -BankLine.minor), else_=0)
    fees = select(BankMatch.id, meant, booked).join(BankMatch.line)
    for match_id, minor, cost in db.session.execute(fees.where(booked != meant)):
        yield f"Fee of bank match {match_id}: {minor} left, {cost} booked."


def _booked() -> ColumnElement[int]:
    total = select(func.coalesce(func.sum(Posting.minor), 0))
    ours = Posting.journal.in_(fee_journals()), Posting.account == Account.FEES
    return total.where(*ours).correlate(BankMatch).scalar_subquery()


def fee_journals() -> tuple[ColumnElement[str], ColumnElement[str]]:
    """The journals of a match that may book a fee, and of its undoing."""
    number = cast(BankMatch.id, String)
    return literal("bank-fee:") + number, literal("bank-fee-undone:") + number
