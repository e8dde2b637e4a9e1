"""Disputes: what the payer's bank opens and decides, against the sandbox over HTTP."""

from dataclasses import replace

import pytest
import requests
from sqlalchemy import select

from portal.core import clock, jobs
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import IllegalMove, Refused
from portal.core.stripe_gateway import gateway
from portal.dues import actions, money_back, queries
from portal.dues.actions import Sending
from portal.dues.models import Dispute, DisputeStatus
from tests.demo.sandbox_process import DISPUTED
from tests.dues.books import deliver, event, make_invoice
from tests.dues.test_refunds import KEY, books_are_well, money_from_payers, paid_by_card
from tests.make import make_firm, make_person

D = DisputeStatus


@pytest.mark.parametrize("old", D)
@pytest.mark.parametrize("new", D)
def test_every_move_of_a_dispute_is_in_the_table_or_refused(old, new):
    if (old, new) in {(D.OPEN, D.WON), (D.OPEN, D.LOST), (D.LOST, D.WON)}:
        assert old.to(new) is new
    else:
        with pytest.raises(IllegalMove):
            old.to(new)


def disputed(stripe, total=1000, firm=None):
    """An invoice, the card payment that its payer's bank disputes, and Stripe's dispute."""
    invoice = make_invoice(firm, total=total)
    payment = paid_by_card(stripe, invoice, card=DISPUTED)
    return invoice, payment, stripe.state()["dispute"][0]["id"]


def decide(stripe, dispute_id, *, wins):
    evidence = "winning_evidence" if wins else "losing_evidence"
    answer = requests.post(
        f"{stripe.url}/v1/disputes/{dispute_id}", headers=KEY, timeout=10,
        data={"evidence[uncategorized_text]": evidence, "submit": "true"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text


def tell(browser, kind, dispute_id, n=1):
    deliver(browser, event(f"charge.dispute.{kind}", dispute_id, f"evt_{kind}_{n}"))
    jobs.work()


def one():
    db.session.expire_all()
    return db.session.scalars(select(Dispute)).one()


def test_a_dispute_is_heard_mailed_and_shown_with_its_deadline(browser, stripe, sent):
    make_person("finance", email="wim@test.example")
    invoice, payment, dispute_id = disputed(stripe)
    tell(browser, "created", dispute_id)
    tell(browser, "funds_withdrawn", dispute_id)
    assert (one().status, one().money) == (D.OPEN, Money(1000, "EUR"))
    mails = [mail for mail in sent() if "is disputed" in mail["Subject"]]
    assert [mail["To"] for mail in mails] == ["wim@test.example"]
    assert queries.bill(invoice).face.value == "disputed"
    assert queries.balance(invoice).minor == 0
    browser.sign_in(make_person("finance"))
    assert one().evidence_due_at.strftime("%Y") in browser.get("/staff/dues/disputes")
    assert "Disputed card payments" in browser.get("/staff/")
    assert "disputes this payment" in browser.get(f"/staff/dues/payments/{payment.id}")
    assert invoice.number in browser.get("/staff/dues/?state=disputed")
    books_are_well()


def test_nothing_of_a_disputed_payment_is_sent_back_or_used(browser, stripe):
    firm = make_firm()
    invoice, payment, dispute_id = disputed(stripe, firm=firm)
    tell(browser, "created", dispute_id)
    actions.free(payment, invoice, "To try it")
    db.session.commit()
    with pytest.raises(Refused, match="disputes this payment"):
        actions.request_refund(payment, Money(1, "EUR"), Sending("Because"))
    db.session.rollback()
    with pytest.raises(Refused, match="disputes this payment"):
        actions.allocate(payment, invoice, Money(1, "EUR"))
    db.session.rollback()
    with pytest.raises(Refused, match="no credit"):
        actions.use_credit(invoice)


def test_lost_the_money_is_gone_and_the_invoice_is_owed_again(browser, stripe, sent):
    make_person("finance", email="wim@test.example")
    invoice, payment, dispute_id = disputed(stripe)
    tell(browser, "created", dispute_id)
    decide(stripe, dispute_id, wins=False)
    for n in range(2):
        tell(browser, "closed", dispute_id, n)
    assert one().status is D.LOST
    assert queries.balance(invoice).minor == 1000
    assert queries.bill(invoice).face.value == "open"
    assert (money_from_payers(), queries.unallocated_of(payment)) == (0, 0)
    assert "dispute over EUR 10.00 is lost" in [
        mail["Subject"].removeprefix("The ") for mail in sent() if mail["To"] == "wim@test.example"
    ]
    books_are_well()


def test_won_nothing_changes(browser, stripe):
    invoice, payment, dispute_id = disputed(stripe)
    tell(browser, "created", dispute_id)
    decide(stripe, dispute_id, wins=True)
    tell(browser, "closed", dispute_id)
    assert (one().status, queries.face(invoice)) == (D.WON, "Paid")
    assert money_from_payers() == 1000
    actions.free(payment, invoice, "Now it may")
    actions.request_refund(payment, Money(1, "EUR"), Sending("Because"))
    books_are_well()


@pytest.mark.parametrize("between", ["nothing", "paid otherwise"])
def test_won_after_it_was_lost_the_money_pays_what_is_owed_still(browser, stripe, between):
    invoice, payment, dispute_id = disputed(stripe)
    tell(browser, "created", dispute_id)
    for status in ("lost", "won", "won"):
        told = replace(gateway().dispute(dispute_id), status=status)
        actions.apply_dispute(told)
        db.session.commit()
        if status == "lost" and between == "paid otherwise":
            pay_by_bank(invoice)
    left = 0 if between == "nothing" else 1000
    assert (queries.balance(invoice).minor, queries.unallocated_of(payment)) == (0, left)
    assert one().status is D.WON
    books_are_well()


def pay_by_bank(invoice):
    by = make_person("finance")
    actions.record_transfer(invoice, invoice.total, clock.today(), by=by)
    db.session.commit()


def test_messages_in_any_order_and_none_at_all_end_the_same(browser, stripe):
    invoice, _payment, dispute_id = disputed(stripe)
    decide(stripe, dispute_id, wins=False)
    tell(browser, "closed", dispute_id)
    tell(browser, "created", dispute_id)
    money_back.look_after_money_back()
    assert one().status is D.LOST
    assert queries.balance(invoice).minor == 1000
    books_are_well()


def test_a_dispute_that_nobody_told_of_is_found_by_the_poller(stripe):
    _invoice, _payment, dispute_id = disputed(stripe)
    money_back.look_after_money_back()
    assert one().status is D.OPEN
    decide(stripe, dispute_id, wins=False)
    money_back.look_after_money_back()
    assert one().status is D.LOST
    books_are_well()


def test_a_refund_that_meets_a_dispute_at_stripe_fails_and_gives_the_money_back(stripe):
    invoice, payment, _dispute_id = disputed(stripe)
    actions.free(payment, invoice, "A wrong match")
    refund = actions.request_refund(payment, Money(400, "EUR"), Sending("Because"))
    db.session.commit()
    money_back.send(refund.id)
    db.session.commit()
    assert "charged back" in refund.trouble
    assert (refund.status.value, queries.unallocated_of(payment)) == ("failed", 1000)
    books_are_well()


def test_a_lost_dispute_of_money_that_pays_nothing_reopens_nothing(browser, stripe):
    invoice, payment, dispute_id = disputed(stripe)
    actions.credit(invoice, "Withdrawn")
    db.session.commit()
    decide(stripe, dispute_id, wins=False)
    tell(browser, "closed", dispute_id)
    assert (queries.balance(invoice).minor, queries.unallocated_of(payment)) == (0, 0)
    books_are_well()
