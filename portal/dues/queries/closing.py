"""Closing the books: until when they are closed, and what is still open before a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select

from portal.association.queries import association
from portal.core.db import db
from portal.dues.models import (
    LIVE,
    BankLine,
    Closing,
    Payment,
    PaymentAttempt,
    Payout,
    Posting,
    Refund,
    StripeEvent,
)
from portal.dues.queries.bank import bank_lines
from portal.dues.queries.booked import payments_without_line
from portal.dues.queries.credits import unallocated
from portal.dues.queries.ledger_faults import ledger_faults
from portal.dues.queries.money_back import open_disputes, refunds_on_the_way
from portal.dues.queries.outgoing import refunds_without_line
from portal.dues.queries.payouts import payouts_without_line
from portal.dues.queries.reports import trial_balance


def closed_until() -> date | None:
    """The last day on which nothing may be booked any more."""
    return db.session.scalar(select(Closing.until_on).where(Closing.id == 1))


@dataclass(frozen=True)
class Check:
    """One line of the year-end list; what `stops` must be done before the books can be closed."""

    name: str
    count: int
    endpoint: str
    stops: bool = True
    said: str = ""

    @property
    def is_done(self) -> bool:
        return self.count == 0


def _count(query: Any) -> int:
    return (
        db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    )


def end_of(day: date) -> datetime:
    """The first instant after a day, in the association's zone."""
    zone = ZoneInfo(association().zone)
    return datetime.combine(day + timedelta(days=1), time(), zone)


def year_end_checks(until: date) -> list[Check]:
    """What a treasurer looks through before the books are closed until a day."""
    end = end_of(until)
    is_open = or_(StripeEvent.handled_at.is_(None), StripeEvent.outcome == "unmatched")
    unmatched = select(StripeEvent.id).where(is_open, StripeEvent.heard_at < end)
    tries = select(PaymentAttempt.id).where(
        PaymentAttempt.status.in_(LIVE), PaymentAttempt.made_at < end
    )
    refunds = refunds_on_the_way().where(Refund.made_at < end).with_only_columns(Refund.id)
    lines = bank_lines("todo").where(BankLine.booked_on <= until).with_only_columns(BankLine.id)
    left = bank_lines("left").where(BankLine.booked_on <= until).with_only_columns(BankLine.id)
    paid_out = payouts_without_line().where(Payout.made_at < end).with_only_columns(Payout.id)
    loose = unallocated().where(Posting.on <= until)
    return [
        Check("Bank lines to deal with", _count(lines), "bank"),
        Check("Bank lines of money that left, to explain", _count(left), "bank"),
        Check("Card messages without a match", _count(unmatched), "events"),
        Check("Card payments under way", _count(tries), "index"),
        Check("Refunds on their way", _count(refunds), "refunds"),
        *_sums(until),
        Check("Payouts without their bank line", _count(paid_out), "payouts", stops=False),
        *_by_hand(until),
        Check("Unallocated money", _count(loose), "unallocated", stops=False),
        Check("Open disputes", _count(open_disputes()), "disputes", stops=False),
    ]


def _by_hand(until: date) -> Iterator[Check]:
    """What staff entered and no statement showed, where statements are read at all."""
    if not _count(select(BankLine.id).limit(1)):
        return
    came = payments_without_line().where(Payment.received_on <= until)
    sent = refunds_without_line().where(Refund.sent_on <= until)
    for what, query in (
        ("Payments", came.with_only_columns(Payment.id)),
        ("Refunds", sent.with_only_columns(Refund.id)),
    ):
        name = f"{what} entered by hand without their bank line"
        yield Check(name, _count(query), "bank_by_hand", stops=False)


def _sums(until: date) -> Iterator[Check]:
    """The trial balance sums to zero in each currency, and the proofs over the books hold."""
    sums: dict[str, int] = {}
    for one in trial_balance(until):
        sums[one.currency] = sums.get(one.currency, 0) + one.minor
    off = [code for code, minor in sums.items() if minor]
    yield Check("Currencies whose trial balance is not zero", len(off), "balances")
    faults = list(ledger_faults())
    yield Check("Faults in the books", len(faults), "balances", said=" ".join(faults[:3]))
