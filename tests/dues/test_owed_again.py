"""An invoice whose money went again is not charged to a kept card without notice."""

from datetime import timedelta

import pytest

from portal.core.db import db
from portal.dues import actions, money_back, queries
from portal.dues.actions import LineDraft
from portal.dues.instalments import instalments
from portal.dues.models import Payment
from portal.members.endings import Laying, lay, lift
from portal.members.models import OverlayKind
from portal.renewals.actions import resign, stay
from tests.demo.sandbox_process import DISPUTED
from tests.dues.books import make_invoice
from tests.dues.kept import every, keep_card, mails, money, steps
from tests.dues.test_disputes import decide
from tests.dues.test_refunds import at_stripe
from tests.make import make_person

ANNOUNCED = "dues/charge_announced"


@pytest.mark.parametrize("how", ["refunded", "lost", "freed"])
def test_a_charge_whose_money_went_again_is_left_to_a_person(browser, stripe, days, payer, how):
    person, firm = payer
    keep_card(stripe, firm, person, DISPUTED if how == "lost" else "4242424242424242")
    invoice = make_invoice(firm, due_in=5)
    days.go(days.day).work()
    days.live(invoice.due_on)
    (payment,) = every(Payment)
    if how == "refunded":
        at_stripe(stripe, payment, payment.amount_minor)
    elif how == "lost":
        decide(stripe, stripe.state()["dispute"][0]["id"], wins=False)
    else:
        actions.free(payment, invoice, "A wrong match")
    money_back.look_after_money_back()
    db.session.commit()
    assert queries.balance(invoice) == invoice.total
    days.live(invoice.due_on + timedelta(days=20))
    keep_card(stripe, firm, person)
    days.work().live(invoice.due_on + timedelta(days=25))
    assert steps() == [("0", invoice.due_on)]
    assert queries.next_charge(invoice) is None
    assert [one.invoice_id for one in db.session.scalars(queries.for_a_person())] == [invoice.id]
    browser.sign_in(make_person("finance"))
    assert "It paid, and the money went again" in browser.get("/staff/dues/cards")


def break_off(how, membership, invoice, days):
    """Something that stops a charge, and how it ends."""
    if how == "paused":
        laying = Laying(OverlayKind.PAUSE, "They promised.", days.day)
        pause = lay("membership", membership.id, laying)
        return lambda: lift(pause, "They paid.")
    if how == "resigned":
        last = membership.terms[0].end_on
        leaving = resign(membership, days.day, "They sell.", None, last=last)
        return lambda: stay(leaving, "They stay.")
    if how == "plan":
        parts = instalments(queries.balance(invoice), days.day + timedelta(days=90), 2)
        actions.agree_plan(invoice, parts)
        return lambda: actions.end_plan(invoice)
    payment = actions.record_transfer(invoice, invoice.total, days.day, by=make_person("finance"))
    return lambda: actions.free(payment, invoice, "Of another firm")


@pytest.mark.parametrize("how", ["paused", "resigned", "plan", "matched"])
def test_what_was_announced_before_a_break_is_announced_anew_after_it(stripe, days, payer, how):
    person, firm = payer
    keep_card(stripe, firm, person)
    membership = firm.memberships[0]
    line = LineDraft(
        "bands", "Dues", 1000, "dues", covers_from=days.day, covers_to=days.day,
        membership_id=membership.id,
    )  # fmt: skip
    invoice = make_invoice(firm, due_in=6, lines=[line])
    days.live(days.day + timedelta(days=1))
    assert len(mails(ANNOUNCED)) == 1
    end = break_off(how, membership, invoice, days)
    db.session.commit()
    over_on = invoice.due_on + timedelta(days=20)
    days.go(over_on)
    before = len(money())
    end()
    db.session.commit()
    days.work()
    assert (len(mails(ANNOUNCED)), steps()) == (2, [])
    days.live(over_on + timedelta(days=2))
    assert steps() == []
    days.live(over_on + timedelta(days=3))
    assert (len(mails(ANNOUNCED)), len(money())) == (2, before + 1)
