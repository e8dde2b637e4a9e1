"""Tags: given to many practices at once after a look, merged, found, and what is refused."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.core import jobs
from portal.core.access import Role
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.core.states import Refused
from portal.home import actions as home
from portal.home.models import SavedSearch
from portal.library import actions, files, following, tags
from portal.library.jobs import tell_followers
from portal.library.models import Practice, PracticeStatus
from portal.notices.models import Often
from tests.make import make_member, make_person

SELECTION = Path(__file__).parents[2] / "content" / "library" / "selection"
PAGE = "/staff/library/tags"


@pytest.fixture
def desk(browser, tmp_path):
    shutil.copytree(SELECTION, tmp_path / "library" / "selection")
    files.sync(tmp_path / "library")
    db.session.commit()
    browser.sign_in(make_person(Role.EDITOR))
    return browser


def practice(ref="A06"):
    return db.session.scalars(select(Practice).where(Practice.ref == ref)).one()


def test_many_are_tagged_after_a_look_and_found_by_the_tag(desk):
    asked = {"theme": "selection", "kind": "checklist", "tag": "", "more": "Due  Diligence, okapi"}
    page = desk.post(PAGE, status=200, **asked).text
    assert "Change 2" in page
    assert practice("A05").version == 1
    desk.post(PAGE, **asked, sure="1")
    assert (practice("A05").version, tags.tags_of(practice("A05"))) == (
        2,
        ("due diligence", "okapi"),
    )
    assert tags.tags_of(practice("A06")) == ()
    jobs.work()
    found = desk.get("/library/?q=okapi")
    assert "<strong>2 found</strong>" in found
    assert "due diligence</a>" in desk.get(f"/library/{practice('A05').slug}")
    assert "Nothing would change" in desk.post(PAGE, status=200, **asked).text


def test_enter_in_a_field_only_looks_and_change_does_what_was_looked_at(desk):
    page = desk.post(
        PAGE, status=200, theme="selection", kind="", tag="", more="Okapi", fewer=""
    ).text
    fields, _, sure = page.partition("What would change")
    assert 'name="sure"' not in fields  # what Enter sends
    assert '<input type="hidden" name="more" value="Okapi">' in sure
    assert 'name="sure"' in sure


def test_a_tag_becomes_another_and_the_last_one_leaves_no_key(desk):
    editor = make_person(Role.EDITOR)
    tags.apply(tags.changes(tags.chosen(), "", ["wfh", "pay"], []), editor)
    tags.apply(
        tags.changes(tags.chosen(kind="case_study"), "wfh", ["remote work"], ["wfh"]), editor
    )
    assert tags.tags_of(practice()) == ("pay", "remote work")
    assert dict(tags.counted())["remote work"] == 1
    tags.apply(tags.changes(tags.chosen(), "pay", [], ["pay", "wfh", "remote work"]), editor)
    assert "tags" not in practice().front
    assert tags.counted() == []


def told(person):
    tell_followers()
    query = select(OutgoingMail.text).filter_by(recipient=person.email).order_by(OutgoingMail.id)
    return list(db.session.scalars(query))


def test_who_follows_hears_nothing_of_tags_and_still_all_that_is_new(desk):
    reader, editor, one = make_member(), make_person(Role.EDITOR), practice("A05")
    following.follow(one, reader)
    day = one.updated_on
    tags.apply(tags.changes(tags.chosen(), "", ["okapi"], []), editor)
    db.session.commit()
    assert (one.version, one.updated_on, told(reader)) == (2, day, [])
    actions.revise(one, {}, f"{one.body}\nMore.", "A table of costs", editor)
    tags.apply(tags.changes(tags.chosen(), "", ["heron"], []), editor)
    db.session.commit()
    assert len(told(reader)) == 1
    assert "A table of costs" in told(reader)[0]


def test_a_search_that_is_kept_finds_nothing_changed_by_tags(desk):
    jobs.work()
    reader = make_member()
    home.save_search(reader, "All", "/library/?theme=selection", Often.DAILY)
    db.session.commit()
    saved = db.session.scalars(select(SavedSearch)).one()
    tags.apply(tags.changes(tags.chosen(), "", ["okapi"], []), make_person(Role.EDITOR))
    db.session.commit()
    jobs.work()
    assert not home.tell_news(saved)
    actions.revise(practice(), {}, practice().body + "\nMore.", "Costs", make_person(Role.EDITOR))
    db.session.commit()
    jobs.work()
    assert home.tell_news(saved)


def test_what_was_reviewed_and_is_not_published_yet_is_left_and_said(desk):
    practice().status = PracticeStatus.APPROVED
    db.session.commit()
    asked = {"theme": "selection", "kind": "case_study", "tag": "", "more": "okapi", "sure": "1"}
    desk.post(PAGE, **asked)
    assert "A06: What was reviewed" in desk.get(PAGE)
    assert tags.tags_of(practice()) == ()


@pytest.mark.parametrize(
    ("more", "words"), [("", "Say what to give or to take away"), ("x" * 41, "longer than 40")]
)
def test_what_cannot_be_is_said_at_the_field(desk, more, words):
    assert words in desk.post(PAGE, status=200, theme="", kind="", tag="", more=more).text


def test_tags_are_small_and_each_once():
    assert tags.read(" Pay,pay ,, Night  Work") == ("pay", "night work")
    with pytest.raises(Refused):
        tags.read("y" * 41)
