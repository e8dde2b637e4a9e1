"""A form that is sent four times at once, or again a moment later, makes one thing."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.committees.models import CommitteeSeat
from portal.core import clock
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.events.models import Event
from portal.legislation.models import MeasureNote
from portal.library.actions import revise
from portal.library.models import (
    ChecklistRun,
    Comment,
    PracticeStatus,
    Proposal,
    ReadingList,
    Remark,
)
from portal.members.queries import firm_of
from tests.browser import Browser
from tests.dues.books import make_invoice
from tests.dues.test_races import at_once
from tests.events.making import form_of
from tests.make import make_member, make_person, save
from tests.people import make_committee, make_measure, make_practice

BODY = "## Before\n\n- [ ] Is there a bus?\n- [ ] Is it dated?\n"


def a_note():
    member, measure, committee = make_member(), make_measure(), make_committee("wages")
    save(CommitteeSeat(committee=committee, person=member, from_on=clock.today()))
    page = f"/legislation/{measure.id}"
    return member, page, f"{page}/notes/{committee.id}", {"text": "Ask the clerk."}, MeasureNote


def a_checklist():
    revise(make_practice("bus-check"), {}, BODY, "As a list", make_person())
    page = "/library/bus-check/checklist"
    return make_member(), page, page, {"title": "Cebu"}, ChecklistRun


def a_question():
    words = {"text": "Has anybody moved a night shift to another site?"}
    return make_member(), "/library/ask", "/library/ask", words, Remark


def an_experience():
    page = f"/library/{make_practice('alpha').slug}/experience"
    sent = {
        "title": "The night we moved", "happened": "We lost a third of our people. " * 8,
        "numbers": "31 of 90 left.", "not_again": "We would ask them first. " * 4,
        "outcome": "negative", "naming": "anonymised",
    }  # fmt: skip
    return make_member(), page, page, sent, Proposal


def a_comment():
    practice = make_practice("alpha")
    practice.status = PracticeStatus.IN_REVIEW
    page = f"/staff/library/{practice.id}"
    return make_person("editor"), page, f"{page}/comment", {"text": "Which month?"}, Comment


def a_reading_list():
    sent = {"title": "For new leads", "about": "", "committee": "0"}
    return make_member(), "/reading-lists/", "/reading-lists/", sent, ReadingList


def an_event():
    page = "/staff/events/new"
    return make_person("events"), page, page, form_of(), Event


def an_invitation():
    page, sent = "/firm/people/invite", {"display_name": "Nia", "email": "nia@firm.example"}
    return make_member("roster_manager"), page, page, sent | {"roles": "staff"}, OutgoingMail


def a_forwarded_invoice():
    payer = make_member("dues_contact")
    page = f"/invoices/{make_invoice(firm_of(payer)).id}/forward"
    return payer, page, page, {"email": "cfo@firm.example"}, OutgoingMail


PERHAPS_MEANT = (a_note, a_checklist, a_question, an_experience, a_comment, a_reading_list,
                 a_forwarded_invoice)  # fmt: skip
FORMS = (*PERHAPS_MEANT, an_event, an_invitation)


def counted(model):
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.mark.parametrize("make", FORMS)
def test_a_form_that_is_sent_four_times_at_once_makes_one(app, make):
    person, page, url, sent, model = make()
    db.session.commit()
    browsers = [Browser(app.test_client()) for _ in range(4)]
    for one in browsers:
        one.sign_in(person)
        one.get(page)

    def send(n):
        return browsers[n].send("POST", url, data=sent | {"csrf_token": browsers[n].token})

    answers = at_once(app, 4, send)
    db.session.expire_all()
    assert [one.status_code for one in answers] == [303] * 4
    assert len({one.location for one in answers}) == 1
    assert counted(model) == 1


@pytest.mark.parametrize("make", PERHAPS_MEANT)
def test_the_same_words_of_another_day_are_another(browser, monkeypatch, make):
    person, page, url, sent, model = make()
    db.session.commit()
    browser.sign_in(person)
    browser.post(url, page=page, **sent)
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    browser.post(url, page=page, **sent)
    assert counted(model) == 2


def test_who_was_invited_before_is_not_mailed_again_by_another_form(browser, monkeypatch):
    person, page, url, sent, model = an_invitation()
    browser.sign_in(person)
    browser.post(url, page=page, **sent)
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    refused = browser.post(url, page=page, status=200, **sent).text
    assert "This person is invited already: mail it again or revoke it" in refused
    assert counted(model) == 1
