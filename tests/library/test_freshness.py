"""Practices grow old: the queue of editors, and the three mails to the owner."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.core.access import Role
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.library import freshness
from portal.library.jobs import remind_owners
from tests.make import business_day, make_person
from tests.people import make_practice

DUE = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-31, None), (-30, -30), (-1, -30), (0, 0), (29, 0), (30, 30), (400, 30)],
)
def test_the_owner_is_mailed_before_on_and_after_the_day(days, expected):
    assert freshness.step_of(DUE, DUE + timedelta(days=days)) == expected


def due_in(days, **facts):
    one = make_practice(f"due-in-{days}".replace("--", "-past-"), **facts)
    one.review_due_on = business_day() + timedelta(days=days)
    db.session.commit()
    return one


def test_each_mail_goes_once_to_the_owner_or_to_all_editors_where_there_is_none():
    ada = make_person(Role.EDITOR, email="ada@test.example")
    bob = make_person(Role.EDITOR)
    make_person(Role.FINANCE)
    late, soon = due_in(-1, owner="ada"), due_in(30, owner="someone")
    due_in(31, owner="ada")
    for _twice in range(2):
        remind_owners()
    sent = db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)).all()
    assert [one.recipient for one in sent] == [ada.email, ada.email, bob.email]
    assert "Overdue since" in sent[0].subject
    assert late.title in sent[0].subject
    assert "To be read again by" in sent[1].subject
    late.review_due_on -= timedelta(days=29)
    remind_owners()
    assert len(db.session.scalars(select(OutgoingMail)).all()) == 4
    assert soon.review_due_on


@pytest.mark.view
def test_the_queue_says_what_is_due_and_asks_to_archive_after_180_days(browser):
    due_in(-181), due_in(-180), due_in(0), due_in(12)
    late = due_in(31, title="Not yet due at all")
    browser.sign_in(make_person(Role.EDITOR))
    page = browser.get("/staff/library/freshness")
    assert page.count("archive it, or read it") == 1
    assert "180 days overdue" in page
    assert "due today" in page
    assert "due soon" in page
    assert late.title not in page
