"""Simple interest from the 30th day late: shown, reminded of, charged when staff ask."""

from datetime import date, timedelta

import pytest

from portal.association.models import Association
from portal.core import clock
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions
from portal.dues.instalments import interest, interest_over
from portal.dues.models import Dispute, Invoice
from portal.dues.queries import bill, ledger_faults
from portal.dues.queries.late import interest_to_date
from portal.members.models import Membership
from portal.renewals.actions import remind
from portal.renewals.ladders import INVOICE
from portal.renewals.models import Resignation
from tests.dues.books import make_invoice
from tests.dues.test_tax_rules import adopt, rule
from tests.make import make_contact, make_firm, make_person

DUE = date(2026, 12, 2)


@pytest.fixture
def late(at):
    """An invoice of G54's size, due on 2 December 2026, at 8 %."""
    at(2026, 11, 2, 12)
    db.session.get(Association, 1).interest_percent = "8"
    return make_invoice(make_firm(), total=219736)


def days_late(at, days):
    day = DUE + timedelta(days=days)
    at(day.year, day.month, day.day, 12)


def due(invoice):
    db.session.expire_all()
    found = interest_to_date(bill(invoice))
    return found and found.money.minor


def test_G54_simple_interest_of_45_days(at, late):
    days_late(at, 30 + 44)
    assert due(late) == 2167 == interest(Money(219736, "EUR"), 8, 45).minor


def test_interest_starts_at_the_step_of_the_ladder_that_says_so(at, late):
    assert [step.days for step in INVOICE if step.interest] == [30]
    days_late(at, 29)
    assert due(late) is None
    days_late(at, 30)
    assert due(late) == 48


def test_without_a_rate_there_is_none(at, late):
    db.session.get(Association, 1).interest_percent = "0"
    db.session.commit()
    days_late(at, 90)
    assert due(late) is None


def test_it_is_reckoned_on_what_was_owed_on_each_day(at, late):
    days_late(at, 40)
    actions.record_transfer(late, Money(100000, "EUR"), clock.today())
    db.session.commit()
    days_late(at, 49)
    assert due(late) == interest_over([(219736, 10), (119736, 10)], "EUR", 8).minor


@pytest.mark.parametrize("how", ["paid", "credited"])
def test_nothing_runs_on_what_is_cleared_or_credited(at, late, how):
    days_late(at, 60)
    if how == "paid":
        actions.record_transfer(late, late.total, clock.today())
    else:
        actions.credit(late, "taken back")
    db.session.commit()
    days_late(at, 90)
    assert due(late) is None
    with pytest.raises(Refused):
        actions.charge_interest(late)


def test_nothing_runs_while_a_plan_is_kept_and_it_runs_again_once_it_is_broken(at, late):
    days_late(at, 40)
    half = Money(109868, "EUR")
    actions.agree_plan(late, [(clock.today(), half), (clock.today() + timedelta(30), half)])
    db.session.commit()
    assert due(late) is None
    days_late(at, 40 + 29)
    assert due(late) is None
    days_late(at, 40 + 30)
    assert due(late) == 24, "of the part that is late"
    days_late(at, 70 + 30)
    assert due(late) == interest_over([(109868, 30), (219736, 1)], "EUR", 8).minor


def test_money_that_went_again_is_late_as_a_new_claim_is(at, late):
    days_late(at, 40)
    payment = actions.record_transfer(late, late.total, clock.today())
    days_late(at, 60)
    actions.free(payment, late, "A wrong match")
    db.session.commit()
    days_late(at, 60 + 29)
    before = interest(Money(219736, "EUR"), 8, 10).minor
    assert due(late) == before, "of the days before it was paid"
    days_late(at, 60 + 30)
    assert due(late) == interest(Money(219736, "EUR"), 8, 11).minor


def test_it_stops_on_the_last_day_of_a_firm_that_left(at, late):
    left_on = DUE + timedelta(days=39)
    make_membership_of(late, left_on)
    days_late(at, 90)
    assert due(late) == interest(Money(219736, "EUR"), 8, 10).minor


@pytest.mark.parametrize(("withdrawn", "days"), [(False, 10), (True, 61)])
def test_it_stops_on_the_last_day_before_the_night_has_ended_the_membership(
    at, late, withdrawn, days
):
    held = make_membership_of(late, None)
    said = Resignation(
        membership_id=held.id, told_on=DUE, leaves_on=DUE + timedelta(days=39), reason="",
        made_at=clock.now(), withdrawn_at=clock.now() if withdrawn else None,
    )  # fmt: skip
    db.session.add(said)
    db.session.commit()
    days_late(at, 90)
    assert due(late) == interest(Money(219736, "EUR"), 8, days).minor


def make_membership_of(invoice, ended_on):
    kind = "provider_front"
    gone = Membership(
        organization_id=invoice.organization_id, kind=kind, since_on=date(2026, 1, 1),
        ended_on=ended_on, end_reason="resigned" if ended_on else "",
    )  # fmt: skip
    db.session.add(gone)
    db.session.commit()
    return gone


def test_staff_charge_it_once_by_an_invoice_of_its_own_and_the_next_begins_after(
    at, late, browser
):
    days_late(at, 30 + 44)
    browser.sign_in(make_contact(late.organization, "dues_contact"))
    assert "Interest to date: EUR\N{NO-BREAK SPACE}21.67" in browser.get(f"/invoices/{late.id}")
    browser.sign_in(make_person("finance"))
    page = f"/staff/dues/{late.id}"
    assert "Charge this interest" in browser.get(page)
    browser.post(f"{page}/interest", page=page)
    made = db.session.query(Invoice).order_by(Invoice.id.desc()).first()
    assert (made.total_minor, made.title) == (2167, f"Interest on invoice {late.number}")
    assert due(late) is None
    assert list(ledger_faults()) == []
    with pytest.raises(Refused):
        actions.charge_interest(late)
    days_late(at, 30 + 45)
    assert due(late) == 48
    days_late(at, 300)
    assert due(made) is None, "no interest on interest"
    actions.credit(made, "a slip")
    db.session.commit()
    days_late(at, 30 + 44)
    assert due(late) == 2167, "what was taken back can be charged again"


def test_interest_has_the_tax_that_the_rules_say_of_the_firm_and_tells_it_before(
    at, late, browser
):
    country = late.organization.country
    here = {"place": "listed", "countries": [country], "category": "interest"}
    adopt(rule("outside", "Outside the scope", category="dues"),
          rule("standard", "VAT 21 %", "21", **here))  # fmt: skip
    days_late(at, 30 + 44)
    assert interest_to_date(bill(late)).tax_text == "VAT 21 %"
    browser.sign_in(make_person("finance"))
    assert "VAT 21 % is added to it. " in browser.get(f"/staff/dues/{late.id}")
    made = actions.charge_interest(late)
    db.session.commit()
    assert (made.net_minor, made.tax_minor, made.tax_text) == (2167, 455, "VAT 21 %")
    assert {(one.tax_outcome, one.tax_percent) for one in made.lines} == {("standard", "21")}
    assert list(ledger_faults()) == []


@pytest.mark.parametrize(
    ("told", "text"),
    [({"category": "dues"}, "No tax on interest"), ({"category": "interest"}, "Not taxed"),
     ({"category": "any"}, "Not taxed")],
)  # fmt: skip
def test_interest_outside_the_scope_says_so_and_is_never_guessed(at, late, told, text):
    adopt(rule("outside", "Not taxed", **told))
    days_late(at, 30 + 44)
    assert interest_to_date(bill(late)).tax_text == ""
    made = actions.charge_interest(late)
    assert (made.total_minor, made.tax_text) == (2167, text)


def test_interest_whose_invoice_is_void_can_be_charged_again(at, late):
    days_late(at, 30 + 44)
    made = actions.charge_interest(late)
    db.session.get(Association, 1).may_void = True
    db.session.commit()
    assert due(late) is None
    actions.void(made, "A slip")
    db.session.commit()
    assert due(late) == 2167


def test_the_reminder_says_the_interest_to_date_and_only_where_there_is_one(at, late):
    days_late(at, 20)
    remind(late)
    days_late(at, 30)
    remind(late)
    db.session.commit()
    texts = [one.text for one in db.session.query(OutgoingMail).order_by(OutgoingMail.id)]
    told = ["Interest to date: EUR\N{NO-BREAK SPACE}0.48" in one for one in texts]
    assert told == [False, True]


def test_disputed_money_counts_as_paid(at, late):
    days_late(at, 20)
    payment = actions.record_transfer(late, late.total, clock.today())
    db.session.add(
        Dispute(
            payment=payment, external_id="dp_1", currency="EUR", amount_minor=219736,
            reason="general", opened_at=clock.now(), evidence_due_at=None, closed_at=None,
        )
    )  # fmt: skip
    db.session.commit()
    days_late(at, 60)
    assert due(late) is None


@pytest.mark.parametrize("percent", ["x", "100", "-1", "8.123", ""])
def test_an_absurd_rate_is_refused_at_the_field(browser, percent):
    browser.sign_in(make_person("admin"))
    page = browser.post("/staff/association/", status=200, interest_percent=percent).text
    assert "percentage" in page
    assert db.session.get(Association, 1).interest_percent == "0"
