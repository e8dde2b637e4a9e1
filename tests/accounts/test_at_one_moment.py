"""Two who do the same at one moment: the second comes while the first is not kept yet."""

from threading import Thread

import pyotp
import pytest
from sqlalchemy import select

from portal.accounts import actions, closing, codes, tokens
from portal.accounts.models import Person, RoleGrant, TokenKind
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.core.states import Refused
from tests.make import make_person


@pytest.fixture
def meanwhile(app):
    """Both do something, the second in a process of its own; what came of the second."""

    def do(first, second):
        came = []

        def late():
            with app.app_context():
                try:
                    came.append(second())
                    db.session.commit()
                except Refused as why:
                    db.session.rollback()
                    came.append(str(why))

        first()
        thread = Thread(target=late)
        thread.start()
        thread.join(0.3)
        db.session.commit()
        thread.join()
        return came[0]

    return do


def test_one_code_of_the_app_serves_one_of_two(meanwhile, at):
    at(2026, 11, 22, 9)
    person = make_person()
    person.totp_secret = codes.new_secret()
    db.session.commit()
    code, number = pyotp.TOTP(person.totp_secret).at(clock.now()), person.id

    def use():
        actions.check_code(db.session.get_one(Person, number), code)

    assert "was used already" in meanwhile(use, use)


def test_two_administrators_who_close_each_other_leave_one(meanwhile):
    one, other = make_person("admin").id, make_person("admin").id
    said = meanwhile(
        lambda: closing.close(db.session.get_one(Person, one), "Because."),
        lambda: closing.close(db.session.get_one(Person, other), "Because."),
    )
    assert "last administrator" in said


def test_two_administrators_who_take_the_role_from_each_other_leave_one(meanwhile):
    one, other = (make_person("admin").grants[0].id for _ in range(2))
    said = meanwhile(
        lambda: actions.revoke(db.session.get_one(RoleGrant, one), "Because."),
        lambda: actions.revoke(db.session.get_one(RoleGrant, other), "Because."),
    )
    assert "last administrator" in said


def test_a_role_that_two_give_is_given_once(meanwhile):
    number = make_person().id

    def give():
        actions.grant(db.session.get_one(Person, number), Role.EDITOR)

    meanwhile(give, give)
    held = select(RoleGrant).filter_by(person_id=number)
    assert len(db.session.scalars(held).all()) == 1


def test_an_address_that_two_bring_is_one_person(meanwhile):
    def come():
        return actions.create_person(" New@Test.example", "New").id

    number = meanwhile(come, come)
    assert db.session.scalars(select(Person.id).filter_by(email="new@test.example")).all() == [
        number
    ]


def test_an_address_that_two_change_to_goes_to_the_first(meanwhile):
    links = [tokens.make(TokenKind.CHANGE_EMAIL, "new@test.example", make_person()) for _ in "12"]
    db.session.commit()
    second = meanwhile(
        lambda: actions.change_email(links[0]), lambda: actions.change_email(links[1])
    )
    assert second is None


def test_a_link_that_two_take_serves_the_first(meanwhile):
    person = make_person(password_hash=None)
    secret = tokens.make(TokenKind.INVITE, person.email, person)
    db.session.commit()

    def take():
        return actions.accept(secret, "New", "a quiet harbour wall")

    assert meanwhile(take, take) is None
