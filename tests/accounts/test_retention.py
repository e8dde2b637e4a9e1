"""What is forgotten by itself: after so many days and not before; the privacy page says it."""

from datetime import timedelta

import pytest

from portal.accounts import tokens
from portal.accounts.actions import start_session
from portal.accounts.models import SignIn, Token, TokenKind
from portal.accounts.retention import RULES, forget_what_is_due
from portal.association.models import Association
from portal.association.queries import association, today
from portal.core.audit import AuditEvent
from portal.core.bounces import BouncedAddress, note_bounce
from portal.core.db import db
from portal.dues.queries.booked import oldest_line
from portal.events.models import Registration
from portal.joining.jobs import expire_applications
from portal.joining.models import Application
from tests.events.making import make_event, registered
from tests.joining.applying import make_application
from tests.make import make_person

PAGE = "/staff/accounts/retention"


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


@pytest.fixture
def office(browser):
    browser.sign_in(make_person("admin"))
    return browser


def lengths(**changed):
    """What the settings page sends."""
    return {one.code: str(one.kept) for one in RULES} | changed


def test_an_administrator_sets_how_long_and_the_night_follows(office, at):
    at(2026, 3, 2, 9)
    office.sign_in(make_person("admin"))
    assert "Addresses at which mail did not arrive, in days" in office.get(PAGE)
    note_bounce("a@test.example", "gone")
    db.session.commit()
    office.post(PAGE, **lengths(bounces="10"))
    at(2026, 3, 12, 8)
    forget_what_is_due()
    assert count(BouncedAddress) == 1
    at(2026, 3, 12, 10)
    forget_what_is_due()
    assert count(BouncedAddress) == 0
    assert "Addresses at which mail did not arrive: 10 days after" in office.get("/privacy")
    event = db.session.query(AuditEvent).filter_by(verb="association.changed").one()
    assert event.details["retention"][1]["bounces"] == 10


@pytest.mark.parametrize(("changed", "words"), [
    ({"bounces": ""}, "Enter a number of days"), ({"links": "0"}, "Enter 1 to 3650 days"),
    ({"needs": "31"}, "Enter 1 to 30 days"), ({"record": "9"}, "Enter 10 to 50 years"),
    ({"bank_lines": "4"}, "Enter 5 to 50 years"), ({"drafts": "soon"}, "Enter a whole number"),
])  # fmt: skip
def test_what_nobody_may_set_is_answered_at_its_field(office, changed, words):
    assert words in office.post(PAGE, status=200, **lengths(**changed)).text
    assert association().retention == {}


def test_only_who_manages_the_association_sets_it(browser):
    browser.sign_in(make_person("membership"))
    browser.get(PAGE, status=403)


def test_a_draft_expires_and_loses_its_words_after_the_days_that_are_set(office, at):
    at(2026, 3, 2, 9)
    office.sign_in(make_person("admin"))
    office.post(PAGE, **lengths(drafts="20"))
    draft = make_application(upto="begun")
    at(2026, 3, 21)
    expire_applications()
    assert draft.status.value == "draft"
    at(2026, 3, 23)
    expire_applications()
    forget_what_is_due()
    db.session.expire_all()
    assert (draft.status.value, draft.applicant, draft.answers) == ("expired", "Erased", {})


def test_bank_lines_go_after_the_years_that_are_set_and_nobody_misses_them():
    db.session.get(Association, 1).retention = {"bank_lines": 7}
    db.session.commit()
    (rule,) = [one for one in RULES if one.code == "bank_lines"]
    assert rule.days == 2557
    assert rule.words.endswith("7 years after they were booked.")
    assert oldest_line() == today() - timedelta(days=7 * 365)


@pytest.mark.view
def test_the_privacy_page_says_every_rule(browser):
    page = browser.get("/privacy")
    for rule in RULES:
        assert rule.words in page
