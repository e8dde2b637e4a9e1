"""Fees and payouts as Stripe has them: asked with no transaction open, applied in one."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.core import clock
from portal.core.db import db, release
from portal.core.jobs import every
from portal.core.stripe_gateway import StripeAway, gateway
from portal.dues import queries
from portal.dues.actions import Outcome, apply_payout, book_fee
from portal.dues.models import Payment, PaymentMethod, ProviderFee

OVERLAP = timedelta(days=2)  # read again, so that what was listed late is not missed
WINDOW = timedelta(days=30)  # how far back Stripe is asked for payouts we may not have heard of
FAR_BACK = timedelta(hours=1)  # a charge is a little older than its booking


def look_at_payout(payout_id: str) -> Outcome:
    """Read one payout from Stripe with the fees of all that it holds, and apply them."""
    receipt = gateway().payout(payout_id)
    if receipt is None or not queries.has_used_cards():
        return Outcome.UNMATCHED
    release()
    fees = list(gateway().fees(payout=payout_id)) if receipt.status == "paid" else []
    for fee in fees:
        book_fee(fee)
    return apply_payout(receipt)


@every(timedelta(hours=1))
def look_after_balance() -> None:
    """What Stripe told nobody here: fees since the last one that is booked, and payouts."""
    since = _fees_since()
    if since is None:
        return
    release()
    try:
        fees = list(gateway().fees(created={"gte": int(since.timestamp())}))
        payouts = gateway().payouts(int(max(since, clock.now() - WINDOW).timestamp()))
    except StripeAway:
        return
    for fee in reversed(fees):
        book_fee(fee)
        db.session.commit()
    for payout in payouts:
        apply_payout(payout)
        db.session.commit()


def _fees_since() -> datetime | None:
    """None before the first card payment: what Stripe charged earlier is not of this portal."""
    first = db.session.scalar(
        select(func.min(Payment.booked_at)).where(
            Payment.method == PaymentMethod.CARD, Payment.external_id.is_not(None)
        )
    )
    last = db.session.scalar(select(func.max(ProviderFee.made_at)))
    return first and max(first - FAR_BACK, (last or first) - OVERLAP)
