"""Who leaves, who takes over, and who says once a year that they are still there."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.association.queries import today
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.core.states import Refused
from portal.members import actions, attesting, queries
from portal.members.jobs import ask_for_attestation
from portal.members.models import Affiliation, FirmRole, Vacancy
from tests.make import (
    business_day,
    make_contact,
    make_firm,
    make_member,
    make_membership,
    make_person,
)


@pytest.fixture
def firm():
    return make_membership(make_firm(name="Narra Calls")).organization


def held(person):
    return queries.affiliation_of(person)


def open_roles(firm):
    found = db.session.scalars(queries.vacancies(firm.id))
    return {one.role.value: (one.due_on - today()).days for one in found}


def mails(template):
    query = select(OutgoingMail).where(OutgoingMail.template == template)
    return db.session.scalars(query.order_by(OutgoingMail.id)).all()


def test_a_leaver_opens_what_they_held_with_its_deadlines(browser, firm):
    colleague = make_contact(firm, "alternate")
    browser.sign_in(make_contact(firm, "delegate", "dues_contact", "roster_manager"))
    assert "Have you left Narra Calls?" in browser.get("/firm/leave")
    browser.post("/firm/leave")
    assert open_roles(firm) == {"delegate": 28, "dues_contact": 14, "roster_manager": 7}
    assert {one.recipient for one in mails("members/vacancy")} == {colleague.email}
    browser.get("/firm/people", status=403)


def test_a_firm_without_anybody_is_told_at_its_address_for_invoices(firm):
    actions.leave(held(make_contact(firm, "delegate")))
    db.session.commit()
    assert [one.recipient for one in mails("members/vacancy")] == [firm.billing_email]


def test_a_delegate_who_leaves_passes_no_vote_on_and_the_firm_names_another(browser, firm):
    manager = make_contact(firm, "roster_manager", "dues_contact")
    alternate, leaver = make_contact(firm, "alternate"), make_contact(firm, "delegate")
    actions.leave(held(leaver))
    db.session.commit()
    assert queries.holders(firm.id, FirmRole.DELEGATE) == []
    assert held(alternate).roles == ["alternate"]
    browser.sign_in(manager)
    page = browser.get("/firm/people")
    assert "Delegate: to be named by" in page
    assert "Until then only an alternate casts the firm's vote" in page
    assert "to be named by" in browser.get("/firm/")
    one = held(make_contact(firm))
    browser.post(f"/firm/people/{one.id}", roles=["delegate", "staff"])
    assert open_roles(firm) == {}
    assert "to be named by" not in browser.get("/firm/people")


def test_a_role_that_is_open_twice_is_one_vacancy(firm):
    for _ in range(2):
        actions.open_vacancy(firm, FirmRole.DELEGATE, "Somebody left")
    db.session.commit()
    assert db.session.query(Vacancy).count() == 1


def test_a_deadline_that_is_missed_is_a_task_for_staff(browser, firm, at):
    actions.leave(held(make_contact(firm, "delegate")))
    db.session.commit()
    browser.sign_in(make_person("membership"))
    assert "Narra Calls" in browser.get("/staff/members/vacancies")
    later = business_day() + timedelta(days=29)
    browser.get("/staff/")
    at(later.year, later.month, later.day, 9)
    assert db.session.scalars(queries.missed_vacancies()).one().organization_id == firm.id
    browser.sign_in(make_person("membership"))
    assert "Firms to call about a role" in browser.get("/staff/")
    assert "to be named by" in browser.get(f"/staff/members/{firm.id}")


def test_the_staff_list_of_open_roles_costs_the_same_at_any_length(browser, statements):
    browser.sign_in(make_person("membership"))
    counts = []
    for more in (1, 12):
        for _ in range(more):
            actions.open_vacancy(make_firm(), FirmRole.DELEGATE, "Somebody left")
        db.session.commit()
        statements.clear()
        browser.get("/staff/members/vacancies")
        counts.append(len([one for one in statements if one.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 12


@pytest.mark.parametrize(
    ("days", "step"),
    [(-1, None), (0, 0), (13, 0), (14, 14), (27, 14), (28, 28), (41, 28), (42, None)],
)
def test_it_is_asked_on_the_day_and_after_two_and_four_weeks(days, step):
    due = today()
    assert attesting.step_on(due, due + timedelta(days=days)) == step
    assert attesting.is_unattested(due, due + timedelta(days=days)) is (days >= 42)


@pytest.fixture
def a_year_later(at):
    begun = business_day()

    def on(days):
        day = attesting.due_on(begun) + timedelta(days=days)
        at(day.year, day.month, day.day, 9)

    return on


def test_who_votes_and_pays_is_asked_three_times_and_then_the_role_is_open(firm, a_year_later):
    manager = make_contact(firm, "roster_manager")
    for role in ("delegate", "alternate", "dues_contact"):
        make_contact(firm, role, email=f"{role}@firm.example")
    make_contact(firm, "signatory")
    counts = []
    for days in (-1, 0, 0, 5, 14, 20, 28, 30, 42, 50):
        a_year_later(days)
        ask_for_attestation()
        counts.append(len(mails("members/attest")))
    assert counts == [0, 3, 3, 3, 6, 6, 9, 9, 9, 9]
    assert set(open_roles(firm)) == {"delegate", "dues_contact"}
    assert {one.recipient for one in mails("members/vacancy")} == {manager.email}
    assert len(queries.unattested_ids(firm.id)) == 3


def test_a_firm_s_page_reads_what_is_due_at_that_firm_alone(firm, a_year_later):
    here, elsewhere = make_contact(firm, "delegate"), make_contact(make_firm(), "delegate")
    a_year_later(50)
    due = {one.person_id for one, _ in queries.attestations_due(business_day())}
    assert due == {here.id, elsewhere.id}
    (mine,) = queries.attestations_due(business_day(), firm.id)
    assert mine[0].person_id == here.id
    assert queries.unattested_ids(firm.id) == {mine[0].id}


def test_a_worker_that_was_away_asks_once_and_not_three_times(firm, a_year_later):
    make_contact(firm, "delegate")
    a_year_later(29)
    ask_for_attestation()
    assert len(mails("members/attest")) == 1
    assert "the last time we ask" in mails("members/attest")[0].text


def test_yes_is_good_for_a_year_and_closes_what_was_opened(browser, firm, a_year_later):
    delegate = make_contact(firm, "delegate")
    a_year_later(43)
    ask_for_attestation()
    assert set(open_roles(firm)) == {"delegate"}
    browser.sign_in(delegate)
    assert "Confirm your role at Narra Calls" in browser.get("/dashboard")
    page = browser.get("/firm/people")
    assert "Not confirmed this year" in page
    browser.post("/firm/people/attest", page="/firm/people")
    assert open_roles(firm) == {}
    page = browser.get("/firm/people")
    assert "Not confirmed this year" not in page
    assert "We ask once a year" not in page
    assert db.session.scalars(select(OutgoingMail.id)).first() is not None
    ask_for_attestation()
    assert len(mails("members/attest")) == 0


def test_who_holds_no_such_role_has_nothing_to_confirm(browser, firm):
    one = make_contact(firm, "press_contact")
    with pytest.raises(Refused, match="no role that is confirmed"):
        actions.attest(held(one))


def test_a_role_given_today_needs_no_word_until_next_year(firm, a_year_later):
    one = held(make_contact(firm))
    a_year_later(-100)
    actions.change_roles(db.session.get(Affiliation, one.id), ["delegate"])
    db.session.commit()
    a_year_later(10)
    ask_for_attestation()
    assert mails("members/attest") == []


def test_history_stays_with_the_firm_and_the_account_with_the_person(firm):
    person = make_member("delegate", firm=None)
    one = held(person)
    organization = one.organization
    actions.leave(one)
    db.session.commit()
    assert one in queries.all_affiliations(organization.id)
    assert person.disabled_at is None
    assert queries.affiliation_of(person) is None
