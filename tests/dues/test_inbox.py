"""What Stripe told us: looked into again, set aside, and read again where nothing arrived."""

from datetime import timedelta

import pytest

from portal.core import clock, jobs
from portal.core.db import db
from portal.core.stripe_gateway import gateway
from portal.dues import actions, cards, queries, saving
from portal.dues.jobs import read_events
from portal.dues.models import AttemptStatus, EventCursor, PaymentAttempt, StripeEvent
from tests.dues.books import deliver, event, make_invoice
from tests.dues.kept import every, keep_card, make_payer, money
from tests.make import make_person

DAY = timedelta(hours=25)


def later(at, how_long):
    at(*(clock.now() + how_long).timetuple()[:6])


def outcomes():
    return [one.outcome for one in every(StripeEvent)]


@pytest.fixture
def finance(browser):
    browser.sign_in(make_person("finance"))
    return browser


def test_a_message_that_stays_unmatched_for_a_day_waits_on_the_desk_until_it_is_set_aside(
    finance, another_browser, stripe, at
):
    deliver(another_browser, event(object_id="cs_test_unknown"))
    jobs.work()
    later(at, DAY)
    jobs.work()
    finance.sign_in(make_person("finance"))
    assert "Card messages without a match" in finance.get("/staff/")
    page = finance.get("/staff/dues/events?state=unmatched")
    assert "cs_test_unknown" in page
    (message,) = every(StripeEvent)
    where = f"/staff/dues/events/{message.id}/set-aside"
    assert "Say why" in finance.post(where, page=where, status=200, reason=" ").text
    finance.post(where, page=where, reason="Of another shop on the same account.")
    assert "Of another shop" in finance.get("/staff/dues/events?state=set_aside")
    assert "No such message" in finance.get("/staff/dues/events?state=unmatched")
    assert outcomes() == ["set aside"]


def test_a_message_is_looked_into_again_when_staff_say_so(finance, another_browser, stripe, at):
    invoice = make_invoice()
    stripe.pay(cards.start(invoice.id, "/pay/x"))
    (attempt,) = every(PaymentAttempt)
    session_id, attempt.session_id = attempt.session_id, "cs_other"
    db.session.commit()
    deliver(another_browser, event(object_id=session_id))
    jobs.work()
    assert outcomes() == [""]
    every(PaymentAttempt)[0].session_id = session_id
    db.session.commit()
    (message,) = every(StripeEvent)
    again = f"/staff/dues/events/{message.id}/retry"
    finance.post(again, page="/staff/dues/events")
    jobs.work()
    assert outcomes() == ["booked"]
    finance.post(again, page="/staff/dues/events")
    assert "did its work already" in finance.get("/staff/dues/events")
    put = f"/staff/dues/events/{message.id}/set-aside"
    finance.post(put, page=put, reason="No.")
    assert outcomes() == ["booked"]


def test_the_inbox_takes_as_many_statements_for_many_messages_as_for_few(finance, statements):
    seen = []
    for many in (10, 40):
        for n in range(many):
            db.session.add(
                StripeEvent(event_id=f"evt_{many}_{n}", kind="x", object_id="y",
                            heard_at=clock.now(), outcome="unmatched")
            )  # fmt: skip
        db.session.commit()
        statements.clear()
        finance.get("/staff/dues/events")
        seen.append(len(statements))
    assert seen[0] == seen[1]


def test_a_missed_webhook_is_recovered_from_stripes_own_list(stripe, at):
    """The attempt was given up here; only Stripe's list of events still knows of the money."""
    invoice = make_invoice()
    stripe.pay(cards.start(invoice.id, "/pay/x"))
    (attempt,) = every(PaymentAttempt)
    attempt.status = AttemptStatus.EXPIRED
    db.session.add(EventCursor(id=1, read_until=clock.now()))
    db.session.commit()
    read_events()
    db.session.commit()
    jobs.work()
    assert money() == [invoice.total]
    assert "booked" in outcomes()
    read_events()
    db.session.commit()
    kept = len(every(StripeEvent))
    read_events()
    assert len(every(StripeEvent)) == kept


def test_the_first_reading_only_remembers_when_it_was(stripe):
    cards.start(make_invoice().id, "/pay/x")
    read_events()
    db.session.commit()
    assert every(StripeEvent) == []
    assert len(every(EventCursor)) == 1


def test_before_any_card_was_used_stripe_is_not_asked(at):
    read_events()
    assert every(EventCursor) == []


def test_a_webhook_before_our_row_waits_until_the_row_is_there(another_browser, stripe, at):
    invoice = make_invoice()
    stripe.pay(cards.start(invoice.id, "/pay/x"))
    (attempt,) = every(PaymentAttempt)
    session_id, attempt.session_id = attempt.session_id, "cs_other"
    db.session.commit()
    deliver(another_browser, event(object_id=session_id))
    jobs.work()
    assert money() == []
    every(PaymentAttempt)[0].session_id = session_id
    db.session.commit()
    later(at, timedelta(minutes=1))
    jobs.work()
    assert money() == [invoice.total]


def test_only_ids_we_created_are_booked(another_browser, stripe, at):
    """Money of another shop on the same account, be its metadata as ours would be."""
    person, firm = make_payer()
    mandate = keep_card(stripe, firm, person)
    invoice = make_invoice(firm)
    cards.start(invoice.id, "/pay/x")
    (attempt,) = every(PaymentAttempt)
    foreign = gateway().charge(
        attempt_id=attempt.id, key="foreign", money=invoice.total, name="Shoes",
        customer=mandate.customer_id, payment_method=mandate.payment_method_id,
    )  # fmt: skip
    body = event("payment_intent.succeeded", foreign.payment_intent)
    deliver(another_browser, body)
    jobs.work()
    assert money() == []
    assert queries.balance(invoice) == invoice.total
    assert actions.settle(foreign) is actions.Outcome.UNMATCHED


def test_a_message_about_a_card_that_was_saved_keeps_it(another_browser, stripe):
    person, firm = make_payer()
    stripe.pay(saving.start(firm, person))
    told = [one for one in stripe.state()["event"] if one["type"].startswith("checkout")]
    deliver(another_browser, event(object_id=told[-1]["data"]["object"]["id"]))
    jobs.work()
    assert outcomes() == ["saved"]
    assert queries.kept_card(firm.id).last4 == "4242"
