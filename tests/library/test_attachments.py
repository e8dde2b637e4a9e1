"""Files beside practices: attached, found by their words, fetched by whoever may read."""

import io
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.core import files as store
from portal.core import jobs
from portal.core.access import Role
from portal.core.db import db
from portal.library import attachments, files
from portal.library.models import Attachment, Extraction, Practice
from tests.make import make_member, make_person
from tests.papers import docx, pdf

SHEET = Path(__file__).parents[2] / "content" / "library" / "selection"


@pytest.fixture
def practice(tmp_path, settings):
    shutil.rmtree(settings.data / "downloads", ignore_errors=True)  # what other tests fetched
    shutil.copytree(SHEET, tmp_path / "library" / "selection")
    files.sync(tmp_path / "library")
    db.session.commit()
    query = select(Practice).where(Practice.slug == "due-diligence-site-visit")
    return db.session.scalars(query).one()


def attach(practice, *pages, title="Site / visit: “sheet”"):
    made = attachments.attach(practice, pdf(*pages), "a.pdf", title)
    db.session.commit()
    jobs.work()
    return db.session.get(Attachment, made.id)


def send(browser, practice, body, title="The sheet", status=303):
    page = f"/staff/library/{practice.id}/files"
    return browser.post(page, status=status, title=title, file=(io.BytesIO(body), "../x.pdf"))


def test_an_editor_attaches_a_file_and_a_member_finds_its_page_and_fetches_it(browser, practice):
    page = f"/staff/library/{practice.id}/files"
    browser.sign_in(make_person(Role.EDITOR))
    send(browser, practice, pdf("Nothing here", "The generator of the okapi house"))
    jobs.work()
    assert ", searchable. Fetched 0 times" in browser.get(page)
    one = db.session.scalars(select(Attachment).where(Attachment.practice_id == practice.id)).one()
    browser.sign_in(make_member())
    found = browser.get("/search?q=okapi")
    assert f"due-diligence-site-visit#file-{one.id}" in found
    assert "page 2" in found
    assert "PDF, p. 2" in browser.get("/library/?q=okapi")
    assert "The sheet" in browser.get("/library/due-diligence-site-visit")
    assert browser.get(f"/library/files/{one.id}").startswith(b"%PDF-")
    assert attachments.downloads() == {one.id: 1}


def test_a_file_is_nobody_s_who_may_not_read_its_practice(browser, practice):
    one = attach(practice, "The okapi house")
    browser.get(f"/library/files/{one.id}", status=404)
    assert "okapi house" not in browser.get("/search?q=okapi")
    assert "#file-" not in browser.get("/library/due-diligence-site-visit")
    browser.get(f"/library/files/{one.id + 1}", status=404)


def test_a_file_comes_as_an_attachment_that_can_run_nothing(browser, practice):
    one = attach(practice, "Words")
    browser.sign_in(make_member())
    headers = browser.send("GET", f"/library/files/{one.id}").headers
    name = f"{practice.ref}-v{practice.version}-site-visit-sheet.pdf"
    assert headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_too_large_or_unfit_is_answered_at_the_field(browser, practice):
    browser.sign_in(make_person(Role.EDITOR))
    assert "Only PDF" in send(browser, practice, b"<svg/>", status=200).text
    attach(practice, "Words").size = attachments.MOST_TOGETHER
    db.session.commit()
    assert "100 MB together" in send(browser, practice, pdf("Words"), status=413).text
    with pytest.raises(attachments.TooLarge, match="25 MB"):
        attachments.attach(practice, b"%PDF-" + b"x" * attachments.MOST, "a.pdf", "Large")
    assert len(practice.attachments) == 1


def test_a_removed_file_is_gone_from_page_store_and_search(browser, practice):
    one = attach(practice, "The okapi house")
    key, number = one.key, one.id
    browser.sign_in(make_person(Role.EDITOR))
    page = f"/staff/library/{practice.id}/files"
    browser.post(f"/staff/library/files/{number}/remove", page=page)
    jobs.work()
    assert "No file yet" in browser.get(page)
    assert "okapi house" not in browser.get("/search?q=okapi")
    with pytest.raises(store.UnknownFile):
        store.store().get(key)


def test_a_scan_is_kept_and_the_editor_is_told_that_it_cannot_be_searched(browser, practice):
    assert attach(practice, "").extraction is Extraction.NO_TEXT
    browser.sign_in(make_person(Role.EDITOR))
    assert "not searchable: it holds no text" in browser.get(f"/staff/library/{practice.id}/files")


def test_a_file_beside_what_is_told_under_a_pseudonym_names_nobody(browser, practice):
    signed = docx("Words", **{"docProps/core.xml": "<c><dc:creator>Rosa Dizon</dc:creator></c>"})
    attachments.attach(practice, signed, "a.docx", "By name")
    practice.front = practice.front | {"frankness": "anonymised"}
    db.session.commit()
    browser.sign_in(make_person(Role.EDITOR))
    assert "name “Rosa Dizon”" in send(browser, practice, signed, status=200).text
    send(browser, practice, docx("Words"))
    assert [one.title for one in practice.attachments] == ["By name", "The sheet"]
