"""Every pair of statuses of an attempt: in the table, or refused."""

import pytest
from sqlalchemy import text

from portal.core.db import db
from portal.core.receipts import Receipt
from portal.core.states import IllegalMove
from portal.dues import cards
from portal.dues.actions import settle
from portal.dues.models import AttemptStatus, Payment, PaymentAttempt
from tests.dues.books import make_invoice
from tests.make import NOW, save

A = AttemptStatus

MOVES = {
    (A.CREATED, A.OPEN), (A.CREATED, A.UNKNOWN), (A.CREATED, A.CANCELLED),
    (A.UNKNOWN, A.OPEN), (A.UNKNOWN, A.SUCCEEDED), (A.UNKNOWN, A.FAILED),
    (A.UNKNOWN, A.EXPIRED), (A.UNKNOWN, A.CANCELLED), (A.OPEN, A.PROCESSING),
    (A.OPEN, A.SUCCEEDED), (A.OPEN, A.FAILED), (A.OPEN, A.EXPIRED),
    (A.PROCESSING, A.SUCCEEDED), (A.PROCESSING, A.FAILED), (A.EXPIRED, A.SUCCEEDED),
    (A.FAILED, A.SUCCEEDED), (A.OPEN, A.REQUIRES_ACTION), (A.REQUIRES_ACTION, A.SUCCEEDED),
    (A.REQUIRES_ACTION, A.FAILED),
}  # fmt: skip


@pytest.mark.parametrize("old", A)
@pytest.mark.parametrize("new", A)
def test_every_move_of_an_attempt_is_in_the_table_or_refused(old, new):
    if (old, new) in MOVES:
        assert old.to(new) is new
    else:
        with pytest.raises(IllegalMove):
            old.to(new)


def test_one_invoice_has_one_live_attempt_in_the_database_too(stripe):
    invoice = make_invoice()
    cards.start(invoice.id, "/pay/x")
    with pytest.raises(Exception, match=r"(?i)unique"):
        db.session.execute(
            text(
                "INSERT INTO payment_attempts (invoice_id, n, status, currency, amount_minor, key,"
                " back, made_at, expires_at) SELECT invoice_id, 2, 'created', currency,"
                " amount_minor, 'k2', back, made_at, expires_at FROM payment_attempts"
            )
        )


def receipt(attempt, **said):
    """What Stripe may say of the attempt's page."""
    facts = {
        "session_id": attempt.session_id, "attempt_id": attempt.id, "status": "open",
        "is_paid": False, "has_failed": False, "money": attempt.money, "payment_intent": "pi_1",
    }  # fmt: skip
    return Receipt(**facts | said)


EVENTS = {
    "still open": ({}, {}),
    "submitted": ({"status": "complete"}, {A.OPEN: A.PROCESSING}),
    "paid": (
        {"status": "complete", "is_paid": True},
        {one: A.SUCCEEDED for one in A if one.may_become(A.SUCCEEDED)},
    ),
    "failed": (
        {"status": "complete", "has_failed": True},
        {one: A.FAILED for one in A if one.may_become(A.FAILED)},
    ),
    "expired": ({"status": "expired"}, {A.OPEN: A.EXPIRED, A.UNKNOWN: A.EXPIRED}),
    "needs the payer": ({"status": "complete", "needs_payer": True}, {A.OPEN: A.REQUIRES_ACTION}),
}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("old", [one for one in A if one is not A.CREATED])
def test_every_status_and_everything_stripe_may_say_lead_where_the_table_says(old, event):
    """A created attempt was never answered: it opens first, and then the same holds of it."""
    said, leads = EVENTS[event]
    attempt = made_attempt(old)
    settle(receipt(attempt, **said))
    db.session.commit()
    assert attempt.status is leads.get(old, old)
    is_booked = attempt.status is A.SUCCEEDED or (old in OVER and event == "paid")
    assert (db.session.query(Payment).count() == 1) is (is_booked and event == "paid")


OVER = {A.CANCELLED, A.SUCCEEDED}  # money that comes all the same is booked


def made_attempt(status):
    invoice = make_invoice()
    return save(
        PaymentAttempt(
            invoice=invoice, n=1, status=status, currency="EUR", amount_minor=241800, key="k",
            session_id="cs_1", back="/pay/x", made_at=NOW, expires_at=NOW,
        )
    )  # fmt: skip


@pytest.mark.parametrize("event", EVENTS)
def test_an_attempt_whose_answer_is_on_the_way_opens_first(event):
    said, leads = EVENTS[event]
    attempt = made_attempt(A.CREATED)
    settle(receipt(attempt, **said))
    assert attempt.status is leads.get(A.OPEN, A.OPEN)
