"""How each class of membership works, and that only a decision changes it."""

from datetime import date, timedelta

import pytest

from portal.core.db import db
from portal.members import actions, queries
from portal.members.models import AdmissionOrder, Counting, Decision, MembershipClass, Votes
from tests.make import make_firm, make_person, save

CONSULTANT = MembershipClass.CONSULTANT
GOOD = {
    "admission_order": "pay_then_approve", "votes": "scoped", "scope": "training",
    "counting": "country", "base_year": "current",
    "grace_days": "45", "window_before_days": "120",
    "invoice_days": "45", "window_after_days": "365", "comeback": "restart",
    "benefits_before_payment": "no", "notice_before": "10-01", "notice_days": "60",
    "stays_first_year": "yes",
}  # fmt: skip


@pytest.fixture
def decision():
    return save(Decision(body="board", decided_on=date(2026, 5, 1), title="Grace", text=""))


def test_a_class_that_nobody_decided_about_works_by_the_defaults(browser):
    browser.sign_in(make_person("membership"))
    front = queries.type_of(MembershipClass.PROVIDER_FRONT)
    assert (front.votes, front.counting) == (Votes.FULL, Counting.CONTACT_CENTRE_ONLY)
    assert (front.window_before_days, front.invoice_days, front.window_after_days) == (90, 60, 180)
    assert queries.type_of(MembershipClass.CLIENT).votes is Votes.NONE
    page = browser.get("/staff/members/types")
    assert page.count("As delivered") == len(MembershipClass)
    assert "/staff/members/types/consultant" not in page


def test_a_decision_changes_a_class_and_the_terms_that_are_sold_after(browser, decision):
    browser.sign_in(make_person("admin"))
    firm, start = make_firm(), date(2026, 1, 1)
    before = actions.start_membership(firm, CONSULTANT, start, start + timedelta(days=29), {})
    browser.post("/staff/members/types/consultant", decision=str(decision.id), **GOOD)
    found = queries.type_of(CONSULTANT)
    assert (found.votes, found.scope, found.grace_days) == (Votes.SCOPED, "training", 45)
    assert not found.benefits_before_payment
    assert found.admission_order is AdmissionOrder.PAY_THEN_APPROVE
    assert "Pays first, then we decide" in browser.get("/staff/members/types")
    assert found.decision_id == decision.id
    after = actions.start_membership(firm, CONSULTANT, date(2026, 2, 1), date(2026, 2, 28), {})
    db.session.commit()
    assert (before.grace_until_on - before.end_on).days == 30
    assert (after.grace_until_on - after.end_on).days == 45
    assert "Board, 1" in browser.get("/staff/members/types")
    browser.post("/staff/members/types/consultant", decision=str(decision.id), **GOOD)


@pytest.mark.parametrize(("facts", "words"), [
    ({"decision": "0"}, "without one nothing changes"), ({"scope": ""}, "on which matters"),
    ({"invoice_days": "121"}, "no more days than the renewal is open"),
    ({"grace_days": "-1"}, "from 0 to 366"), ({"votes": "double"}, "Choose one of these"),
    ({"notice_before": "13-01"}, "like 09-01"), ({"notice_days": "x"}, "from 0 to 366"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_at_the_field(browser, decision, facts, words):
    browser.sign_in(make_person("admin"))
    told = GOOD | {"decision": str(decision.id)} | facts
    answer = browser.post("/staff/members/types/consultant", status=200, **told)
    assert words in answer.text
    assert queries.type_of(CONSULTANT).grace_days == 30


def test_a_class_that_is_none_is_not_there(browser):
    browser.sign_in(make_person("admin"))
    browser.get("/staff/members/types/emperor", status=404)
