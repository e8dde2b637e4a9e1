"""Mail to who acts for a firm comes back twice: the role is given again, until it arrives."""

import pytest
from sqlalchemy import select

from portal.accounts import tokens
from portal.accounts.actions import change_email
from portal.accounts.models import TokenKind
from portal.association.queries import today
from portal.core.bounces import BouncedAddress, forget_bounces, note_bounce
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.members import actions, queries
from portal.members.models import Vacancy
from tests.make import make_contact, make_firm, make_membership, make_person

DORA = "dora@acacia.example"


@pytest.fixture
def firm():
    return make_membership(
        make_firm(name="Acacia", billing_email="ap@acacia.example")
    ).organization


@pytest.fixture
def manager(firm):
    return make_contact(firm, "roster_manager", email="mia@acacia.example", display_name="Mia")


@pytest.fixture
def dora(firm, manager):
    return make_contact(firm, "dues_contact", email=DORA, display_name="Dora")


def bounce(address=DORA, times=2):
    for _ in range(times):
        note_bounce(address, "550 no such user")
    db.session.commit()


def open_roles(firm):
    found = db.session.scalars(queries.vacancies(firm.id))
    return {one.role.value: (one.due_on - today()).days for one in found}


def asked():
    query = select(OutgoingMail).where(OutgoingMail.template == "members/vacancy")
    return [one.recipient for one in db.session.scalars(query.order_by(OutgoingMail.id))]


@pytest.mark.parametrize(("role", "days"), [("delegate", 28), ("dues_contact", 14)])
def test_the_second_time_the_manager_is_asked_by_the_day_of_the_role(firm, manager, role, days):
    make_contact(firm, role, email=DORA, display_name="Dora")
    bounce(times=1)
    assert open_roles(firm) == {}
    bounce(times=1)
    assert open_roles(firm) == {role: days}
    assert asked() == [manager.email]
    bounce(times=3)
    assert len(asked()) == db.session.query(Vacancy).count() == 1


def test_a_manager_is_not_asked_at_the_address_that_bounces(firm, manager, dora):
    bounce(manager.email)
    assert open_roles(firm) == {"roster_manager": 7}
    assert asked() == [dora.email]


def test_where_no_mail_reaches_anybody_staff_have_a_week_and_read_so(browser, firm, manager, dora):
    for address in (manager.email, firm.billing_email):
        note_bounce(address, "550 no such user")
    bounce()
    assert open_roles(firm) == {"dues_contact": 7}
    assert asked() == []
    browser.sign_in(make_person("membership"))
    page = browser.get("/staff/members/vacancies")
    assert "Mail to Dora, dues contact, came back 2 times" in page
    assert "Nobody by mail: call the firm" in page


def test_staff_read_who_was_asked(browser, firm, dora):
    browser.sign_in(make_person("membership"))
    for _ in range(2):
        browser.post("/staff/members/bounced", address=DORA, why="No such user")
    page = browser.get("/staff/members/vacancies")
    assert "Mia" in page
    assert "Nobody by mail" not in page
    assert "came back 2 times" in browser.get(f"/staff/members/{firm.id}")


def test_whose_colleague_holds_the_role_at_an_address_that_works_leaves_it_filled(firm, dora):
    make_contact(firm, "dues_contact", email="dan@acacia.example")
    bounce()
    assert open_roles(firm) == {}
    bounce("dan@acacia.example")
    assert open_roles(firm) == {"dues_contact": 14}


@pytest.mark.parametrize("role", ["staff", "press_contact", "signatory"])
def test_other_roles_open_nothing(firm, manager, role):
    make_contact(firm, role, email=DORA)
    bounce()
    assert open_roles(firm) == {}


def staff_say_so(browser, _dora):
    browser.sign_in(make_person("membership"))
    row = db.session.scalars(select(BouncedAddress)).one()
    browser.post(f"/staff/members/bounced/{row.id}/works", page="/staff/members/bounced")


def mail_arrives(_browser, _dora):
    forget_bounces([DORA])
    db.session.commit()


def she_changes_it(_browser, dora):
    change_email(tokens.make(TokenKind.CHANGE_EMAIL, "dora@works.example", dora))
    db.session.commit()


@pytest.mark.parametrize("mend", [staff_say_so, mail_arrives, she_changes_it])
def test_an_address_that_works_ends_it_and_a_later_one_that_does_not_begins_anew(
    browser, firm, dora, mend, at
):
    bounce()
    mend(browser, dora)
    db.session.expire_all()
    assert open_roles(firm) == {}
    assert dora.id in {one.person_id for one in queries.holders(firm.id, "dues_contact")}
    later = today().year + 1
    at(later, 3, 2, 9)
    bounce(dora.email)
    assert list(open_roles(firm)) == ["dues_contact"]


def test_who_left_meanwhile_ends_nothing_by_mending_an_address(firm, dora):
    bounce()
    actions.leave(queries.affiliation_of(dora))
    mail_arrives(None, None)
    assert list(open_roles(firm)) == ["dues_contact"]


def test_a_successor_ends_it_and_the_next_bounce_opens_nothing(firm, manager, dora):
    bounce()
    actions.change_roles(queries.affiliation_of(manager), ["roster_manager", "dues_contact"])
    db.session.commit()
    assert open_roles(firm) == {}
    bounce(times=1)
    assert open_roles(firm) == {}


def test_who_signs_in_is_told_to_enter_an_address_that_works(browser, dora):
    bounce()
    browser.sign_in(dora)
    page = browser.get("/firm/people")
    assert "Mail to Dora, dues contact, came back 2 times" in page
    assert "Enter an address that works" in page
