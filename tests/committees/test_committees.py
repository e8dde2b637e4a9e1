"""Committees: who sits on them, since when, and what their seats open."""

from datetime import timedelta

import pytest

from portal.committees.models import Committee, CommitteeSeat
from portal.core.access import Role
from portal.core.db import db
from tests.make import business_day, make_member, make_person, save


@pytest.fixture
def committee():
    return save(Committee(slug="policy", name="Policy committee", remit="Reads bills."))


@pytest.fixture
def officer(browser):
    return browser.sign_in(make_person(Role.POLICY))


def page_of(committee):
    return f"/staff/committees/{committee.id}"


def test_a_seat_is_given_to_somebody_who_signs_in_here(browser, officer, committee):
    person = make_member(display_name="Ana Reyes")
    browser.post(page_of(committee), email=person.email, role="chair")
    seat = db.session.query(CommitteeSeat).one()
    assert seat.person.display_name == "Ana Reyes"
    assert seat.organization is not None
    assert seat.from_on == business_day()
    assert "Ana Reyes" in browser.get(page_of(committee))


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("nobody@test.example", "Nobody here signs in"), ("", "Enter"),
        ("nonsense", "Nobody here signs in"),
    ],
)  # fmt: skip
def test_an_address_that_is_nobody_s_is_answered_at_the_field(
    browser, officer, committee, email, sentence
):
    page = browser.post(page_of(committee), status=200, email=email, role="member").text
    assert sentence in page
    assert email in page
    assert db.session.query(CommitteeSeat).count() == 0


def test_a_second_seat_on_the_same_committee_is_refused(browser, officer, committee):
    person = make_member()
    browser.post(page_of(committee), email=person.email, role="member")
    page = browser.post(page_of(committee), status=200, email=person.email, role="chair").text
    assert "sits on it already" in page
    assert db.session.query(CommitteeSeat).count() == 1


def test_a_seat_ends_with_today_and_tomorrow_its_rights_are_gone(
    browser, officer, committee, another_browser, at
):
    person = make_member()
    browser.post(page_of(committee), email=person.email, role="member")
    seat = db.session.query(CommitteeSeat).one()
    another_browser.sign_in(person)
    assert "You sit on" in another_browser.get("/committees/policy")
    browser.post(f"/staff/committees/seats/{seat.id}/end")
    assert "You sit on" in another_browser.get("/committees/policy")
    tomorrow = business_day() + timedelta(days=1)
    at(tomorrow.year, tomorrow.month, tomorrow.day, 12)
    another_browser.sign_in(person)
    assert "You sit on" not in another_browser.get("/committees/policy")
    assert browser.send("GET", f"/staff/committees/seats/{seat.id}/end").status_code in {302, 404}


def test_anybody_sees_who_sits_where_and_a_committee_that_is_not_there_is_404(browser, committee):
    assert "Policy committee" in browser.get("/committees/")
    assert "Reads bills." in browser.get("/committees/policy")
    browser.get("/committees/nothing", status=404)
