"""Payments that staff entered by hand: which line shows them, and what may be the same money."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload

from portal.accounts.retention import kept
from portal.association.queries import today
from portal.core.audit import KEPT_YEARS
from portal.core.db import db
from portal.core.merging import names_of, winners
from portal.core.money import Money
from portal.dues.matching import Came, Proposal
from portal.dues.models import (
    Account,
    BankLine,
    BankMatch,
    Invoice,
    Payment,
    PaymentMethod,
    Posting,
)
from portal.dues.queries.invoices import payer_name
from portal.dues.queries.reversals import is_reversed, never_came
from portal.dues.recognising import BEFORE, LONGEST, Entered, recognise
from portal.members.models import Organization

HOW = {
    PaymentMethod.BANK: "transfer", PaymentMethod.CHEQUE: "cheque", PaymentMethod.CASH: "cash",
}  # fmt: skip
DAYS = {PaymentMethod.BANK: BEFORE}  # others are brought to the bank, and take their time


def _is_shown() -> ColumnElement[bool]:
    """A line of a statement is this payment."""
    live = BankMatch.payment_id == Payment.id, BankMatch.undone_at.is_(None)
    return select(BankMatch.id).where(*live).correlate(Payment).exists()


def oldest_line() -> date:
    """Older money waits for no line: lines so old are, or may have been, forgotten."""
    return today() - timedelta(days=365 * min(KEPT_YEARS, kept("bank_lines")))


def payments_without_line() -> Select[Payment]:
    """Those entered by hand that lie at the bank, but on no statement so far; the oldest first."""
    query = select(Payment).options(joinedload(Payment.organization))
    young = Payment.received_on > oldest_line()
    by_hand = Payment.external_id.is_(None), Payment.method.in_(HOW), ~_is_shown(), young
    return query.where(*by_hand, ~never_came()).order_by(Payment.received_on, Payment.id)


def entered_like(line: BankLine) -> Sequence[Payment]:
    """Those of the amount of a line, whatever their day: for choosing by hand."""
    same = Payment.amount_minor == line.minor, Payment.currency == line.currency
    return db.session.scalars(payments_without_line().where(*same).limit(10)).all()


def booked_proposals(lines: Sequence[BankLine], came: Mapping[int, Came]) -> dict[int, Proposal]:
    """The payment that each line shows, if staff entered it before. Two statements.

    No payment is proposed for two lines; those that are certain choose first.
    """
    left = _entered(lines)
    found: dict[int, Proposal] = {}
    for least in (100, 0):
        for line in lines if left else ():
            one = line.id not in found and recognise(
                came[line.id], line.booked_on, line.text, left
            )
            if one and one.confidence >= least:
                found[line.id] = one
                left = [each for each in left if each.id != one.payment_id]
    return found


def _entered(lines: Sequence[BankLine]) -> list[Entered]:
    days = [line.booked_on for line in lines if line.came_in]
    if not days:
        return []
    first, last = min(days) - timedelta(days=LONGEST), max(days) + timedelta(days=BEFORE)
    query = payments_without_line().where(
        Payment.amount_minor.in_({line.minor for line in lines}),
        Payment.received_on.between(first, last),
    )
    rows = db.session.scalars(query).all()
    pays, now = ever_paid([one.id for one in rows]), winners(Organization)
    return [_as_entered(one, pays.get(one.id, []), now) for one in rows]


def _as_entered(
    one: Payment, pays: Sequence[tuple[str, str]], now: Mapping[int, int]
) -> Entered:  # fmt: skip
    payer = one.organization.name if one.organization else pays[0][1] if pays else ""
    firm_id = one.organization_id and now.get(one.organization_id, one.organization_id)
    return Entered(
        one.id, HOW[one.method], one.money, one.received_on, DAYS.get(one.method, LONGEST),
        payer, firm_id, [number for number, _ in pays], one.note,
    )  # fmt: skip


def ever_paid(ids: Iterable[int]) -> dict[int, list[tuple[str, str]]]:
    """The number and the payer's name of each invoice that a payment ever paid."""
    query = (
        select(Posting.payment_id, Invoice.number, payer_name())
        .join(Posting.invoice)
        .where(Posting.payment_id.in_(list(ids)), Posting.account == Account.RECEIVABLE)
        .distinct()
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for payment_id, number, payer in db.session.execute(query):
        found.setdefault(int(payment_id or 0), []).append((number, payer))
    return found


def same_money(
    invoice: Invoice, money: Money, on: date, method: PaymentMethod
) -> Payment | None:  # fmt: skip
    """A payment of the same payer, or of nobody known, that may be what staff enter now."""
    pays = Posting.payment_id == Payment.id, Posting.invoice_id == invoice.id
    paid_it = select(Posting.id).where(*pays).correlate(Payment).exists()
    theirs: list[ColumnElement[bool]] = [paid_it]
    if invoice.organization_id:
        names = names_of(Organization, invoice.organization_id)
        theirs.append(Payment.organization_id.in_(names))
    nobodys = Payment.organization_id.is_(None) & _is_shown()
    query = select(Payment).where(
        Payment.currency == money.currency, Payment.amount_minor == money.minor,
        Payment.received_on.between(*_near(on, method)), Payment.method.in_(HOW),
        or_(*theirs, nobodys), ~is_reversed(),
    )  # fmt: skip
    found = db.session.scalars(query).all()
    return min(found, key=lambda one: (abs((one.received_on - on).days), one.id), default=None)


def lines_like(money: Money, on: date, method: PaymentMethod) -> Sequence[BankLine]:
    """Lines of statements that wait to be matched, of this amount near this day."""
    live = BankMatch.line_id == BankLine.id, BankMatch.undone_at.is_(None)
    waits = ~select(BankMatch.id).where(*live).correlate(BankLine).exists()
    query = select(BankLine).where(
        BankLine.minor == money.minor, BankLine.currency == money.currency, waits,
        BankLine.booked_on.between(*_near(on, method)),
    )  # fmt: skip
    return db.session.scalars(query.order_by(BankLine.booked_on, BankLine.id).limit(5)).all()


def _near(on: date, method: PaymentMethod) -> tuple[date, date]:
    return on - timedelta(days=BEFORE), on + timedelta(days=DAYS.get(method, LONGEST))
