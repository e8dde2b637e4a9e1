"""A card that is kept with consent, and charged when dues are due."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from portal.core import jobs
from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions, cards, charging, queries
from portal.dues.models import AutomaticCharge, CardMandate, Invoice, PaymentAttempt
from portal.members.endings import Laying, lay, lift
from portal.members.models import OverlayKind
from portal.renewals.actions import resign
from tests.demo.sandbox_process import ASKS, ASKS_AGAIN, DECLINED, FAILS_LATER
from tests.dues.books import make_invoice
from tests.dues.kept import (
    every,
    keep_card,
    mails,
    money,
    statuses,
    steps,
)
from tests.make import make_contact, make_person

ANNOUNCED, FAILED, NEEDS = "dues/charge_announced", "dues/charge_failed", "dues/charge_needs_you"


def test_the_invoice_says_when_it_is_charged_by_itself(browser, stripe, payer):
    person, firm = payer
    invoice = make_invoice(firm)
    browser.sign_in(person)
    assert "is charged to" not in browser.get(f"/invoices/{invoice.id}")
    keep_card(stripe, firm, person)
    page = browser.get(f"/invoices/{invoice.id}")
    assert "is charged to" in page
    assert "the card Visa ending in 4242</a>" in page
    browser.sign_in(make_person("finance"))
    assert "the firm's card Visa ending in 4242" in browser.get(f"/staff/dues/{invoice.id}")


def test_a_dues_contact_lets_us_charge_a_card_changes_it_and_stops(browser, stripe, payer):
    person, firm = payer
    browser.sign_in(person)
    page = browser.get("/firm/auto-pay")
    assert "No card is kept" in page
    page = browser.post("/firm/auto-pay", page="/firm/auto-pay", status=200).text
    assert "Agree first: without it we charge no card" in page
    hosted = browser.post("/firm/auto-pay", page="/firm/auto-pay", agrees="on").location
    assert hosted.startswith(stripe.url)
    back = urlsplit(stripe.pay(hosted, expiry="11/31").location).path
    browser.get(back, status=303)
    page = browser.get("/firm/auto-pay")
    for words in ("The card is kept", "Visa ending in 4242", "11/2031", person.display_name):
        assert words in page
    first = queries.kept_card(firm.id)
    hosted = browser.post("/firm/auto-pay", page="/firm/auto-pay", agrees="on").location
    stripe.pay(hosted, ASKS)
    browser.get("/firm/auto-pay/return", status=303)
    assert "Visa ending in 3155" in browser.get("/firm/auto-pay")
    assert [one.revoked_at is None for one in every(CardMandate)] == [False, True]
    browser.post("/firm/auto-pay/stop", page="/firm/auto-pay/stop")
    assert "No card is kept" in browser.get("/firm/auto-pay")
    jobs.work()
    methods = [one for one in stripe.state()["payment_method"] if one.get("_is_detached")]
    assert len(methods) == 2
    assert first.last4 not in str(queries.kept_card(firm.id))


def test_leaving_the_card_page_keeps_nothing(browser, stripe, payer):
    person, firm = payer
    browser.sign_in(person)
    browser.post("/firm/auto-pay", page="/firm/auto-pay", agrees="on")
    browser.get("/firm/auto-pay/return", status=303)
    assert "No card has been saved" in browser.get("/firm/auto-pay")
    assert "no card was saved" in browser.get("/firm/auto-pay?card=left")
    assert queries.kept_card(firm.id) is None


def test_only_who_deals_with_the_money_of_a_firm_sees_its_card(browser, payer):
    _person, firm = payer
    browser.sign_in(make_contact(firm))
    browser.get("/firm/auto-pay", status=403)


def test_when_stripe_is_away_the_page_says_so(browser, stripe, payer):
    browser.sign_in(payer[0])
    stripe.post_faults(fail=3)
    page = browser.post("/firm/auto-pay", page="/firm/auto-pay", agrees="on", status=503).text
    assert "Card payments are away for a moment" in page


def test_a_card_is_kept_from_the_page_that_pays_when_its_payer_says_so(browser, stripe, payer):
    person, firm = payer
    invoice = make_invoice(firm)
    browser.sign_in(person)
    url = f"/invoices/{invoice.id}"
    plain = browser.post(f"{url}/pay", page=url).location
    keeping = browser.post(f"{url}/pay", page=url, keep="on").location
    assert plain != keeping
    stripe.pay(keeping)
    browser.get(f"{url}/return", status=303)
    kept = queries.kept_card(firm.id)
    assert (kept.last4, kept.consented_by_id) == ("4242", person.id)
    assert money() == [invoice.total]


def test_nobody_consents_for_a_firm_by_a_pay_link(browser, stripe, payer):
    invoice = make_invoice(payer[1])
    url = f"/pay/{actions.pay_link(invoice).token}"
    db.session.commit()
    assert "Keep this card" not in browser.get(url)
    stripe.pay(browser.post(f"{url}/pay", page=url, keep="on").location)
    browser.get(f"{url}/return", status=303)
    assert every(CardMandate) == []


def test_a_card_is_charged_on_the_day_dues_are_due(stripe, days, payer):
    person, firm = payer
    keep_card(stripe, firm, person)
    invoice = make_invoice(firm, due_in=40)
    days.live(invoice.due_on)
    assert money() == [invoice.total]
    assert steps() == [("0", invoice.due_on)]
    assert statuses() == ["succeeded"]
    assert len(mails("dues/received")) == 1
    assert list(queries.ledger_faults()) == []
    days.live(invoice.due_on + timedelta(days=20))
    assert len(money()) == 1


def test_a_charge_is_announced(stripe, days, payer):
    """30 and 7 days ahead, with amount, card, expiry, and where to stop it."""
    person, firm = payer
    keep_card(stripe, firm, person, expiry="11/31")
    invoice = make_invoice(firm, due_in=40, total=120900)
    told = []
    for ahead in (31, 30, 29, 8, 7, 6, 1):
        days.live(invoice.due_on - timedelta(days=ahead))
        told.append(len(mails(ANNOUNCED)))
    assert told == [0, 1, 1, 1, 2, 2, 2]
    mail = mails(ANNOUNCED)[0]
    assert mail.recipient == person.email
    for words in ("EUR 1,209.00", "Visa ending in 4242", "11/2031", "/firm/auto-pay", "/pay/"):
        assert words in mail.text
    assert money() == []


def test_an_invoice_that_is_overdue_when_the_card_is_given_is_announced_at_once(
    stripe, days, payer
):
    person, firm = payer
    invoice = make_invoice(firm, due_in=1)
    days.go(invoice.due_on + timedelta(days=9))
    keep_card(stripe, firm, person)
    days.work()
    assert (len(mails(ANNOUNCED)), money()) == (1, [])
    days.live(days.day + timedelta(days=2))
    assert money() == []
    days.live(days.day + timedelta(days=1))
    assert money() == [invoice.total]


def test_failed_auto_renew_is_tried_four_times_and_then_a_person_sees_to_it(
    browser, stripe, days, payer
):
    person, firm = payer
    keep_card(stripe, firm, person, FAILS_LATER)
    invoice = make_invoice(firm, due_in=5)
    days.go(days.day).work()
    days.live(invoice.due_on + timedelta(days=40))
    due = invoice.due_on
    assert steps() == [(str(n), due + timedelta(days=n)) for n in (0, 1, 7, 14)]
    assert statuses() == ["failed"] * 4
    assert [one.failure for one in every(AutomaticCharge)] == ["generic_decline"] * 4
    assert len(mails(FAILED)) == 4
    assert "We do not try again by ourselves" in mails(FAILED)[-1].text
    assert "We try again on" in mails(FAILED)[0].text
    assert [one.invoice_id for one in db.session.scalars(queries.for_a_person())] == [invoice.id]
    browser.sign_in(make_person("finance"))
    assert "Cards that could not be charged" in browser.get("/staff/")
    assert money() == []


def test_a_manual_payment_and_a_retry_are_one_charge(stripe, days, payer):
    person, firm = payer
    keep_card(stripe, firm, person, FAILS_LATER)
    invoice = make_invoice(firm, due_in=5)
    days.go(days.day).work()
    days.live(invoice.due_on)
    actions.record_transfer(invoice, invoice.total, days.day)
    db.session.commit()
    days.live(invoice.due_on + timedelta(days=20))
    assert money() == [invoice.total]
    assert steps() == [("0", invoice.due_on)]


def test_another_card_is_charged_once_at_once_for_what_the_old_one_could_not_pay(
    stripe, days, payer
):
    person, firm = payer
    keep_card(stripe, firm, person, FAILS_LATER)
    failed, later = make_invoice(firm, due_in=5), make_invoice(firm, due_in=30, total=500)
    days.go(days.day).work()
    days.live(failed.due_on)
    new = keep_card(stripe, firm, person)
    jobs.work()
    assert money() == [failed.total]
    assert steps()[-1][0] == f"card:{new.id}"
    assert queries.balance(later)


def test_another_card_that_fails_too_is_charged_once_and_the_steps_go_on(stripe, days, payer):
    person, firm = payer
    keep_card(stripe, firm, person, FAILS_LATER)
    invoice = make_invoice(firm, due_in=5)
    days.go(days.day).work()
    days.live(invoice.due_on)
    new = keep_card(stripe, firm, person, FAILS_LATER)
    days.work(1).live(invoice.due_on + timedelta(days=30))
    assert [one for one, _ in steps()] == ["0", f"card:{new.id}", "1", "7", "14"]
    assert len({on for _, on in steps()[1:]}) == 4


def test_a_bank_that_wants_to_ask_gets_its_payer_by_mail_and_page(browser, stripe, days, payer):
    person, firm = payer
    keep_card(stripe, firm, person, ASKS_AGAIN)
    invoice = make_invoice(firm, due_in=5)
    days.go(days.day).work()
    days.live(invoice.due_on)
    assert statuses() == ["requires_action"]
    (mail,) = mails(NEEDS)
    assert "Please pay on this page, where your bank can ask you:" in mail.text
    days.live(invoice.due_on + timedelta(days=2))
    assert (len(steps()), len(mails(NEEDS)), len(mails(FAILED))) == (1, 1, 0)
    url = f"/pay/{actions.pay_link(invoice).token}"
    hosted = browser.post(f"{url}/pay", page=url).location
    assert hosted.startswith(stripe.url)
    assert stripe.pay(hosted, ASKS_AGAIN).location
    browser.get(f"{url}/return", status=303)
    assert statuses() == ["failed", "succeeded"]
    assert money() == [invoice.total]
    days.live(invoice.due_on + timedelta(days=20))
    assert len(money()) == 1


def test_a_payer_who_never_answers_the_bank_is_left_to_a_person(stripe, days, payer):
    person, firm = payer
    keep_card(stripe, firm, person, ASKS_AGAIN)
    invoice = make_invoice(firm, due_in=5)
    days.go(days.day).work()
    days.live(invoice.due_on + timedelta(days=20))
    assert statuses() == ["failed"]
    assert len(steps()) == 1
    assert [one.invoice_id for one in db.session.scalars(queries.for_a_person())] == [invoice.id]


def test_a_part_payment_changes_the_amount_and_is_announced_anew(stripe, days, payer):
    person, firm = payer
    keep_card(stripe, firm, person)
    invoice = make_invoice(firm, due_in=20, total=1000)
    days.live(invoice.due_on - timedelta(days=1))
    actions.record_transfer(invoice, Money(400, "EUR"), days.day)
    db.session.commit()
    days.live(invoice.due_on + timedelta(days=1))
    assert money() == [Money(400, "EUR")]
    assert "EUR 6.00" in mails(ANNOUNCED)[-1].text
    days.live(invoice.due_on + timedelta(days=5))
    assert money() == [Money(400, "EUR"), Money(600, "EUR")]


@pytest.mark.parametrize("is_lifted", [True, False])
def test_what_was_announced_before_a_hold_is_announced_anew_once_it_is_over(
    stripe, days, payer, is_lifted
):
    person, firm = payer
    keep_card(stripe, firm, person)
    invoice = make_invoice(firm, due_in=6)
    days.live(days.day + timedelta(days=1))
    assert len(mails(ANNOUNCED)) == 1
    over_on = invoice.due_on + timedelta(days=30)
    until = None if is_lifted else over_on - timedelta(days=1)
    held = lay("invoice", invoice.id, Laying(OverlayKind.HOLD, "Look at it.", days.day, until))
    db.session.commit()
    days.go(over_on)
    if is_lifted:
        lift(held, "It is right.")
        db.session.commit()
    days.work()
    assert (len(mails(ANNOUNCED)), money()) == (2, [])
    days.live(over_on + timedelta(days=2))
    assert money() == []
    days.live(over_on + timedelta(days=3))
    assert (len(mails(ANNOUNCED)), money()) == (2, [invoice.total])


@pytest.mark.parametrize(
    "how", ["credited", "paid", "stopped", "ended", "cancelled", "held", "paused", "resigned"]
)
def test_nothing_is_charged_after_it_is(stripe, days, payer, how):
    person, firm = payer
    mandate = keep_card(stripe, firm, person)
    membership = firm.memberships[0]
    line = actions.LineDraft(
        "bands", "Dues", 1000, "dues", covers_from=days.day, covers_to=days.day,
        membership_id=membership.id,
    )  # fmt: skip
    invoice = make_invoice(firm, due_in=20, lines=[line])
    days.live(days.day + timedelta(days=1))
    if how == "credited":
        actions.credit(invoice, "It was wrong.")
    elif how == "paid":
        actions.record_transfer(invoice, invoice.total, days.day)
    elif how == "stopped":
        actions.revoke(mandate, "the firm said stop")
    elif how == "ended":
        membership.ended_on = days.day
    elif how == "held":
        lay("invoice", invoice.id, Laying(OverlayKind.HOLD, "It is disputed.", days.day))
    elif how == "paused":
        lay("membership", membership.id, Laying(OverlayKind.PAUSE, "They promised.", days.day))
    elif how == "resigned":
        resign(membership, days.day, "They sold it.", None, last=membership.terms[0].end_on)
    else:
        membership.terms[0].cancelled_at = mandate.saved_at
    db.session.commit()
    days.live(invoice.due_on + timedelta(days=3))
    assert steps() == []
    assert len(mails(ANNOUNCED)) == 1


def test_a_card_that_expires_is_said_45_days_ahead_once(stripe, days, payer):
    person, firm = payer
    mandate = keep_card(stripe, firm, person, expiry="02/27")
    assert mandate.last_day.isoformat() == "2027-02-28"
    days.go(mandate.last_day - timedelta(days=46)).work()
    assert mails("dues/card_expires") == []
    days.live(mandate.last_day - timedelta(days=43))
    (mail,) = mails("dues/card_expires")
    assert "expires on 28 Feb 2027" in mail.subject


def test_a_charge_whose_answer_was_lost_is_asked_for_again_and_charged_once(stripe, days, payer):
    person, firm = payer
    keep_card(stripe, firm, person)
    invoice = make_invoice(firm, due_in=5)
    days.go(days.day).work()
    days.live(invoice.due_on - timedelta(days=1))
    days.go(invoice.due_on)
    stripe.post_faults(lose=3)
    charging.look_after_kept_cards()
    assert statuses() == ["unknown"]
    days.work()
    assert (statuses(), money()) == (["succeeded"], [invoice.total])
    assert len(stripe.state()["charge"]) == 1


@pytest.mark.parametrize(("fault", "ends"), [("fail", "cancelled"), ("lose", "succeeded")])
def test_a_lost_answer_is_looked_for_when_the_invoice_was_paid_meanwhile(
    stripe, days, payer, fault, ends
):
    person, firm = payer
    keep_card(stripe, firm, person)
    invoice = make_invoice(firm, due_in=5)
    days.go(days.day).work()
    days.live(invoice.due_on - timedelta(days=1))
    days.go(invoice.due_on)
    stripe.post_faults(**{fault: 3})
    charging.look_after_kept_cards()
    actions.record_transfer(invoice, invoice.total, days.day, by=person)
    db.session.commit()
    days.work()
    assert statuses() == [ends]
    charged = 1 if ends == "succeeded" else 0
    assert len(stripe.state().get("charge", [])) == charged
    assert list(queries.ledger_faults()) == []


def test_a_card_that_stripe_no_longer_has_is_a_failed_step(stripe, days, payer):
    person, firm = payer
    mandate = keep_card(stripe, firm, person)
    invoice = make_invoice(firm, due_in=5)
    days.go(days.day).work()
    mandate.payment_method_id = "pm_gone"
    db.session.commit()
    days.live(invoice.due_on)
    assert steps() == [("0", invoice.due_on)]
    assert statuses() == ["cancelled"]
    assert len(mails(FAILED)) == 1


def test_a_declined_card_on_the_saving_page_keeps_nothing(stripe, payer):
    person, firm = payer
    keep_card(stripe, firm, person, DECLINED)
    assert queries.kept_card(firm.id) is None


def test_the_automatic_charge_leaves_an_open_page_alone(stripe, days, payer):
    person, firm = payer
    keep_card(stripe, firm, person)
    invoice = make_invoice(firm, due_in=5)
    days.go(days.day).work()
    days.live(invoice.due_on - timedelta(days=1))
    days.go(invoice.due_on)
    hosted = cards.start(invoice.id, "/pay/x")
    charging.look_after_kept_cards()
    assert [one.key for one in every(PaymentAttempt)] == [f"inv-{invoice.id}-att-1"]
    stripe.pay(hosted)
    days.work()
    assert money() == [invoice.total]


def test_the_page_takes_as_many_statements_for_many_invoices_as_for_few(
    browser, stripe, payer, statements
):
    person, firm = payer
    keep_card(stripe, firm, person)
    browser.sign_in(person)
    seen = []
    for many in (2, 8):
        for _ in range(many):
            make_invoice(firm)
        browser.get("/firm/auto-pay")
        statements.clear()
        page = browser.get("/firm/auto-pay")
        seen.append(len(statements))
        assert page.count("Dues 2026") == len(every(Invoice))
    assert seen[0] == seen[1]
