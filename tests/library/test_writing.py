"""Writing: the facts beside a text, the toolbar, drafts that keep themselves, who else is here."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.core.states import Refused
from portal.library import actions, drafts
from portal.library.models import Draft
from portal.library.snippets import appended
from portal.members import merging
from tests.library.test_reviewing import GUIDE, draft
from tests.make import make_person, make_place

FACTS = {
    "channels": ["chat", "email"], "applies_in": ["ruritania"], "tags": ["sheets"],
    "sources": [{"title": "A survey", "url": "https://a.example", "year": 2025, "page": 7}],
    "figures": [{"value": 12.5, "unit": "%", "source": "A survey", "year": 2025}],
    "authors": [{"name": "Amara", "org": "Acacia", "pseudonym": True}],
    "checklist": True, "language": "en", "owner": "editor",
}  # fmt: skip


@pytest.fixture
def made(browser):
    """A draft with facts of every kind, opened by an editor who did not write it."""
    make_place(slug="ruritania", name="Ruritania")
    one = draft(GUIDE | FACTS)
    browser.editor = browser.sign_in(make_person(Role.EDITOR, display_name="Vera"))
    return one


def form_of(made, **more):
    """What a browser sends of the form as it is first shown."""
    facts = {key: one for key, one in GUIDE.items() if isinstance(one, str)}
    return facts | {
        "slug": made.slug, "version": str(made.version), "body": made.body, "outcome": "",
        "interest_author": "The editor", "interest_paid_by": "nobody", "change_note": "x",
        "channels": ["chat", "email"], "applies_in": "Ruritania", "tags": "sheets",
        "checklist": "y", "language": "en", "owner": "editor",
        "sources-0-title": "A survey", "sources-0-url": "https://a.example",
        "sources-0-year": "2025", "sources-1-title": "", "figures-0-value": "12.5",
        "figures-0-unit": "%", "figures-0-source": "A survey", "figures-0-year": "2025",
        "authors-0-name": "Amara", "authors-0-org": "Acacia", "authors-0-pseudonym": "y",
        "authors-0-member_category": "",
    } | more  # fmt: skip


def type_on(browser, url, page, **data):
    """What the page sends by itself while somebody types; the fragment that comes back."""
    browser.get(page)
    answer = browser.send("POST", url, data=data | {"csrf_token": browser.token})
    assert answer.status_code == 200
    return answer.text


def edit(made):
    return f"/staff/library/{made.id}/edit"


def test_facts_come_back_as_they_went_and_keep_what_no_field_shows(browser, made):
    page = browser.get(edit(made))
    assert 'value="A survey"' in page
    assert 'value="ruritania"' in page
    browser.post(edit(made), **form_of(made))
    assert {key: made.front[key] for key in FACTS} == FACTS


def test_facts_are_changed_added_and_taken_away(browser, made):
    more = {
        "tags": "a, b ,", "channels": ["post"], "sources-0-title": "", "sources-0-url": "",
        "sources-0-year": "", "sources-1-title": "A law", "sources-1-date": "2026-09-03",
    }  # fmt: skip
    browser.post(edit(made), **form_of(made, **more))
    assert made.front["tags"] == ["a", "b"]
    assert made.front["channels"] == ["post"]
    assert made.front["sources"] == [{"title": "A law", "date": "2026-09-03"}]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"applies_in": "Ruritania, Utopia"}, "No place is called Utopia"),
        ({"related": "A01, Z99"}, "No practice has the number Z99"),
        ({"sources-0-title": ""}, "Title: fill it in, or empty the row"),
        ({"sources-0-url": "javascript:alert(1)"}, "begins with https://"),
        ({"figures-0-year": "last year"}, "Enter a year, like 2026"),
        ({"sources-0-date": "3 May"}, "Enter a day, like 2026-09-03"),
        ({"language": "English!"}, "Enter a code"),
        ({"channels": ["smoke"]}, "Choose"),
        ({"sponsor": "Nobody Ltd"}, "No firm here has this name"),
    ],
)
def test_wrong_facts_are_answered_and_kept_as_typed(browser, made, more, words):
    page = browser.post(edit(made), status=200, **form_of(made, **more)).text
    assert words.split(",")[0] in page or "not a valid choice" in page
    assert made.version == 1
    assert "A survey" in page


def test_another_row_is_given_where_it_is_asked_for(browser, made):
    page = browser.post(edit(made), status=200, **form_of(made, more="figures")).text
    assert "figures-2-value" in page
    assert "authors-2-name" not in page


def test_the_toolbar_puts_its_markdown_at_the_end_without_javascript(browser, made):
    page = browser.post(edit(made), status=200, **form_of(made, insert="checklist")).text
    assert "Words.\n\n- [ ] thing to check</textarea>" in page.replace("\r", "")
    assert made.version == 1
    assert appended("", "heading") == "## Heading"
    assert appended("Is", "bold") == "Is **important**"
    assert appended("Is", "no such") == "Is"


def test_what_was_typed_is_kept_and_offered_and_gone_when_it_is_kept_for_good(browser, made):
    send = f"/staff/library/{made.id}/draft"
    same = type_on(browser, send, edit(made), **form_of(made))
    assert "draft is kept" not in same
    assert db.session.scalar(select(Draft)) is None
    words = type_on(browser, send, edit(made), **form_of(made, body="Mine."))
    assert "draft is kept since" in words
    assert "you did not keep" in browser.get(edit(made))
    page = browser.get(edit(made) + "?draft=1")
    assert ">\r\nMine.</textarea>" in page or ">\nMine.</textarea>" in page
    assert "A survey" in page
    browser.post(edit(made), **form_of(made, body="Mine."))
    assert made.body == "Mine."
    assert "you did not keep" not in browser.get(edit(made))


def test_a_draft_of_a_new_practice_is_kept_too_and_can_be_thrown_away(browser, made):
    type_on(browser, "/staff/library/new/draft", "/staff/library/new", title="Half a")
    assert 'value="Half a"' in browser.get("/staff/library/new?draft=1")
    browser.post("/staff/library/new/draft/drop", page="/staff/library/new")
    assert "you did not keep" not in browser.get("/staff/library/new")


def test_an_old_draft_meets_the_version_that_was_kept_meanwhile(browser, made):
    send = f"/staff/library/{made.id}/draft"
    type_on(browser, send, edit(made), **form_of(made, body="Mine."))
    actions.revise(made, {}, "Theirs.", "Theirs", make_person(Role.EDITOR))
    db.session.commit()
    page = edit(made) + "?draft=1"
    assert 'name="version" type="hidden" value="1"' in browser.get(page)
    refused = browser.post(edit(made), status=200, **form_of(made, body="Mine.", version="1"))
    assert "Somebody else kept version 2" in refused.text


def test_the_other_editor_is_told_who_is_writing(browser, another_browser, made):
    type_on(browser, f"/staff/library/{made.id}/draft", edit(made), **form_of(made, body="Mine."))
    another_browser.sign_in(make_person(Role.EDITOR))
    assert "Vera is editing this since" in another_browser.get(edit(made))
    assert "Mine." not in another_browser.get(edit(made) + "?draft=1")
    db.session.scalars(select(Draft)).one().saved_at = clock.now() - timedelta(minutes=11)
    db.session.commit()
    assert "is editing this" not in another_browser.get(edit(made))


def test_a_draft_has_an_end(made):
    with pytest.raises(Refused, match="too long"):
        drafts.keep(made, make_person(), {"body": ["x" * 400_000]})


def test_the_preview_is_made_safe(browser, made):
    page = type_on(
        browser, "/staff/library/preview", edit(made), body="## Hi\n\n<script>alert(1)</script>"
    )
    assert "Hi</h2>" in page
    assert "<script" not in page


def test_of_two_drafts_of_one_person_one_stays(made):
    keep, lose = make_person(), make_person()
    for one in (keep, lose):
        drafts.keep(made, one, {"body": [one.display_name]})
        drafts.keep(None, one, {"body": ["New"]})
    db.session.commit()
    merging.merge_people(keep, lose, "One person")
    db.session.commit()
    assert {one.editor_id for one in db.session.scalars(select(Draft))} == {keep.id}
    assert len(db.session.scalars(select(Draft)).all()) == 2
