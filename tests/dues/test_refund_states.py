"""Every status of a refund and everything that may happen to it: where each leads, or nothing."""

from datetime import date
from itertools import product

import pytest

from portal.core import jobs
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.core.stripe_gateway import RefundReceipt
from portal.dues import actions, money_back, queries
from portal.dues.actions import Arrival, Sending
from portal.dues.models import HOLDS_MONEY, PaymentMethod, RefundStatus
from tests.dues.test_refunds import card_credit, send_back
from tests.make import make_firm

S = RefundStatus


def says(status):
    def told(refund):
        money = Money(refund.amount_minor, refund.currency)
        actions.apply_refund(RefundReceipt("re_1", refund.id, "pi_1", money, status, ""))

    return told


EVENTS = {
    "said to be pending": says("pending"),
    "said to need the payer": says("requires_action"),
    "said to have succeeded": says("succeeded"),
    "said to have failed": says("failed"),
    "said to be cancelled": says("canceled"),
    "refused when asked": lambda refund: actions.fail_refund(refund.id, "Too old"),
    "called off": actions.cancel_refund,
}
LEADS = {
    "said to be pending": {S.REQUESTED: S.PENDING},
    "said to need the payer": {S.REQUESTED: S.PENDING},
    "said to have succeeded": {S.REQUESTED: S.SUCCEEDED, S.PENDING: S.SUCCEEDED},
    "said to have failed": dict.fromkeys(HOLDS_MONEY, S.FAILED),
    "said to be cancelled": {S.REQUESTED: S.CANCELLED, S.PENDING: S.CANCELLED},
    "refused when asked": {S.REQUESTED: S.FAILED, S.PENDING: S.FAILED},
    "called off": {S.REQUESTED: S.CANCELLED},
}
WAY = {
    S.REQUESTED: [], S.PENDING: ["said to be pending"], S.SUCCEEDED: ["said to have succeeded"],
    S.FAILED: ["refused when asked"], S.CANCELLED: ["called off"],
}  # fmt: skip

OVER = {S.PENDING: "asked already", S.SUCCEEDED: "asked already", S.FAILED: "over already",
        S.CANCELLED: "over already"}  # fmt: skip


def in_status(status):
    """A refund of 400 of a card payment of 1000 that pays nothing."""
    arrived = Arrival(
        Money(1000, "EUR"), date(2026, 1, 5), make_firm().id, PaymentMethod.CARD, "pi_1"
    )
    payment = actions.receive(arrived, [])
    refund = actions.request_refund(payment, Money(400, "EUR"), Sending("Too much"))
    for event in WAY[status]:
        EVENTS[event](refund)
    db.session.commit()
    assert refund.status is status
    return refund


@pytest.mark.parametrize(("old", "event"), list(product(S, EVENTS)))
def test_every_status_of_a_refund_and_every_event_lead_where_the_table_says(old, event):
    """Once or twice: what happens again changes nothing."""
    refund = in_status(old)
    wanted = LEADS[event].get(old, old)
    for _twice in range(2):
        if event == "called off" and refund.status is not S.REQUESTED:
            with pytest.raises(Refused, match=OVER[refund.status]):
                EVENTS[event](refund)
            db.session.rollback()
        else:
            EVENTS[event](refund)
            db.session.commit()
        assert refund.status is wanted
        left = 600 if wanted in HOLDS_MONEY else 1000
        assert queries.unallocated_of(refund.payment) == left
    assert list(queries.ledger_faults()) == []


@pytest.mark.parametrize("old", S)
def test_stripe_is_asked_for_a_refund_only_while_it_is_on_the_way(stripe, old):
    refund = send_back(card_credit(stripe), 400)
    if old is S.SUCCEEDED:
        jobs.work()
    elif old is not S.REQUESTED:
        refund.status = old
        db.session.commit()
    money_back.send(refund.id)
    db.session.commit()
    is_asked = old not in (S.FAILED, S.CANCELLED)
    assert len(stripe.state().get("refund", [])) == int(is_asked)
    assert refund.status is (S.SUCCEEDED if is_asked else old)
