"""Refunds and disputes as Stripe has them: asked with no transaction open, applied in one."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from portal.core import audit, clock
from portal.core.db import db, release
from portal.core.jobs import every, job
from portal.core.stripe_gateway import RefundRefused, StripeAway, gateway
from portal.dues import queries
from portal.dues.actions import (
    Outcome,
    apply_dispute,
    apply_refund,
    fail_refund,
    hold_refund,
)
from portal.dues.models import ON_THE_WAY, Dispute, RefundStatus

WINDOW = timedelta(days=30)  # how far back Stripe is asked for what we may not have heard
UNHEARD = (Outcome.UNMATCHED, Outcome.WAITING)


@job
def send(refund_id: int) -> None:
    """Ask Stripe for the refund; again is the same refund, also when its key is long forgotten."""
    refund = hold_refund(refund_id)
    if refund.status not in ON_THE_WAY or refund.external_id:
        return
    if refund.status is RefundStatus.REQUESTED:
        audit.move(refund, RefundStatus.PENDING)
    intent, money, key = refund.payment.external_id or "", refund.money, refund.key
    release()
    made = [one for one in gateway().refunds(payment_intent=intent) if one.number == refund_id]
    try:
        receipt = (
            made[0]
            if made
            else gateway().refund(number=refund_id, key=key, payment_intent=intent, money=money)
        )
    except RefundRefused as refused:
        fail_refund(refund_id, str(refused))
        return
    apply_refund(receipt)


def look_at_refund(refund_id: str) -> Outcome:
    """Read one refund from Stripe, and apply it. Begin with no transaction open."""
    receipt = gateway().refund_receipt(refund_id)
    return apply_refund(receipt) if receipt else Outcome.UNMATCHED


def look_at_charge(charge_id: str) -> Outcome:
    """Read all refunds of a charge from Stripe, and apply them; the first that waits decides."""
    receipts = gateway().refunds(charge=charge_id)
    return _worst(apply_refund(one) for one in receipts)


def look_at_dispute(dispute_id: str) -> Outcome:
    receipt = gateway().dispute(dispute_id)
    return apply_dispute(receipt) if receipt else Outcome.UNMATCHED


def _worst(outcomes: Iterable[Outcome]) -> Outcome:
    found = list(outcomes) or [Outcome.ALREADY]
    waiting = [one for one in found if one in UNHEARD]
    return (waiting or [one for one in found if one is Outcome.BOOKED] or found)[0]


@every(timedelta(hours=1))
def look_after_money_back() -> None:
    """What Stripe told nobody here: refunds and disputes are listed, and ours are read again."""
    if not queries.has_card_payments():
        return
    since = int((clock.now() - WINDOW).timestamp())
    release()
    try:
        refunds = gateway().refunds(created={"gte": since})
        disputes = gateway().disputes(since)
    except StripeAway:
        return
    booked = queries.known_refunds([one.refund_id for one in refunds])
    for refund in refunds:
        if booked.get(refund.refund_id) is not RefundStatus.SUCCEEDED or refund.status == "failed":
            apply_refund(refund)
            db.session.commit()
    for dispute in disputes:
        apply_dispute(dispute)
        db.session.commit()
    _look_at_old_ones({one.dispute_id for one in disputes}, {one.refund_id for one in refunds})


def _look_at_old_ones(disputes: set[str], refunds: set[str]) -> None:
    """Those still open that began before the window."""
    open_ones = db.session.scalars(queries.open_disputes().with_only_columns(Dispute.external_id))
    late = {one.external_id for one in db.session.scalars(queries.refunds_on_the_way())}
    wanted: list[tuple[Callable[[str], Outcome], str]] = [
        (look_at_dispute, one) for one in set(open_ones) - disputes
    ]
    wanted += [(look_at_refund, one) for one in late - refunds if one]
    for look, external_id in wanted:
        release()
        try:
            look(external_id)
        except StripeAway:
            return
        db.session.commit()
