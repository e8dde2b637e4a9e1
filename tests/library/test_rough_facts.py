"""Practices whose facts are few or odd: their pages answer, bad files are refused."""

import pytest
from sqlalchemy import select

from portal.core.access import Role
from portal.core.db import db
from portal.library import actions, files
from portal.library.front_matter import OWN_PAGES, BadFile, parse
from portal.library.models import Practice, PracticeStatus
from tests.library.test_bundles import LIBRARY, PLAIN, look, ours, zipped
from tests.make import make_person

FEW = {
    "title": "Few facts", "summary": "Nothing but what a practice cannot be without, and a text.",
    "kind": "guide", "service": "both", "stage": "operations", "theme": "quality",
    "evidence": "opinion", "interest": {"author": "The editor"}, "visibility": "public",
}  # fmt: skip
HEAD = "\n".join(f"{key}: {one}" for key, one in FEW.items() if key != "interest")
WHOLE = f"id: A77\n{HEAD}\ninterest: {{author: x}}\nstatus: draft\n"


@pytest.mark.parametrize(
    "more",
    [{}, {"figures": [{"value": "12"}]}, {"sources": [{"year": 2026}]}, {"tags": ["pay"]},
     {"reply": {"party": "Oriole"}}],
)  # fmt: skip
def test_every_page_of_a_practice_with_few_facts_answers(browser, more):
    made = actions.start("few-facts", FEW | more, "Words.", make_person())
    made.status = PracticeStatus.PUBLISHED
    made.published_on = made.updated_on = made.revisions[0].made_at.date()
    db.session.commit()
    for page in ("", "/versions/1", "/practice.md", "/practice.pdf", "/practice.docx"):
        browser.get(f"/library/few-facts{page}")
    browser.sign_in(make_person(Role.EDITOR))
    for page in ("", "/edit", "/versions"):
        browser.get(f"/staff/library/{made.id}{page}")


@pytest.mark.parametrize(
    "odd",
    ["reviewed_on: 2026-02-30", "extra: &a [*a]", "extra: &a x\nmore: *a", "benchmark: [x]",
     "sources: [x]", "figures: [1]", "authors: [Ada]", "reply: {party: x, status: replied}"],
)  # fmt: skip
def test_odd_front_matter_is_refused_and_stops_nothing(odd):
    assert parse("few-facts", "quality", f"---\n{WHOLE}---\n\nWords.\n").front["id"] == "A77"
    with pytest.raises(BadFile):
        parse("few-facts", "quality", f"---\n{WHOLE}{odd}\n---\n\nWords.\n")


def test_a_file_with_the_address_of_another_practice_is_refused_alone(tmp_path):
    folder = tmp_path / "quality"
    folder.mkdir()
    for slug, ref in (("one", "A70"), ("two", "A71")):
        text = WHOLE.replace("A77", ref)
        (folder / f"{slug}.md").write_text(f"---\n{text}---\n\nWords.\n")
    files.sync(tmp_path)
    db.session.commit()
    (folder / "one.md").unlink()
    (folder / "two.md").write_text(f"---\n{WHOLE.replace('A77', 'A70')}---\n\nOthers.\n")
    assert [one.what for one in files.sync(tmp_path)][:1] == ["refused"]
    assert db.session.scalar(select(Practice.body).where(Practice.ref == "A70")) == "Words.\n"


def test_what_an_editor_sends_begins_as_a_draft_and_changes_nothing_that_was_decided(
    browser, tmp_path
):
    editor = browser.sign_in(make_person(Role.EDITOR))
    text = (LIBRARY / "selection" / PLAIN).read_text()
    look(browser, zipped(**{f"selection__{PLAIN}": text}))
    browser.post("/staff/library/files/take", page="/staff/library/files")
    made = ours("A06")
    assert (made.status, made.published_on) == (PracticeStatus.DRAFT, None)
    made.status, made.synced_hash = PracticeStatus.APPROVED, actions.hash_now(made)
    db.session.commit()
    page = look(browser, zipped(**{f"selection__{PLAIN}": f"{text}\nAnother end.\n"}))
    assert "what was reviewed is what is published" in page
    assert editor.id


def test_no_practice_takes_an_address_of_the_library_itself(app):
    starts = {
        rule.rule.split("/")[2] for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/library/") and "<" not in rule.rule.split("/")[2]
    }  # fmt: skip
    assert {one for one in starts if one and "." not in one} <= set(OWN_PAGES)
    with pytest.raises(BadFile, match="a page of its own"):
        parse("ask", "quality", f"---\n{WHOLE}---\n\nWords.\n")
