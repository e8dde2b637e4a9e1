"""Data that must be kept until a day: set and ended by administrators, said to the person."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.accounts import erasing
from portal.accounts.holdings import HOLDINGS
from portal.accounts.models import Person
from portal.core import clock
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.states import Refused
from portal.dues import queries
from portal.dues.models import AutomaticCharge, CardMandate, Dispute, DisputeStatus
from portal.members import keeping, merging
from tests.dues.books import make_invoice
from tests.dues.test_refunds import paid_by_card
from tests.make import make_person, save

WHY = "A claim before the court of The Hague."
LAST = date(2027, 3, 31)


@pytest.fixture
def office(at, browser):
    at(2026, 12, 1, 9)
    browser.sign_in(make_person("admin"))
    return browser


def hold(office, person, status=303, **facts):
    facts = {"reason": WHY, "until_on": LAST.isoformat()} | facts
    page = None if status in {200, 303} else "/account/"
    return office.post(
        f"/staff/members/people/{person.id}/hold", page=page, status=status, **facts
    )


def test_erasure_is_refused_with_the_reason_and_the_last_day_until_it_is_past(
    office, another_browser, at
):
    person = make_person()
    hold(office, person)
    words = f"Your data must be kept until 31 March 2027: {WHY}"
    assert erasing.why_not(person) == [words]
    with pytest.raises(Refused, match="must be kept until 31 March 2027"):
        erasing.erase(person)
    another_browser.sign_in(person)
    assert words in another_browser.get("/account/data/erase")
    at(2027, 3, 31, 12)
    assert erasing.why_not(person) == [words]
    at(2027, 4, 1, 12)
    assert erasing.why_not(person) == []
    erasing.erase(person)


def test_it_is_found_listed_set_anew_and_ended_with_a_reason(office):
    person = make_person(display_name="Iris Held")
    page = office.get(f"/staff/accounts/people?q={person.email}")
    assert f"/staff/members/people/{person.id}/hold" in page
    hold(office, person)
    assert WHY in office.get("/staff/members/holds")
    assert "Held until" in office.get(f"/staff/members/people/{person.id}/hold")
    hold(office, person, reason="An authority asks.", until_on="2027-01-31")
    page = office.get("/staff/members/holds")
    assert "An authority asks." in page
    assert WHY not in page
    url = f"/staff/members/people/{person.id}/hold/end"
    assert "Say why it ends" in office.post(url, status=200, reason="").text
    assert erasing.why_not(person)
    office.post(url, reason="The claim was withdrawn")
    assert erasing.why_not(person) == []
    assert "Nobody’s data are held" in office.get("/staff/members/holds")
    office.get(url, status=404)
    subject = AuditEvent.subject == f"person:{person.id}"
    said = db.session.scalars(select(AuditEvent).where(subject).order_by(AuditEvent.id))
    assert [(one.verb, one.details.get("why")) for one in said if "overlay" in one.verb] == [
        ("overlay.hold", None), ("overlay.lifted", "Set anew"), ("overlay.hold", None),
        ("overlay.lifted", "The claim was withdrawn"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"reason": " "}, "Say why, in a sentence"),
        ({"until_on": ""}, "Enter the last day"),
        ({"until_on": "2026-11-30"}, "Enter today or a later day"),
        ({"until_on": "soon"}, "Enter a day, like"),
    ],
)
def test_a_reason_and_a_last_day_to_come_are_asked_for_at_the_field(office, facts, words):
    person = make_person()
    assert words in hold(office, person, 200, **facts).text
    assert erasing.why_not(person) == []


def test_only_an_administrator_sets_it(browser):
    person = make_person()
    browser.sign_in(make_person("membership"))
    assert hold(browser, person, 403)
    assert erasing.why_not(person) == []


def test_a_hold_on_an_account_that_is_merged_holds_the_one_that_stays(office):
    kept, lost = make_person(display_name="Kept One"), make_person()
    hold(office, lost)
    merging.merge_people(kept, lost, "They are one")
    db.session.commit()
    assert WHY in erasing.why_not(kept)[0]
    assert "Kept One" in office.get("/staff/members/holds")
    office.get(f"/staff/members/people/{lost.id}/hold", status=404)


def test_nobody_who_was_erased_is_held(office):
    person = make_person()
    erasing.erase(person)
    db.session.commit()
    hold(office, person, 404)
    with pytest.raises(Refused, match="was erased or merged"):
        keeping.hold(person, WHY, LAST, person)


def test_the_person_takes_away_what_was_set(office):
    person = make_person()
    hold(office, person)
    (rows,) = [list(one.rows(person)) for one in HOLDINGS if one.name == "legal-holds"]
    assert [(one["reason"], one["until_on"]) for one in rows] == [(WHY, LAST)]


def dispute(payment):
    return save(Dispute(
        payment=payment, external_id=f"dp_{payment.id}", currency=payment.currency,
        amount_minor=payment.amount_minor, reason="fraudulent", status=DisputeStatus.OPEN,
        opened_at=clock.now(),
    ))  # fmt: skip


def test_an_open_dispute_of_a_payment_of_theirs_stands_against_erasure(stripe):
    person = make_person()
    invoice = make_invoice(False, total=5000, email=person.email)
    found = dispute(paid_by_card(stripe, invoice))
    words = f"A bank disputes what paid {invoice.number}: wait until it has decided."
    assert words in erasing.why_not(person)
    assert erasing.why_not(make_person()) == []
    found.status = DisputeStatus.WON
    db.session.commit()
    assert erasing.why_not(person) == []


def test_so_does_one_of_a_charge_to_a_card_by_their_consent(stripe):
    person, invoice = make_person(), make_invoice(total=5000)
    payment = paid_by_card(stripe, invoice)
    mandate = save(CardMandate(
        organization_id=invoice.organization_id, consented_by=person, consented_at=clock.now(),
        text_version="2026-11-2", customer_id="cus_1", payment_method_id="pm_1", brand="visa",
        last4="4242", expiry_month=11, expiry_year=2031, saved_at=clock.now(),
    ))  # fmt: skip
    attempt = queries.last_attempt(invoice.id)
    save(AutomaticCharge(
        invoice_id=invoice.id, mandate_id=mandate.id, attempt_id=attempt.id, step="0",
        on=clock.now().date() - timedelta(days=1), intent_id=payment.external_id,
    ))  # fmt: skip
    assert erasing.why_not(person) == []
    dispute(payment)
    assert [one for one in erasing.why_not(person) if invoice.number in one]
    assert db.session.get(Person, person.id).disabled_at is None
