"""Every pair of statuses of an attempt: in the table, or refused."""

import pytest
from sqlalchemy import text

from portal.core.db import db
from portal.core.states import IllegalMove
from portal.dues import cards
from portal.dues.models import AttemptStatus
from tests.dues.books import make_invoice

A = AttemptStatus

MOVES = {
    (A.CREATED, A.OPEN), (A.CREATED, A.UNKNOWN), (A.CREATED, A.CANCELLED),
    (A.UNKNOWN, A.OPEN), (A.UNKNOWN, A.SUCCEEDED), (A.UNKNOWN, A.FAILED),
    (A.UNKNOWN, A.EXPIRED), (A.UNKNOWN, A.CANCELLED), (A.OPEN, A.PROCESSING),
    (A.OPEN, A.SUCCEEDED), (A.OPEN, A.FAILED), (A.OPEN, A.EXPIRED),
    (A.PROCESSING, A.SUCCEEDED), (A.PROCESSING, A.FAILED), (A.EXPIRED, A.SUCCEEDED),
    (A.FAILED, A.SUCCEEDED),
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
