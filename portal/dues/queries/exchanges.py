"""Payments that the bank credited in another currency or as another amount, and the proof."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, String, cast, exists, literal, or_, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.dues.models import Account, BankLine, BankMatch, Payment, Posting
from portal.dues.queries.booked import payments_without_line
from portal.dues.recognising import BEFORE, LONGEST

MOST = 10  # of 100: by how much an amount of the same currency may differ


def is_near(line: BankLine, payment: Payment) -> bool:
    """Whether the bank may have made this line of the payment: no rate is known, a fee is."""
    if payment.currency != line.currency:
        return True
    return abs(payment.amount_minor - line.minor) * 100 <= payment.amount_minor * MOST


def exchangeable(line: BankLine) -> Sequence[Payment]:
    """What staff entered by hand near the day of a line, in another currency or amount."""
    first = line.booked_on - timedelta(days=LONGEST)
    last = line.booked_on + timedelta(days=BEFORE)
    differs = or_(Payment.currency != line.currency, Payment.amount_minor != line.minor)
    near = payments_without_line().where(Payment.received_on.between(first, last), differs)
    return [one for one in db.session.scalars(near.limit(200)) if is_near(line, one)][:20]


def is_exchanged() -> ColumnElement[bool]:
    """True of the matches for which a difference is booked."""
    journal = literal("exchange:") + cast(BankMatch.id, String)
    return exists().where(Posting.journal == journal).correlate(BankMatch)


def exchange_faults() -> Iterator[str]:
    """Nothing when each such payment lies at the bank as the bank credited it."""
    query = select(BankMatch).where(
        BankMatch.payment_id.is_not(None), BankMatch.undone_at.is_(None), is_exchanged()
    )
    shown = joinedload(BankMatch.payment), joinedload(BankMatch.line)
    for match in db.session.scalars(query.options(*shown)):
        booked: Counter[str] = Counter()
        for one in db.session.scalars(select(Posting).filter_by(journal=f"exchange:{match.id}")):
            booked[one.currency] += one.minor if one.account is Account.BANK else 0
        if match.payment:
            booked[match.payment.currency] += match.payment.amount_minor
        booked[match.line.currency] -= match.line.minor
        if any(booked.values()):
            yield f"Exchange of bank match {match.id}: the bank does not have what its line says."
