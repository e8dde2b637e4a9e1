"""A firm that applies may be here already: said without names, shown to staff, never attached."""

import pytest
from sqlalchemy import func, select

from portal.core.db import db
from portal.members.likeness import facts_of, why_alike
from portal.members.models import Affiliation, Decision, Organization
from portal.renewals.actions import Expulsion, expel
from tests.joining.applying import make_application
from tests.make import (
    NOW,
    business_day,
    make_contact,
    make_firm,
    make_membership,
    make_person,
    save,
)


def firm(*, member=True, **facts):
    defaults = {"name": "Another Name", "registration_no": "X1", "billing_email": "a@b.example"}
    made = make_firm(**defaults | facts)
    make_contact(made, "roster_manager", display_name="Rosa Manager")
    if member:
        make_membership(made)
    return made


def draft():
    return make_application(upto="draft")


@pytest.mark.parametrize(
    "facts",
    [
        {"registration_no": "cs 2019/0042"},
        {"website": "https://sampaguita.example/about"},
        {"billing_email": "billing@sampaguita.example"},
        {"name": "Sampaguita Care Ltd"},
        {"name": "Sampagita Care"},
    ],
)
def test_the_applicant_is_told_to_ask_the_roster_manager_without_a_name(browser, facts):
    firm(**facts)
    page = browser.get(f"/join/a/{draft().token}/check")
    assert "This firm may already be a member" in page
    assert "Rosa Manager" not in page
    assert "Another Name" not in page


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "Banyan Outsourcing"},
        {"name": "Sampaguita Care Inc.", "country": "NL"},
        {"name": "Sampaguita Care Inc.", "member": False},
        {"website": "https://sampaguita.example", "member": False},
    ],
)
def test_nothing_is_said_of_another_firm_or_of_one_that_nobody_sees(browser, facts):
    firm(**facts)
    assert "may already be" not in browser.get(f"/join/a/{draft().token}/check")


def test_a_warned_applicant_may_still_send_and_nothing_is_attached(browser):
    firm(name="Sampaguita Care Ltd")
    before = db.session.scalar(select(func.count()).select_from(Affiliation))
    application = draft()
    browser.post(f"/join/a/{application.token}/check")
    assert "with us" in browser.get(f"/join/a/{application.token}")
    assert db.session.scalar(select(func.count()).select_from(Affiliation)) == before
    assert db.session.scalar(select(func.count()).select_from(Organization)) == 1


def test_staff_see_the_candidates_in_the_review(browser):
    firm(name="Sampaguita Care Ltd", member=False)
    application = make_application(upto="under_review")
    browser.sign_in(make_person("membership"))
    page = browser.get(f"/staff/joining/{application.id}")
    assert "May be here already" in page
    assert "Sampaguita Care Ltd" in page
    assert "name much the same" in page


def test_staff_read_that_a_firm_like_it_was_expelled(browser):
    one = firm(name="Sampaguita Care Ltd")
    decided = Decision(body="board", decided_on=business_day(), title="Code of conduct", text="")
    told = Expulsion(save(decided), business_day(), "heard", "It sold names.")
    made = expel(one.memberships[0], told)
    db.session.commit()
    application = make_application(upto="under_review")
    browser.sign_in(make_person("membership"))
    page = browser.get(f"/staff/joining/{application.id}")
    assert "which may be this firm, was expelled by a decision of the board" in page
    assert "(Code of conduct)" in page
    made.withdrawn_at = NOW
    db.session.commit()
    assert "was expelled" not in browser.get(f"/staff/joining/{application.id}")


def test_an_application_is_no_candidate_of_itself(browser):
    application = make_application(upto="awaiting_payment")
    browser.sign_in(make_person("membership"))
    assert "May be here already" not in browser.get(f"/staff/joining/{application.id}")


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (("PH", "CS-1", "A"), ("PH", "cs 1", "B"), "same registration number"),
        (("PH", "CS-1", "A"), ("IN", "CS-1", "B"), ""),
        (("PH", "", "Acacia, Inc."), ("PH", "", "ACACIA Ltd."), "name much the same"),
        (("PH", "", "Acacia Customer Care"), ("PH", "", "Customer Care Acacia"),
         "name much the same"),
        (("PH", "", "Ácacia Care"), ("PH", "", "Acacia Care"), "name much the same"),
        (("PH", "", "Narra Learning"), ("PH", "", "Narra Back Office"), ""),
        (("PH", "", "A", "www.a.example"), ("NL", "", "B", "https://a.example/x"),
         "same domain a.example"),
        (("PH", "", "A", "", "x@gmail.com"), ("PH", "", "B", "", "y@gmail.com"), ""),
    ],
)  # fmt: skip
def test_two_firms_are_alike_by_number_then_domain_then_name(one, other, why):
    assert why_alike(facts_of(*one), facts_of(*other)) == why
