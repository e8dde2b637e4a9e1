"""What the card processor kept of the demo association's money, and paid out every month."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select

from portal.core import clock
from portal.core.db import db
from portal.core.money import Money
from portal.core.stripe_gateway import FeeReceipt, PayoutReceipt
from portal.demo.seed.firms import Step, World, at
from portal.dues import actions as dues
from portal.dues.models import Payment, PaymentMethod
from portal.dues.queries import at_stripe

COMPARED = timedelta(days=40)  # the days compared with Stripe, where nothing is invented, and some
PERCENT, FIXED = 1.5, 25  # of a payment, and minor units of it


def steps(world: World) -> Iterator[Step]:
    day = date(world.today.year - 3, 2, 1)
    while day < world.today - COMPARED:
        yield at(day, 6), _pay_out
        day = (day + timedelta(days=31)).replace(day=1)


def _pay_out() -> None:
    """The fees of what was paid by card since the last time, then what is left, to the bank."""
    now = int(clock.now().timestamp())
    by_card = select(Payment).where(Payment.method == PaymentMethod.CARD).order_by(Payment.id)
    for one in db.session.scalars(by_card):  # a fee that is booked stays as it is
        fee = Money(round(one.amount_minor * PERCENT / 100) + FIXED, one.currency)
        dues.book_fee(FeeReceipt(f"demo_txn_{one.id}", f"demo_ch_{one.id}", "", fee, now))
    for money in at_stripe():
        if money.minor > 0:
            name = f"demo_po_{clock.now():%Y%m}_{money.currency}"
            dues.apply_payout(PayoutReceipt(name, money, "paid", now, now, "", ""))
