"""What is forgotten by itself: after so many days and not before; the privacy page says it."""

import pytest

from portal.accounts import tokens
from portal.accounts.actions import start_session
from portal.accounts.models import SignIn, Token, TokenKind
from portal.accounts.retention import RULES, forget_what_is_due
from portal.core.bounces import BouncedAddress, note_bounce
from portal.core.db import db
from portal.events.models import Registration
from portal.joining.models import Application
from tests.events.making import make_event, registered
from tests.joining.applying import make_application
from tests.make import make_person


def count(model):
    db.session.expire_all()
    return db.session.query(model).count()


def make_session():
    start_session(make_person(), stays=False, address="192.0.2.1", browser="Test")


def make_link():
    tokens.make(TokenKind.RESET, "rosa@test.example", make_person())


@pytest.mark.parametrize(("make", "model", "kept_on", "gone_on"), [
    (make_session, SignIn, (2026, 4, 1), (2026, 4, 3)),
    (make_link, Token, (2026, 4, 1), (2026, 4, 10)),
    (lambda: note_bounce("a@test.example", "gone"), BouncedAddress, (2027, 3, 1), (2027, 3, 3)),
], ids=["sign-ins", "links", "bounces"])  # fmt: skip
def test_it_goes_after_its_time_and_not_before(at, make, model, kept_on, gone_on):
    at(2026, 3, 2, 9)
    make()
    db.session.commit()
    at(*kept_on)
    forget_what_is_due()
    assert count(model) == 1
    at(*gone_on)
    forget_what_is_due()
    assert count(model) == 0


def test_a_declined_application_loses_its_words_after_a_year_and_keeps_its_decision(at):
    at(2026, 3, 2)
    declined = make_application(upto="declined")
    running = make_application(upto="submitted", email="other@test.example")
    at(2027, 3, 1)
    forget_what_is_due()
    assert declined.applicant == "Mira Santos"
    at(2027, 3, 4)
    forget_what_is_due()
    db.session.expire_all()
    assert (declined.applicant, declined.answers, declined.reason) == ("Erased", {}, "")
    assert declined.status.value == "declined"
    assert declined.decided_on
    assert running.answers
    assert count(Application) == 2


def test_what_guests_need_goes_a_month_after_the_event(at):
    at(2026, 3, 2)
    event = make_event(starts_in=3)
    registered(event, "bea@test.example")
    held = db.session.query(Registration).one()
    held.needs = "no nuts"
    db.session.commit()
    at(2026, 4, 3)
    forget_what_is_due()
    assert held.needs == "no nuts"
    at(2026, 4, 8)
    forget_what_is_due()
    db.session.expire_all()
    assert held.needs == ""


@pytest.mark.view
def test_the_privacy_page_says_every_rule(browser):
    page = browser.get("/privacy")
    for rule in RULES:
        assert rule.words in page
