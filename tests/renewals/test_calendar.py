"""What the calendar says beforehand, kind by kind."""

from datetime import date, timedelta

import pytest

from portal.core import clock
from portal.core.db import db
from portal.dues import actions as dues
from portal.dues.instalments import instalments
from portal.dues.models import AutomaticCharge, CardMandate
from portal.dues.queries import balance
from portal.members.actions import open_vacancy
from portal.members.endings import Laying, lay, suspend
from portal.members.models import (
    Attestation,
    FirmRole,
    OverlayKind,
)
from portal.renewals import actions, queries
from portal.renewals.ahead import Kind
from portal.renewals.ladders import SHIPPED, Ladder
from tests.dues.books import SEATS, book, make_invoice
from tests.dues.kept import Days, keep_card, steps
from tests.dues.test_early import EARLY, asked
from tests.make import make_person, save
from tests.renewals.making import adopt, fail_card, fte, issue, make_life, pay, person_of, sign

DAY = date(2026, 10, 1)
SUBJECTS = {step.code: step.subject for step in SHIPPED.of(Ladder.INVOICE)}


@pytest.fixture
def life(at):
    """A firm of 40 people whose term ends with the year."""
    at(2026, 10, 1, 9)
    return make_life(headcount=40, name="Salmon Support")


def found(kind):
    return [(one.on, one.what) for one in queries.foreseen(DAY) if one.kind is kind]


def kept_card(term):
    """Consent and a card, as Stripe said that it was saved."""
    firm_id = term.membership.organization_id
    return save(CardMandate(
        organization_id=firm_id, consented_by=person_of(term), consented_at=clock.now(),
        text_version="2026-11-2", customer_id="cus_1", payment_method_id="pm_1", brand="visa",
        last4="4242", expiry_month=11, expiry_year=2031, saved_at=clock.now(),
    ))  # fmt: skip


def test_a_kept_card_that_will_be_charged(life):
    kept_card(life)
    invoice = make_invoice(life.membership.organization, due_in=20)
    assert found(Kind.CARD) == [
        (date(2026, 10, 21), f"Card charged {balance(invoice)}: invoice {invoice.number}")
    ]  # the renewal's is due after these days


def reminded(invoice, day=DAY):
    return [
        (one.on, one.what.partition(":")[0], one.why) for one in queries.foreseen(day)
        if one.kind is Kind.REMINDER and one.invoice_id == invoice.id and "card" in one.why
    ]  # fmt: skip


WHY = "A payment by card failed on 1 Oct 2026"


def test_reminders_after_a_card_that_failed_until_somebody_calls(life):
    invoice = make_invoice(life.membership.organization, due_in=20)
    assert reminded(invoice) == []
    fail_card(invoice)
    assert reminded(invoice) == [
        (DAY, "The card was not charged", WHY),
        (date(2026, 10, 2), "The card was not charged", WHY),
        (date(2026, 10, 8), "Still to be paid", WHY),
        (date(2026, 10, 15), "Still to be paid", "Call the firm about its card"),
    ]
    pay(invoice)
    assert reminded(invoice) == []


def test_what_was_said_of_a_failed_card_is_not_foretold_again_when_another_fails(at, life):
    invoice = make_invoice(life.membership.organization, due_in=20)
    fail_card(invoice)
    for day in (1, 2):
        at(2026, 10, day, 10)
        actions.remind(invoice)
        db.session.commit()
    at(2026, 10, 4, 9)
    fail_card(invoice, 2)
    assert [on.day for on, _what, _why in reminded(invoice, date(2026, 10, 4))] == [11, 18]


def test_a_pause_holds_back_the_reminders_of_a_failed_card_and_the_latest_comes_after(life):
    invoice = make_invoice(life.membership.organization, due_in=20)
    fail_card(invoice)
    until = DAY + timedelta(days=9)
    lay("invoice", invoice.id, Laying(OverlayKind.PAUSE, "A promise", DAY, until))
    db.session.commit()
    assert [on.day for on, _what, _why in reminded(invoice)] == [11, 15]


def test_a_kept_card_that_is_declined_speaks_for_itself_and_has_no_other_reminders(life):
    invoice = make_invoice(life.membership.organization, due_in=20)
    mandate = kept_card(life)
    attempt = fail_card(invoice)
    facts = {"invoice_id": invoice.id, "mandate_id": mandate.id, "on": DAY}
    save(AutomaticCharge(attempt_id=attempt.id, step="0", **facts))
    assert reminded(invoice) == []
    assert actions.remind(invoice) == []
    assert next(on for on, _what in found(Kind.CARD)) == date(2026, 10, 4)


def test_the_last_day_to_pay_less_and_the_card_on_it(life):
    kept_card(life)
    lines = dues.drafts_of(asked(EARLY, joined_on="2026-01-01"))
    firm = life.membership.organization
    invoice = make_invoice(firm, lines=lines, tax_percent="21")
    assert found(Kind.EARLY) == [
        (date(2026, 10, 15), f"Last day to pay less: invoice {invoice.number}")
    ]
    ((on, what),) = found(Kind.CARD)
    assert on == date(2026, 10, 15)
    assert "1,149.50" in what
    pay(invoice, 114950)
    assert found(Kind.EARLY) == found(Kind.CARD) == []


def test_early_days_on_cards_cost_no_more_statements_when_they_are_many(life, statements):
    kept_card(life)
    firm = life.membership.organization

    def add(many):
        for _ in range(many):
            lines = dues.drafts_of(asked(EARLY, joined_on="2026-01-01"))
            make_invoice(firm, lines=lines, tax_percent="21")
        db.session.expire_all()
        statements.clear()
        assert len(found(Kind.CARD)) >= many
        return len(statements)

    few = add(2)
    assert add(4) == few


def test_a_smaller_firm_from_its_next_term_on(at, life):
    at(2026, 11, 1, 9)
    actions.change(life, fte(20), "Fewer of us", None)
    db.session.commit()
    (one,) = [one for one in queries.foreseen(date(2026, 11, 1)) if one.kind is Kind.SIZE]
    assert (one.on, one.what) == (
        date(2027, 1, 1),
        "With the next term: contact centre FTE 40 to 20",
    )


def test_who_says_less_for_the_next_term_alone_is_smaller_then_and_more_is_not(at, life):
    at(2026, 11, 1, 9)
    sign(life, 30)
    db.session.commit()
    assert [one.words for one in queries.deferred(date(2026, 11, 1))] == [
        "contact centre FTE 40 to 30"
    ]
    sign(life, 60)
    db.session.commit()
    assert queries.deferred(date(2026, 11, 1)) == []


def test_suspensions_holds_and_pauses_on_the_day_after_their_last(life):
    until = DAY + timedelta(days=9)
    invoice = make_invoice(life.membership.organization, due_in=5)
    laying = Laying(OverlayKind.SUSPENSION, "Decided", DAY, until, "vote")
    suspend(life.membership, laying, "board")
    lay("invoice", invoice.id, Laying(OverlayKind.PAUSE, "A promise", DAY, until))
    lay("invoice", invoice.id, Laying(OverlayKind.HOLD, "For good", DAY))
    db.session.commit()
    assert found(Kind.STOP) == [
        (date(2026, 10, 11), f"The pause of invoice {invoice.number} is over"),
        (date(2026, 10, 11), "The suspension of vote is over"),
    ]
    reminded = [what for _on, what in found(Kind.REMINDER)]
    assert reminded == ["Coming due: invoice of the renewal"]  # the hold has no last day


def test_who_is_asked_to_confirm_a_role_and_when_it_counts_no_more(life):
    for one in db.session.query(Attestation):
        one.on = date(2025, 10, 20)
    db.session.commit()
    mine = [one for one in queries.foreseen(DAY) if one.kind is Kind.ROLE]
    payer = person_of(life).display_name
    assert [(one.on, one.what) for one in mine if payer in one.what] == [
        (date(2026, 10, 20), f"{payer} is asked to confirm a role"),
        (date(2026, 11, 3), f"{payer} is asked once more"),
        (date(2026, 11, 17), f"{payer} is asked once more"),
        (date(2026, 12, 1), f"The role of {payer} counts as not confirmed"),
    ]


def test_the_last_day_to_name_a_successor(life):
    open_vacancy(life.membership.organization, FirmRole.DELEGATE, "The delegate left")
    db.session.commit()
    assert found(Kind.VACANCY) == [(date(2026, 10, 29), "Last day to name a new delegate")]


def test_a_trial_that_ends(life):
    life.price_snapshot = {**life.price_snapshot, "trial": True}
    life.end_on, life.grace_until_on = date(2026, 10, 31), date(2026, 11, 30)
    db.session.commit()
    assert found(Kind.TRIAL) == [(date(2026, 11, 1), "The trial is over")]


def test_a_gift_that_the_next_invoice_has_not(at):
    at(2025, 11, 5, 9)
    gift = {"kind": "donation", "classes": "*", "tax_percent": "0"}
    tariff = adopt(book=book(*book()["rules"], SEATS, gift))
    term = make_life(tariff=tariff, start=date(2025, 1, 1), end=date(2025, 12, 31))
    actions.choose(actions.open_window(term), 0, None, 25000)
    pay(issue(term))
    at(2026, 10, 1, 9)
    ((on, what),) = found(Kind.GIFT)
    assert on == date(2026, 11, 2)
    assert "250.00" in what


def test_the_parts_of_a_plan_that_are_not_paid(life):
    invoice = make_invoice(life.membership.organization, total=90000, due_in=5)
    dues.agree_plan(invoice, instalments(balance(invoice), DAY + timedelta(days=5), 3))
    pay(invoice, 30000)
    assert [on for on, _what in found(Kind.PART)] == [date(2026, 11, 6), date(2026, 12, 6)]


def test_staff_see_one_kind_with_the_way_to_its_invoice(browser, life):
    invoice = make_invoice(life.membership.organization, due_in=5)
    browser.sign_in(make_person("membership"))
    page = browser.get("/staff/members/calendar?kind=reminder")
    assert f'href="/staff/dues/{invoice.id}"' in page
    assert "Grace begins" not in page
    assert "Nothing of this kind" in browser.get("/staff/members/calendar?kind=trial")


@pytest.fixture
def days(at, stripe):
    return Days(at, stripe)


def test_the_card_is_charged_on_the_day_that_the_calendar_said(stripe, days):
    year = days.day.year
    term = make_life(start=date(year, 1, 1), end=date(year, 12, 31))
    firm = term.membership.organization
    keep_card(stripe, firm, person_of(term))
    invoice = make_invoice(firm, due_in=5)
    charges = [one for one in queries.foreseen(days.day) if one.kind is Kind.CARD]
    (told,) = [one for one in charges if one.invoice_id == invoice.id]
    days.live(told.on)
    assert steps() == [("0", told.on)]
    assert db.session.query(AutomaticCharge).one().invoice_id == told.invoice_id
