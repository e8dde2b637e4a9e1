"""Payouts: all of them, those that wait for their bank line, and the proofs over them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, String, case, cast, func, literal, or_, select

from portal.core.db import db
from portal.core.money import Money
from portal.dues.matching import Ground, Proposal
from portal.dues.models import (
    Account,
    BankLine,
    BankMatch,
    Payment,
    Payout,
    PayoutStatus,
    Posting,
    ProviderFee,
)
from portal.dues.queries.booked import oldest_line
from portal.dues.queries.outgoing import fee_journals

NEAR = timedelta(days=7)  # between the arrival that was foretold and the day of the line
AT_THE_BANK = (Account.BANK, Account.CARD_CLEARING)


def _is_matched() -> ColumnElement[bool]:
    live = BankMatch.payout_id == Payout.id, BankMatch.undone_at.is_(None)
    return select(BankMatch.id).where(*live).correlate(Payout).exists()


def payouts() -> Select[Payout]:
    return select(Payout).order_by(Payout.made_at.desc(), Payout.id.desc())


def payouts_without_line() -> Select[Payout]:
    """Those whose money no bank statement showed yet."""
    return payouts().where(Payout.status == PayoutStatus.PAID, ~_is_matched())


def lines_of_payouts(ids: Iterable[int]) -> dict[int, BankLine]:
    """The bank line of each payout that has one."""
    query = (
        select(BankMatch.payout_id, BankLine)
        .join(BankMatch.line)
        .where(BankMatch.payout_id.in_(list(ids)), BankMatch.undone_at.is_(None))
    )
    return {int(number or 0): line for number, line in db.session.execute(query)}


def fee_of(payment: Payment) -> Money:
    """What the card processor kept of a payment."""
    total = func.coalesce(func.sum(ProviderFee.amount_minor), 0)
    minor = db.session.scalar(select(total).where(ProviderFee.payment_id == payment.id))
    return Money(int(minor or 0), payment.currency)


def at_stripe() -> list[Money]:
    """What the books say lies at Stripe, in each currency in which something does."""
    total = func.sum(Posting.minor)
    query = select(Posting.currency, total).where(Posting.account == Account.CARD_CLEARING)
    found = db.session.execute(query.group_by(Posting.currency).order_by(Posting.currency))
    return [Money(int(minor), code) for code, minor in found if minor]


def payout_proposals(lines: Sequence[BankLine]) -> dict[int, Proposal]:
    """The payout that each line brought: named by it, or alone with its amount near its day."""
    query = select(Payout).where(
        Payout.status == PayoutStatus.PAID, ~_is_matched(),
        Payout.amount_minor.in_({line.minor for line in lines}),
    )  # fmt: skip
    waiting = db.session.scalars(query).all() if lines else []
    found = {line.id: _proposal(line, waiting) for line in lines}
    return {number: proposal for number, proposal in found.items() if proposal}


def _proposal(line: BankLine, waiting: Sequence[Payout]) -> Proposal | None:
    same = [
        one for one in waiting
        if (one.currency, one.amount_minor) == (line.currency, line.minor)
    ]  # fmt: skip
    for one in same:
        if any(name and name in line.text for name in (one.external_id, one.trace)):
            why = f"It names the payout {one.external_id}, and brings exactly that."
            return Proposal(Ground.REFERENCE, 100, why, payout_id=one.id)
    near = [one for one in same if abs(line.booked_on - one.arrives_on) <= NEAR]
    if len(near) != 1:
        return None
    why = f"The payout {near[0].external_id} alone has this amount and these days."
    return Proposal(Ground.KNOWN_HOLDER, 75, why, payout_id=near[0].id)


def payout_faults() -> Iterator[str]:
    """Nothing when every fee and payout is booked as Stripe told it, and nothing else is."""
    yield from _fees()
    yield from _payouts()
    yield from _strays()
    yield from _matches()


def _fees() -> Iterator[str]:
    journal = literal("fee:") + cast(ProviderFee.id, String)
    kept = _sum(Posting.journal == journal, Posting.account == Account.FEES)
    query = select(ProviderFee.external_id, ProviderFee.amount_minor, kept)
    for name, minor, booked in db.session.execute(query.where(kept != ProviderFee.amount_minor)):
        yield f"Fee {name}: {minor} taken, {booked} booked."


def _payouts() -> Iterator[str]:
    number = cast(Payout.id, String)
    names = literal("payout:") + number, literal("payout-undone:") + number
    arrived = _sum(Posting.journal.in_(names), Posting.account == Account.BANK)
    meant = case((Payout.status == PayoutStatus.PAID, Payout.amount_minor), else_=0)
    query = select(Payout.external_id, Payout.status, Payout.amount_minor, arrived)
    for name, status, minor, booked in db.session.execute(query.where(arrived != meant)):
        yield f"Payout {name}, {status.value}: {minor} paid out, {booked} booked."


def _sum(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    total = select(func.coalesce(func.sum(Posting.minor), 0)).where(*conditions)
    return total.correlate(ProviderFee, Payout).scalar_subquery()


def _strays() -> Iterator[str]:
    """Money that lies at the bank or at Stripe is of a payment, of a fee or of a payout.

    The line by which a bank took a fee is forgotten after ten years; its journal stays.
    """
    number = cast(Payout.id, String)
    names = literal("payout:") + number, literal("payout-undone:") + number
    known = (
        select(literal("fee:") + cast(ProviderFee.id, String))
        .union_all(*(select(name) for name in (*names, *fee_journals())))
        .subquery()
    )
    nameless = Posting.account.in_(AT_THE_BANK) & Posting.payment_id.is_(None)
    query = (
        select(Posting.journal)
        .where(or_(nameless, Posting.account == Account.FEES))
        .where(Posting.journal.not_in(select(known)))
        .where(or_(Posting.on > oldest_line(), Posting.journal.not_like("bank-fee%")))
        .distinct()
    )
    for journal in db.session.scalars(query):
        yield f"Journal {journal}: money without a payment, a fee or a payout."


def _matches() -> Iterator[str]:
    """A payout and its bank line are the same money."""
    query = (
        select(Payout.external_id, Payout.amount_minor, BankLine.minor)
        .join(BankMatch, BankMatch.payout_id == Payout.id)
        .join(BankMatch.line)
        .where(BankMatch.undone_at.is_(None))
        .where(or_(BankLine.minor != Payout.amount_minor, BankLine.currency != Payout.currency))
    )
    for name, minor, came in db.session.execute(query):
        yield f"Payout {name}: {minor} paid out, {came} on its bank line."
