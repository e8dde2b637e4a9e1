"""What becomes of a bank line: it pays invoices, is kept as credit, or is set aside."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.accounts.models import Person
from portal.core import audit, clock
from portal.core.db import db
from portal.core.merging import current_id
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import ledger
from portal.dues.actions.payments import Arrival, allocate, free, receive
from portal.dues.matching import Ground, Proposal
from portal.dues.models import BankLine, BankMatch, Invoice, Payment, Payout, PayoutStatus
from portal.dues.queries.bank import (
    firm_of_holder,
    live_matches,
    match_of,
    payment_of,
    proposals,
)
from portal.dues.queries.money_back import invoices_paid_by
from portal.dues.queries.payouts import lines_of_payouts
from portal.members.models import Organization

CHUNK = 100


def book(
    line: BankLine, shares: ledger.Shares, ground: Ground, why: str, by: Person | None = None
) -> BankMatch:
    """Book a line and what it pays; what no share takes is the payer's credit.

    Raises `Refused` for money that left, for a line of which something became already, and for
    shares that are more than came or than is owed.
    """
    _hold(line)
    if not line.came_in:
        raise Refused("This money left the account: it pays no invoice of ours.")
    firm_id = _payer(shares) if shares else firm_of_holder(line)
    payment = payment_of(line)
    if payment is None:
        payment = receive(_arrival(line, firm_id), shares)
    else:
        _place(payment, shares)
    return _keep(
        BankMatch(
            line_id=line.id, payment_id=payment.id, organization_id=firm_id, ground=ground,
            why=why,
        ), by,
    )  # fmt: skip


def book_payout(
    line: BankLine, payout: Payout, ground: Ground, why: str, by: Person | None = None
) -> BankMatch:
    """Say that a line is a payout of the card processor, whose journal is written already.

    Raises `Refused` for another amount, and when either has its other side already.
    """
    _hold(line)
    locked = select(Payout).where(Payout.id == payout.id).with_for_update()
    payout = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if (payout.currency, payout.amount_minor) != (line.currency, line.minor):
        raise Refused(f"The payout is of {payout.money}: this is other money.")
    if payout.status is not PayoutStatus.PAID or lines_of_payouts([payout.id]):
        raise Refused("This payout came back, or has its bank line already.")
    if payment_of(line):
        raise Refused("The money of this line is in the books as a payment.")
    return _keep(BankMatch(line_id=line.id, payout_id=payout.id, ground=ground, why=why), by)


def _arrival(line: BankLine, firm_id: int | None) -> Arrival:
    note = " / ".join(filter(None, (line.counterparty, line.text)))[:200]
    return Arrival(
        line.money, line.booked_on, firm_id, external_id=line.external_id, note=note
    )  # fmt: skip


def _place(payment: Payment, shares: ledger.Shares) -> None:
    for invoice, minor in sorted(shares, key=lambda share: share[0].id):
        allocate(payment, invoice, Money(minor, payment.currency))


def _payer(shares: ledger.Shares) -> int | None:
    number = shares[0][0].organization_id
    return None if number is None else current_id(Organization, number)


def place_rest(match: BankMatch, shares: ledger.Shares) -> None:
    """Pay more invoices with what is left of a matched line."""
    _find_live(match)
    if match.payment is None:
        raise Refused("This line pays no invoice: take back what became of it first.")
    _place(match.payment, shares)
    if match.organization_id is None and shares:
        match.organization_id = _payer(shares)


def set_aside(line: BankLine, why: str, by: Person | None = None) -> BankMatch:
    """Say that a line has nothing to do with invoices, and why.

    Raises `Refused` when something became of it already, or when its money is in the books.
    """
    _hold(line)
    if payment_of(line):
        raise Refused("The money of this line is in the books: it cannot be set aside.")
    return _keep(BankMatch(line_id=line.id, ground=None, why=why), by)


def unmatch(payment: Payment, invoice: Invoice, why: str) -> bool:
    """Free what a payment pays on an invoice; whether its bank line is to do again with that.

    It is when the payment pays nothing else. The caller commits.
    """
    match = match_of(payment)
    if match:
        _find_live(match)
    free(payment, invoice, why)
    if match is None or invoices_paid_by(payment):
        return False
    undo(match, why)
    return True


def undo(match: BankMatch, why: str) -> None:
    """The line is to do again; what its money paid is owed again. The money stays in the books."""
    _find_live(match)
    if match.payment:
        for invoice, _ in invoices_paid_by(match.payment):
            free(match.payment, invoice, why)
    match.undone_at, match.undone_why = clock.now(), why
    db.session.flush()
    audit.record("bankmatch.undone", match, reason=why)


def book_certain(lines: Sequence[BankLine], by: Person | None = None) -> int:
    """Book the lines that name their invoices and bring exactly what is owed; how many were."""
    booked = 0
    for start in range(0, len(lines), CHUNK):
        chunk = [one for one in lines[start : start + CHUNK] if one.came_in]
        found = proposals(chunk)
        for line in chunk:
            if found[line.id].ground is Ground.REFERENCE:
                booked += _is_booked(line, found[line.id], by)
    return booked


def _is_booked(line: BankLine, found: Proposal, by: Person | None) -> bool:
    """False where it cannot be now: an earlier line paid the same invoice, or a day to come."""
    try:
        if found.payout_id:
            payout = db.session.get_one(Payout, found.payout_id)
            book_payout(line, payout, Ground.REFERENCE, found.why, by)
            return True
        whole = [(db.session.get_one(Invoice, one), minor) for one, minor in found.shares]
        book(line, whole, Ground.REFERENCE, found.why, by)
    except Refused:
        return False
    return True


def _keep(match: BankMatch, by: Person | None) -> BankMatch:
    match.made_at, match.made_by_id = clock.now(), by.id if by else None
    db.session.add(match)
    db.session.flush()
    what = "set_aside" if match.is_aside else "matched"
    audit.record(f"bankmatch.{what}", match, line=match.line_id, reason=match.why)
    return match


def _hold(line: BankLine) -> None:
    """Whoever else deals with the line waits; and it is still to do."""
    db.session.execute(select(BankLine.id).where(BankLine.id == line.id).with_for_update())
    if live_matches([line.id]):
        raise Refused("Somebody dealt with this line already: look at it again.")


def _find_live(match: BankMatch) -> None:
    locked = select(BankMatch).where(BankMatch.id == match.id).with_for_update()
    db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if match.undone_at:
        raise Refused("This was undone already.")
