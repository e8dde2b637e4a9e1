"""What becomes of a bank line: it pays invoices, is kept as credit, or is set aside."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db
from portal.core.merging import current_id
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import ledger
from portal.dues.actions.payments import Arrival, allocate, free, lock_payment, receive
from portal.dues.bank_ledger import take_income_back
from portal.dues.matching import Ground
from portal.dues.models import (
    BankLine,
    BankMatch,
    Invoice,
    Payment,
    PaymentMethod,
    Payout,
    PayoutStatus,
)
from portal.dues.queries.bank import (
    firm_of_holder,
    free_name,
    live_matches,
    match_of,
    payment_of,
)
from portal.dues.queries.funding import folded
from portal.dues.queries.money_back import invoices_paid_by
from portal.dues.queries.payouts import lines_of_payouts
from portal.dues.queries.reversals import is_taken_out
from portal.dues.queries.slips import parts_of
from portal.members.models import Organization


def book(
    line: BankLine, shares: ledger.Shares, ground: Ground, why: str, by: Person | None = None,
    *, sender: int | None = None,
) -> BankMatch:  # fmt: skip
    """Book a line and what it pays; what no share takes is the payer's credit.

    Without shares the payer is the firm `sender`, nobody of the register where it is 0, and the
    one for whom this account holder paid before where it is None.
    Raises `Refused` for money that left, for a line of which something became already, and for
    shares that are more than came or than is owed.
    """
    hold_line(line)
    if not line.came_in:
        raise Refused("This money left the account: it pays no invoice of ours.")
    known = firm_of_holder(line) if sender is None else sender or None
    firm_id = _payer(shares) if shares else known
    payment = payment_of(line)
    if payment is None:
        payment = receive(_arrival(line, firm_id, shares), shares)
    else:
        _place(payment, shares)
    return keep_match(
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
    hold_line(line)
    locked = select(Payout).where(Payout.id == payout.id).with_for_update()
    payout = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if (payout.currency, payout.amount_minor) != (line.currency, line.minor):
        raise Refused(f"The payout is of {payout.money}: this is other money.")
    if payout.status is not PayoutStatus.PAID or lines_of_payouts([payout.id]):
        raise Refused("This payout came back, or has its bank line already.")
    if payment_of(line):
        raise Refused("The money of this line is in the books as a payment.")
    return keep_match(BankMatch(line_id=line.id, payout_id=payout.id, ground=ground, why=why), by)


def book_payment(
    line: BankLine, payment: Payment, ground: Ground, why: str, by: Person | None = None
) -> BankMatch:
    """Say that a line is a payment that staff entered by hand: nothing is booked again.

    Raises `Refused` for another amount, for money that did not come by hand, and when either has
    its other side already.
    """
    hold_line(line)
    payment = lock_payment(payment)
    if (payment.currency, payment.amount_minor) != (line.currency, line.minor):
        raise Refused(f"The payment is of {payment.money}: this is other money.")
    refuse_shown(line, payment)
    match = BankMatch(
        line_id=line.id, payment_id=payment.id, organization_id=payment.organization_id,
        ground=ground, why=why,
    )  # fmt: skip
    return keep_match(match, by)


def book_slip(
    line: BankLine, payments: Sequence[Payment], ground: Ground, why: str, by: Person | None = None
) -> BankMatch:
    """Say that a line is several payments that staff entered by hand: nothing is booked again.

    The first match stands for the line, the others are its parts. Raises `Refused` unless they
    are as much as the line together, and as `book_payment` does for each.
    """
    hold_line(line)
    payments = [lock_payment(one) for one in sorted(payments, key=lambda one: one.id)]
    for one in payments:
        if one.currency != line.currency:
            raise Refused(f"The payment of {one.money} is in another currency than the line.")
        refuse_shown(line, one)
    together = Money(sum(one.amount_minor for one in payments), line.currency)
    if len(payments) < 2 or together != line.money:
        raise Refused(f"They are {together} together, and the line is {line.money}.")
    facts: dict[str, Any] = {"line_id": line.id, "ground": ground, "why": why}
    first = keep_match(BankMatch(payment_id=payments[0].id, **facts), by)
    for one in payments[1:]:
        keep_match(BankMatch(payment_id=one.id, part_of_id=first.id, **facts), by)
    return first


def refuse_shown(line: BankLine, payment: Payment) -> None:
    """Raises `Refused` for what was not entered by hand, is no money or has its line already, and
    for a line that was booked.
    """
    if payment.external_id or payment.method is PaymentMethod.WITHHOLDING:
        raise Refused("This payment was not entered by hand: the line is other money.")
    if is_taken_out(payment):
        raise Refused("This payment was reversed: it is no money that came.")
    if match_of(payment):
        raise Refused("This payment has its bank line already.")
    if payment_of(line):
        raise Refused("The money of this line is in the books as a payment of its own.")


def _arrival(line: BankLine, firm_id: int | None, shares: ledger.Shares) -> Arrival:
    """As the firm's own where the bank names the firm itself, whoever was asked to pay for it."""
    note = " / ".join(filter(None, (line.counterparty, line.text)))[:200]
    name = free_name(line)
    if name is None:
        raise Refused("This line was booked and reversed nine times: set it aside.")
    owing = {folded(str(invoice.bill_to["name"])) for invoice, _ in shares}
    paid_by = "" if folded(line.counterparty) in owing else None
    return Arrival(
        line.money, line.booked_on, firm_id, external_id=name, note=note, paid_by=paid_by
    )


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
    """Say that money that came has nothing to do with invoices, and why.

    Raises `Refused` when something became of it already, or when its money is in the books.
    """
    hold_line(line)
    if not line.came_in:
        raise Refused("This money left: say what it was for and who got it.")
    if payment_of(line):
        raise Refused("The money of this line is in the books: it cannot be set aside.")
    return keep_match(BankMatch(line_id=line.id, ground=None, why=why), by)


def unmatch(payment: Payment, invoice: Invoice, why: str) -> bool:
    """Free what a payment pays on an invoice; whether its bank line is to do again with that.

    It is when the payment was booked from it and pays nothing else. The caller commits.
    """
    match = match_of(payment)
    if match:
        _find_live(match)
    free(payment, invoice, why)
    if match is None or match.was_by_hand or invoices_paid_by(payment):
        return False
    undo(match, why)
    return True


def undo(match: BankMatch, why: str) -> None:
    """The line is to do again; what its money paid is owed again. The money stays in the books.

    A payment that was entered by hand goes on paying what it pays. Of a slip no part stays.
    """
    _find_live(match)
    if match.part_of_id:
        match = db.session.get_one(BankMatch, match.part_of_id, with_for_update=True)
    if match.payment and not match.was_by_hand:
        for invoice, _ in invoices_paid_by(match.payment):
            free(match.payment, invoice, why)
    if ledger.is_posted(f"exchange:{match.id}"):
        ledger.post_undone(f"exchange:{match.id}", f"exchange-undone:{match.id}", today())
    if match.is_fee:
        ledger.post_undone(f"bank-fee:{match.id}", f"bank-fee-undone:{match.id}", today())
    take_income_back(match, today())
    for one in (match, *parts_of(match)):
        one.undone_at, one.undone_why = clock.now(), why
    db.session.flush()
    audit.record("bankmatch.undone", match, reason=why)


def keep_match(match: BankMatch, by: Person | None) -> BankMatch:
    match.made_at, match.made_by_id = clock.now(), by.id if by else None
    db.session.add(match)
    db.session.flush()
    what = "set_aside" if match.is_aside else "matched"
    audit.record(f"bankmatch.{what}", match, line=match.line_id, reason=match.why)
    return match


def hold_line(line: BankLine) -> None:
    """Whoever else deals with the line waits; and it is still to do."""
    db.session.execute(select(BankLine.id).where(BankLine.id == line.id).with_for_update())
    if live_matches([line.id]):
        raise Refused("Somebody dealt with this line already: look at it again.")


def _find_live(match: BankMatch) -> None:
    locked = select(BankMatch).where(BankMatch.id == match.id).with_for_update()
    db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if match.undone_at:
        raise Refused("This was undone already.")
