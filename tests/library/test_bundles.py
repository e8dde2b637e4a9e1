"""The library as one ZIP: taken along, looked at, taken over elsewhere, and what is refused."""

import io
import os
import shutil
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.core.access import Role
from portal.core.db import db
from portal.core.states import Refused
from portal.library import actions, bundles, files
from portal.library.models import Attachment, Practice
from tests.make import make_member, make_person
from tests.papers import packed

LIBRARY = Path(__file__).parents[2] / "content" / "library"
PLAIN = "we-chose-on-price.md"
NAME = "a-scoring-sheet-that-resists-the-lowest-bid.md"


@pytest.fixture
def editor(browser, tmp_path):
    """At the desk of a portal with the practices on selecting a provider."""
    shutil.copytree(LIBRARY / "selection", tmp_path / "library" / "selection")
    files.sync(tmp_path / "library")
    db.session.commit()
    return browser.sign_in(make_person(Role.EDITOR))


def zipped(**entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, text in entries.items():
            made.writestr(name.replace("__", "/"), text)
    return out.getvalue()


def look(browser, body, name="library.zip"):
    page = "/staff/library/files"
    return browser.post(page, status=200, file=(io.BytesIO(body), name)).text


def ours(ref="A05"):
    return db.session.scalars(select(Practice).where(Practice.ref == ref)).one()


def test_the_library_is_taken_along_and_comes_back_with_equal_bytes(browser, editor):
    body = browser.get("/staff/library/library.zip")
    entries = zipfile.ZipFile(io.BytesIO(body))
    assert entries.read(f"library/selection/{NAME}") == (LIBRARY / "selection" / NAME).read_bytes()
    db.session.rollback()
    assert {one.what for one in bundles.take(body, "x.zip", is_trial=True)} == {"unchanged"}
    page = look(browser, body)
    assert "There is nothing to take over." in page


def test_nothing_changes_before_an_editor_agrees_and_twice_is_once(browser, editor):
    text = (LIBRARY / "selection" / PLAIN).read_text() + "\nA line from elsewhere.\n"
    page = look(browser, zipped(**{f"selection__{PLAIN}": text}))
    assert "Take 1 over" in page
    assert "elsewhere" not in ours("A06").body
    there = browser.post("/staff/library/files/take", page="/staff/library/files")
    assert "1 taken over, 0 left" in browser.get(there.location)
    assert ours("A06").body.endswith("A line from elsewhere.\n")
    assert browser.send("POST", "/staff/library/files/take", data={
        "csrf_token": browser.token}).status_code == 404  # fmt: skip


def test_what_both_sides_changed_is_shown_line_by_line_and_left(browser, editor):
    actions.revise(ours(), ours().front, "Ours.", "Mine", editor)
    db.session.commit()
    text = (LIBRARY / "selection" / NAME).read_text() + "\nTheirs.\n"
    page = look(browser, text.encode(), NAME)
    assert "<del>-Ours.</del>" in page
    assert "<ins>+Theirs.</ins>" in page
    assert ours().body == "Ours."


def test_a_look_keeps_no_bytes_of_attachments(browser, editor, settings):
    before = sorted((settings.data / "files").rglob("*.csv"))
    for one in db.session.scalars(select(Attachment)):
        db.session.delete(one)
    practice = ours()
    practice.synced_hash = actions.hash_now(practice)
    db.session.commit()
    sheet = next((LIBRARY / "selection" / "files").iterdir())
    facts = {f"selection__{NAME}": (LIBRARY / "selection" / NAME).read_text()}
    facts[f"selection__files__{sheet.name}"] = sheet.read_text()
    assert "Take 1 over" in look(browser, zipped(**facts))
    assert sorted((settings.data / "files").rglob("*.csv")) == before


@pytest.mark.parametrize(
    ("body", "name", "words"),
    [
        (b"PK\x03\x04 and no more", "x.zip", "cannot be opened"),
        (b"\xff\xfe\x00", "a-file.md", "cannot be opened"),
        (zipped(readme="x"), "x.zip", "holds no practice"),
        (zipped(**{"..__selection__x.md": "x"}), "x.zip", "lead out of it"),
        (b"# No front matter", "a-file.md", "names no theme"),
        (b"---\ntheme: [\n---\n", "a-file.md", "names no theme"),
        (b"---\ntheme: ../..\n---\n", "a-file.md", "names no theme"),
        (b"---\ntheme: selection\n---\n", "../../etc/passwd", "called like its address"),
    ],
)
def test_what_cannot_be_taken_is_answered_at_the_field(browser, editor, body, name, words):
    assert words in look(browser, body, name)


def test_it_is_the_editors_alone(browser, editor):
    browser.sign_in(make_member())
    browser.get("/staff/library/library.zip", status=403)


def test_what_unpacks_without_end_is_refused_and_little_of_it_is_read():
    noise, long = os.urandom(900_000), b" " * 60_000_000
    body = packed({"selection/files/a.png": noise, f"selection/{PLAIN}": long})
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match=r"we-chose-on-price\.md is larger than 2 MB"):
            bundles.take(body, "x.zip", is_trial=True)
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()
    body = packed({"selection/files/a.png": noise, "selection/files/b.csv": long})
    with pytest.raises(Refused, match=r"b\.csv is larger than 25 MB"):
        bundles.take(body, "x.zip", is_trial=True)


def test_what_is_taken_along_says_what_changed_in_the_present_version(browser, editor, tmp_path):
    actions.revise(ours(), {}, "Other weights.", "Corrected the weights", editor)
    db.session.commit()
    list(files.export(tmp_path / "out"))
    text = (tmp_path / "out" / "selection" / NAME).read_text()
    assert "version: 2\nchange_note: Corrected the weights\n" in text
