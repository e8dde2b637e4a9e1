"""What the card processor kept of the demo association's money, and paid out every month."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import func, select

from portal.core import clock, working_days
from portal.core.db import db
from portal.core.money import Money
from portal.core.stripe_gateway import FeeReceipt, PayoutReceipt
from portal.demo.sandbox.money_in import FEE_FIXED, FEE_PER_THOUSAND
from portal.demo.seed.firms import Step, World, at
from portal.dues import actions as dues
from portal.dues.models import Payment, PaymentMethod, Payout
from portal.dues.queries import at_stripe

COMPARED = timedelta(days=40)  # the days compared with Stripe, where nothing is invented, and some


def steps(world: World) -> Iterator[Step]:
    day = date(world.today.year - 3, 2, 1)
    while day < world.today - COMPARED:
        yield at(working_days.on_or_after(day), 6), _pay_out
        day = (day + timedelta(days=31)).replace(day=1)


def _pay_out() -> None:
    """The fees of what was paid by card since the last time, then what is left, to the bank."""
    now = int(clock.now().timestamp())
    by_card = select(Payment).where(Payment.method == PaymentMethod.CARD).order_by(Payment.id)
    if since := db.session.scalar(select(func.max(Payout.made_at))):
        by_card = by_card.where(Payment.booked_at >= since)
    for one in db.session.scalars(by_card).all():
        fee = Money(one.amount_minor * FEE_PER_THOUSAND // 1000 + FEE_FIXED, one.currency)
        dues.book_fee(FeeReceipt(f"demo_txn_{one.id}", f"demo_ch_{one.id}", "", fee, now))
    for money in at_stripe():
        if money.minor > 0:
            name = f"demo_po_{clock.now():%Y%m}_{money.currency}"
            dues.apply_payout(PayoutReceipt(name, money, "paid", now, now, "", ""))
