"""What a reader gets beside the text: what to read next, versions, papers, feeds."""

import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from xml.etree import ElementTree

from pypdf import PdfReader

from portal.core import documents
from portal.core.blocks import blocks
from portal.core.db import db
from portal.library import in_word, word
from portal.library.models import PracticeStatus
from portal.library.related import chosen
from portal.library.taxonomy import label
from portal.library.versions import readers_had
from tests.make import make_member
from tests.people import make_practice


@dataclass(frozen=True)
class One:
    ref: str
    kind: str = "guide"
    outcome: str | None = None
    theme: str = "quality"
    stage: str = "operations"
    service: str = "both"
    title: str = "Calibration"
    summary: str = ""


@dataclass(frozen=True)
class At:
    version: int
    made_at: datetime


@dataclass(frozen=True)
class Move:
    old: str | None
    new: str
    at: datetime


def hour(number):
    return datetime(2026, 11, 2, number, tzinfo=UTC)


def refs(found):
    return [one.ref for one in found]


def test_curated_ones_come_first_in_their_order_and_a_showcase_never():
    near = [One("A2"), One("A3", theme="tax"), One("A4", kind="showcase"), One("A5", kind="case")]
    assert refs(chosen(One("A1"), ["A4", "A3"], [One("A1"), *near])) == ["A3", "A2", "A5"]


def test_beside_a_case_that_went_well_stands_one_that_went_badly():
    alike = [One(f"A{n}", "case_study", "positive") for n in range(2, 9)]
    bad = One("B1", "checklist", "negative", "tax", "exit", "front_office")
    assert refs(chosen(One("A1", "case_study", "positive"), [], [*alike, bad])) == [
        "A2", "A3", "A4", "A5", "B1",
    ]  # fmt: skip


def test_they_are_not_all_of_one_kind_and_the_other_outcome_stays():
    alike = [One(f"A{n}", "case_study", "positive") for n in range(2, 9)]
    bad = One("B1", "case_study", "negative", "tax")
    found = chosen(One("A1", "case_study", "positive"), [], [*alike, bad, One("C1", "guide")])
    assert refs(found) == ["A2", "A3", "A4", "C1", "B1"]


def test_only_versions_that_readers_had_can_be_cited():
    made = [At(n, hour(n)) for n in range(1, 7)]
    moves = [
        Move("draft", "in_review", hour(2)),
        Move("in_review", "published", hour(2).replace(minute=30)),
        Move("published", "archived", hour(3).replace(minute=30)),
        Move("archived", "draft", hour(3).replace(minute=40)),
        Move("in_review", "published", hour(5).replace(minute=30)),
    ]
    assert readers_had(made, moves, is_published=True) == {2, 3, 5, 6}
    assert readers_had(made, [], is_published=True) == {1, 2, 3, 4, 5, 6}
    assert readers_had(made, [], is_published=False) == set()


def test_blocks_hold_boxes_notes_and_only_web_addresses():
    made = blocks(
        "- [ ] Ask\n\n[a](https://a.example) [b](mailto:b@b.example) c[^1]\n\n[^1]: Note"
    )
    assert made[0]["children"][0]["box"] is True
    line = made[1]["children"]
    assert [one["href"] for one in line if one["kind"] == "link"] == ["https://a.example", ""]
    note = next(one for one in line if one["kind"] == "footnote_ref")
    assert note["children"][0]["children"][0]["text"] == "Note"


def test_a_paper_draws_every_kind_of_block_and_no_word_is_markup():
    text = (
        "# One\n\n## Two #panic(1)\n\n> *said* **so** `x`\n\n1. a\n   - [x] b\n\n---\n\n"
        "| h | i |\n|---|---|\n| #let | $ |\n\n```\ncode\n```\n\n[a](http://a.example)^[n]\n"
    )
    facts = {
        "title": "T", "number": "A01 version 1", "dated": "2026-11-02", "from": {"name": "F"},
        "label": "Guide", "summary": "S", "rows": [["Version", "1"]], "citation": "C",
        "permalink": "https://a.example", "is_demo": True, "body": blocks(text),
        "sources": [{"words": "W", "href": ""}], "files": ["A sheet"], "language": "en",
    }  # fmt: skip
    assert documents.pdf("practice", facts).startswith(b"%PDF")
    found = word.read(in_word.practice(facts), "a.docx")
    for line in ("| Version | 1 |", "Cite as: C", "## Two #panic(1)", "## Sources", "- A sheet"):
        assert line in found.body, line


def published(slug, **facts):
    made = make_practice(slug, **facts)
    made.status, made.has_teaser = PracticeStatus.PUBLISHED, True
    made.published_on = made.updated_on = date(2026, 11, 2)
    db.session.commit()
    return made


def test_members_take_a_practice_along_and_others_do_not(browser, another_browser):
    made = published("night-shift")
    browser.sign_in(make_member())
    page = browser.get("/library/night-shift")
    for ending in ("practice.pdf", "practice.md", "practice.docx", "versions/1"):
        assert f"/library/night-shift/{ending}" in page
        another_browser.get(f"/library/night-shift/{ending}", status=404)
        browser.get(f"/library/night-shift/{ending}")
    assert made.body in browser.get("/library/night-shift/practice.md")
    browser.get("/library/night-shift/versions/2", status=404)


def test_an_overdue_review_is_said_from_the_day_after(browser, at):
    made = published("night-shift", visibility="public")
    made.review_due_on = date(2026, 12, 1)
    db.session.commit()
    at(2026, 12, 1, 12)
    assert "review was due" not in browser.get("/library/night-shift")
    at(2026, 12, 2, 12)
    assert "review was due" in browser.get("/library/night-shift")


def test_feeds_hold_teasers_only_and_the_theme_asked_for(browser):
    one, other = published("told"), published("hidden")
    other.has_teaser = False
    other.title = "Quokka"
    db.session.commit()
    browser.sign_in(make_member())
    text = browser.get("/library/feed.atom").decode()
    entries = ElementTree.fromstring(text).findall("{http://www.w3.org/2005/Atom}entry")
    assert [entry.findtext("{http://www.w3.org/2005/Atom}title") for entry in entries] == [
        one.title
    ]
    assert one.body.strip().splitlines()[0] not in text
    ref = f'"{one.ref}"'.encode()
    assert ref in browser.get(f"/library/feed.json?theme={one.theme}")
    assert ref not in browser.get("/library/feed.json?theme=entry")


def text_of_pdf(body):
    words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return " ".join(words.split())


def text_of_docx(body):
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "".join(ElementTree.fromstring(archive.read("word/document.xml")).itertext())


REPLIED = {
    "party": "Oriole Support", "status": "answered", "text": "We were asked, too late.\n\nTwice.",
    "invited_on": "2026-12-11", "due": "2026-12-28",
}  # fmt: skip


def test_wherever_a_case_is_read_it_says_whose_interest_it_serves_and_what_the_other_says(browser):
    made = published(
        "night-shift", visibility="public", reply=REPLIED, outcome="negative",
        interest={"author": "Nia Odhiambo", "paid_by": "Kapok", "sells": "Rosters"},
    )  # fmt: skip
    there = f"/library/{made.slug}"
    papers = [
        browser.get(there),
        browser.get(f"{there}/versions/1"),
        browser.get(f"{there}/practice.md"),
        text_of_pdf(browser.send("GET", f"{there}/practice.pdf").data),
        text_of_docx(browser.send("GET", f"{there}/practice.docx").data),
    ]
    for paper in papers:
        for words in (
            label("outcome", "negative"), "Nia Odhiambo", "Kapok", "Rosters",
            "The reply of Oriole Support", "We were asked, too late.", "Twice.",
            "printed unchanged",
        ):  # fmt: skip
            assert words in paper, (words, paper)
    made.front = {**made.front, "reply": REPLIED | {"text": ""}, "interest": {}}
    db.session.commit()
    for ending in ("", "/versions/1", "/practice.md"):
        page = browser.get(there + ending)
        assert "and did not." in page
    assert "nothing to readers" not in browser.get(there), "nobody said so"
