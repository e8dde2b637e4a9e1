"""What the card processor told the demo association: two messages wait for somebody."""

from datetime import timedelta

from portal.core import clock
from portal.core.db import db
from portal.dues.models import StripeEvent

TOLD = (  # hours ago, kind, about, what came of it, why it was set aside
    (2, "payment_intent.created", "pi_demo_8", "nothing to do", None),
    (27, "checkout.session.completed", "cs_demo_of_another_shop", "unmatched", None),
    (49, "checkout.session.expired", "cs_demo_of_the_shop", "unmatched", None),
    (50, "checkout.session.completed", "cs_demo_test_of_the_shop", "set aside",
     "A test of the web shop that shares our account with the card processor."),
    (140, "charge.updated", "ch_demo_5", "nothing to do", None),
    (141, "customer.created", "cus_demo_4", "nothing to do", None),
)  # fmt: skip


def messages() -> None:
    now = clock.now()
    for n, (hours, kind, about, outcome, reason) in enumerate(TOLD):
        heard_at = now - timedelta(hours=hours)
        row = StripeEvent(
            event_id=f"evt_demo_{n}", kind=kind, object_id=about, heard_at=heard_at,
            handled_at=heard_at + timedelta(seconds=2), outcome=outcome, reason=reason,
        )  # fmt: skip
        db.session.add(row)
