import json
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core import clock, jobs
from portal.core.db import db
from portal.dues import cards, queries
from portal.dues.models import Payment, PaymentAttempt, StripeEvent
from tests.dues.books import deliver, event, make_invoice, signed


def events():
    db.session.expire_all()
    return db.session.scalars(select(StripeEvent).order_by(StripeEvent.id)).all()


def paid_session(stripe, invoice):
    """The session of an invoice that was paid on Stripe's page; nobody told us yet."""
    stripe.pay(cards.start(invoice.id, "/pay/x"))
    newest = select(PaymentAttempt.session_id).order_by(PaymentAttempt.id.desc())
    return db.session.scalars(newest).first()


def test_a_payment_that_stripe_tells_of_is_booked_by_a_job(browser, stripe):
    invoice = make_invoice()
    assert deliver(browser, event(object_id=paid_session(stripe, invoice))) == 204
    assert queries.balance(invoice)
    jobs.work()
    assert not queries.balance(invoice)
    assert [one.outcome for one in events()] == ["booked"]


def test_a_message_as_stripe_words_it_is_understood(browser, stripe):
    invoice = make_invoice()
    paid_session(stripe, invoice)
    told = [one for one in stripe.state()["event"] if one["type"] == "checkout.session.completed"]
    assert deliver(browser, json.dumps(told[-1]).encode()) == 204
    jobs.work()
    assert not queries.balance(invoice)


@pytest.mark.parametrize(
    "signature",
    ["", "t=1,v1=00", "v1=zz", "t=soon,v1=00", signed(event(), secret="whsec_wrong"),
     signed(event(event_id="evt_other"))],
    ids=["none", "old and wrong", "no time", "no number", "another secret", "another body"],
)  # fmt: skip
def test_a_message_that_stripe_did_not_sign_is_refused_and_not_kept(browser, signature):
    assert deliver(browser, event(), signature) == 400
    assert events() == []


@pytest.mark.parametrize("shift", [-301, 301, 3600, -86400])
def test_an_old_message_and_one_from_the_future_are_refused(browser, shift):
    body = event()
    assert deliver(browser, body, signed(body, at=time.time() + shift)) == 400
    assert events() == []


def test_one_altered_byte_is_refused(browser):
    body = event()
    assert deliver(browser, body.replace(b"evt_1", b"evt_2"), signed(body)) == 400


def test_a_body_that_is_not_json_is_refused_even_when_signed(browser):
    assert deliver(browser, b"\xff\x00", signed(b"\xff\x00")) == 400


def test_the_same_message_twice_has_one_effect(browser, stripe):
    body = event(object_id=paid_session(stripe, make_invoice()))
    assert [deliver(browser, body) for _ in range(3)] == [204, 204, 204]
    jobs.work()
    assert len(events()) == len(db.session.scalars(select(Payment)).all()) == 1


def test_completed_and_expired_in_any_order_end_the_same(browser, stripe):
    invoice = make_invoice()
    session_id = paid_session(stripe, invoice)
    for n, kind in enumerate(("expired", "async_payment_succeeded", "completed")):
        deliver(browser, event(f"checkout.session.{kind}", session_id, f"evt_{n}"))
    jobs.work()
    assert [one.outcome for one in events()] == ["booked", "already", "already"]
    assert not queries.balance(invoice)


def test_a_message_that_is_not_about_a_checkout_is_kept_and_left(browser):
    deliver(browser, event("charge.updated", "ch_1"))
    jobs.work()
    assert [one.outcome for one in events()] == ["nothing to do"]


def test_a_session_we_do_not_know_is_tried_again_and_shown_to_staff(browser, stripe, at):
    deliver(browser, event(object_id="cs_test_unknown"))
    jobs.work()
    assert events()[0].handled_at is None
    start = clock.now()
    at(*(start + timedelta(minutes=6)).timetuple()[:6])
    assert db.session.scalars(queries.unmatched_events()).all() == events()
    at(*(start + timedelta(hours=25)).timetuple()[:6])
    jobs.work()
    assert [one.outcome for one in events()] == ["unmatched"]
    assert db.session.scalars(queries.unmatched_events()).all() == events()


def test_a_message_while_stripe_is_down_waits_for_the_next_try(browser, stripe, at):
    invoice = make_invoice()
    session_id = paid_session(stripe, invoice)
    stripe.post_faults(fail=3)
    deliver(browser, event(object_id=session_id))
    jobs.work()
    assert queries.balance(invoice)
    at(*(clock.now() + timedelta(minutes=1)).timetuple()[:6])
    jobs.work()
    assert not queries.balance(invoice)


def test_a_message_that_comes_before_the_session_was_stored_is_matched_by_our_number(
    browser, stripe
):
    invoice = make_invoice()
    session_id = paid_session(stripe, invoice)
    attempt = db.session.scalars(select(PaymentAttempt)).one()
    attempt.session_id = None
    attempt.status = "created"
    db.session.commit()
    deliver(browser, event(object_id=session_id))
    jobs.work()
    assert not queries.balance(invoice)


def test_the_webhook_needs_no_csrf_token_and_other_methods_are_refused(browser):
    assert browser.send("GET", "/webhooks/stripe").status_code == 405
