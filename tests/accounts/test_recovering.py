"""Who lost phone and recovery codes is let in again: by an administrator, and told of it."""

import pyotp
import pytest
from sqlalchemy import select

from portal.accounts import actions, recovering
from portal.accounts.models import Person, RecoveryCode
from portal.core import audit, clock
from portal.core.access import Role
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.states import Refused
from tests.browser import Browser
from tests.make import PASSWORD, make_person

WHY = "Her phone was stolen; I called her at the number we had"


@pytest.fixture
def office(browser):
    browser.sign_in(make_person("admin"))
    return browser


def protect(person):
    """They have the second factor, and recovery codes."""
    actions.begin_second_factor(person)
    step = int(clock.now().timestamp())
    made = actions.turn_on_second_factor(person, pyotp.TOTP(person.totp_secret).at(step))
    db.session.commit()
    return made


def take_off(office, person, reason=WHY, status=303):
    url = f"/staff/accounts/people/{person.id}/second-factor"
    return office.post(url, status=status, reason=reason)


def test_who_lost_phone_and_codes_signs_in_with_the_password_alone_again(office, app, sent):
    person = make_person()
    protect(person)
    assert "Take the second factor off" in office.get(f"/staff/accounts/people?q={person.email}")
    answer = take_off(office, person)
    assert "is off: they are told by mail" in office.get(answer.location)
    visitor = Browser(app.test_client())
    answer = visitor.post("/sign-in", email=person.email, password=PASSWORD)
    assert answer.location == "/dashboard"
    assert "is off" not in visitor.get("/account/second-factor")
    assert "Set it up" in visitor.get("/account/second-factor")
    told = next(one for one in sent() if "was taken off" in one["Subject"])
    assert told["To"] == person.email
    assert WHY in told.get_body(("plain",)).get_content()


def test_the_reason_is_asked_for_at_the_field_and_kept_in_the_record(office):
    person = make_person()
    protect(person)
    assert "Say why, and how you know that it is them" in take_off(office, person, " ", 200).text
    assert db.session.get(Person, person.id).totp_enabled_at
    take_off(office, person)
    query = select(AuditEvent).filter_by(verb="person.second_factor_taken_off")
    event = db.session.scalars(query).one()
    assert (event.subject, event.details["reason"]) == (f"person:{person.id}", WHY)
    assert event.actor != audit.name_of(person)
    assert list(audit.broken_links()) == []


def test_sessions_recovery_codes_and_mailed_links_end_with_it(office, another_browser):
    person = another_browser.sign_in()
    protect(person)
    secret = actions.tokens.make(actions.TokenKind.RESET, person.email, person)
    db.session.commit()
    take_off(office, person)
    assert another_browser.send("GET", "/account/").status_code == 302
    assert db.session.scalars(select(RecoveryCode).filter_by(person_id=person.id)).all() == []
    assert "does not work any more" in another_browser.get(f"/reset/{secret}")


def test_somebody_between_password_and_code_begins_again(office, app):
    person = make_person()
    protect(person)
    visitor = Browser(app.test_client())
    visitor.post("/sign-in", email=person.email, password=PASSWORD)
    assert "an administrator takes the second factor off" in visitor.get("/sign-in/code")
    take_off(office, person)
    assert visitor.send("GET", "/sign-in/code").location == "/sign-in"


def test_nobody_takes_off_their_own(office):
    me = db.session.scalars(select(Person)).one()
    protect(me)
    office.sign_in(me)
    assert "Take the second factor off" not in office.get(f"/staff/accounts/people?q={me.email}")
    assert "ask another administrator" in take_off(office, me, status=200).text
    assert db.session.get(Person, me.id).totp_enabled_at


def test_there_is_nothing_to_take_off_where_there_is_none_or_the_account_is_closed(office):
    person = make_person()
    office.get(f"/staff/accounts/people/{person.id}/second-factor", 404)
    with pytest.raises(Refused, match="no second factor"):
        recovering.take_off_second_factor(person, WHY)
    db.session.rollback()
    protect(person)
    person.disabled_at = clock.now()
    db.session.commit()
    office.get(f"/staff/accounts/people/{person.id}/second-factor", 404)
    with pytest.raises(Refused, match="closed"):
        recovering.take_off_second_factor(person, WHY)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_administrator_does(browser, role):
    person = make_person()
    protect(person)
    browser.sign_in(make_person(role))
    page = f"/staff/accounts/people/{person.id}/second-factor"
    assert browser.send("GET", page).status_code == 403
