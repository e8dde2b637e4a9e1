"""Versions on the desk: what changed, word by word and key by key, and an old one restored."""

import pytest
from sqlalchemy import select

from portal.core.access import Role
from portal.core.db import db
from portal.core.states import Refused
from portal.library import actions
from portal.library.differences import changed_keys, changed_words, in_words, passages
from portal.library.models import PracticeStatus, Revision
from tests.browser import Browser
from tests.dues.test_races import at_once
from tests.library.test_reviewing import CASE, GUIDE, draft
from tests.make import make_person


def test_a_change_is_shown_by_word():
    assert changed_words("Ask the agents first.", "Ask the coaches first.") == [
        ("same", "Ask the "), ("del", "agents"), ("ins", "coaches"), ("same", " first."),
    ]  # fmt: skip
    assert changed_words("", "New") == [("ins", "New")]
    assert changed_words("Old", "") == [("del", "Old")]


def test_a_very_long_passage_is_not_compared_word_by_word():
    old, new = "a " * 30_000, "b " * 30_000
    assert changed_words(old, new) == [("del", old), ("ins", new)]


def test_what_is_alike_is_shortened_but_for_a_line_on_either_side():
    lines = [f"Line {n}" for n in range(9)]
    found = passages("\n".join(lines), "\n".join([*lines[:4], "Other", *lines[5:]]))
    assert [one.skipped for one in found] == [3, 0, 0, 0, 3]
    assert [one.parts for one in found[1:4:2]] == [(("same", "Line 3"),), (("same", "Line 5"),)]
    assert found[2].parts == (("del", "Line 4"), ("ins", "Other"))
    assert passages("Same", "Same")[0].skipped == 1


def test_keys_are_compared_in_words_and_those_of_the_system_left_out():
    old = {"title": "A sheet", "version": 1, "tags": ["a"], "sources": [{"title": "X", "year": 1}]}
    new = {"title": "A list", "version": 2, "tags": ["a", "b"], "sources": [], "teaser": True}
    found = dict(changed_keys(old, new))
    assert set(found) == {"Title", "Tags", "Sources", "Teaser"}
    assert found["Tags"] == [("same", "a"), ("ins", ", b")]
    assert found["Sources"] == [("del", "title: X; year: 1")]
    assert in_words([{"title": "X"}, {"title": "Y"}]) == "title: X\ntitle: Y"


@pytest.fixture
def three():
    """Three versions: the third has another title, another text and one key less."""
    author = make_person(Role.EDITOR)
    made = draft(GUIDE | {"tags": ["sheets"]}, author)
    actions.revise(made, {}, "## Okapi\n\nOther words.", "Second", author)
    actions.revise(made, {"title": "The zebra sheet", "tags": None}, made.body, "Third", author)
    db.session.commit()
    return made


def test_any_two_versions_are_compared(browser, three):
    browser.sign_in(make_person(Role.EDITOR))
    page = browser.get(f"/staff/library/{three.id}/versions")
    assert "<del>okapi</del><ins>zebra</ins>" in page
    assert "Other" not in page.split("All versions")[0].split("Text</h2>")[1]
    page = browser.get(f"/staff/library/{three.id}/versions?old=3&new=1")
    assert "<ins>zebra</ins>" in page
    assert "<ins>Other words</ins>" in page
    browser.get(f"/staff/library/{three.id}/versions?old=99&new=x")


def test_restoring_is_a_new_version_with_what_the_old_one_said(browser, three):
    browser.sign_in(make_person(Role.EDITOR))
    page = f"/staff/library/{three.id}/versions"
    browser.post(f"{page}/1/restore", page=page)
    assert (three.version, three.title, three.body) == (4, "The okapi sheet", "## Okapi\n\nWords.")
    assert three.front["tags"] == ["sheets"]
    assert three.revisions[0].change_note == "Version 1 restored"
    assert len(three.revisions) == 4
    browser.post(f"{page}/1/restore", page=page)
    assert "is what stands now" in browser.get(page)
    assert three.version == 4
    browser.post(f"{page}/77/restore", page=page, status=404)


def test_what_was_decided_on_is_not_restored_over_and_readers_stay_the_same(three):
    three.front = {**three.front, "visibility": "staff"}
    old = db.session.scalars(select(Revision).filter_by(practice_id=three.id, version=1)).one()
    actions.restore(three, old, make_person())
    assert three.visibility == "staff"
    three.status = PracticeStatus.APPROVED
    old = db.session.scalars(select(Revision).filter_by(practice_id=three.id, version=2)).one()
    with pytest.raises(Refused, match="What was reviewed"):
        actions.restore(three, old, make_person())


def test_an_old_bad_case_does_not_come_back_past_the_lawyer(app):
    author = make_person(Role.EDITOR)
    made = draft(CASE, author)
    actions.revise(made, GUIDE, made.body, "A guide now", author)
    made.status = PracticeStatus.PUBLISHED
    db.session.flush()
    old = db.session.scalars(select(Revision).filter_by(practice_id=made.id, version=1)).one()
    with pytest.raises(Refused, match="legal review"):
        actions.restore(made, old, author)


def test_of_two_who_keep_at_the_same_moment_one_is_told_of_the_other(app):
    made = draft()
    facts = {key: one for key, one in GUIDE.items() if isinstance(one, str)}
    facts |= {"slug": made.slug, "interest_author": "a", "interest_paid_by": "b"}
    facts |= {"change_note": "Mine", "version": "1", "outcome": ""}
    page, browsers = f"/staff/library/{made.id}/edit", []
    for _ in range(2):
        browsers.append(Browser(app.test_client()))
        browsers[-1].sign_in(make_person(Role.EDITOR))
        browsers[-1].get(page)

    def keep(n):
        data = facts | {"body": f"Words of {n}.", "csrf_token": browsers[n].token}
        return browsers[n].send("POST", page, data=data)

    answers = sorted(at_once(app, 2, keep), key=lambda one: one.status_code)
    assert [one.status_code for one in answers] == [200, 303]
    assert "Somebody else kept version 2" in answers[0].text
    assert "has this address" not in answers[0].text
