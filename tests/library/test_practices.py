"""Practices: files and rows agree, the editor's way to readers, and who may read what."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from portal.core import files as store
from portal.core import jobs
from portal.core.access import Role
from portal.core.db import db
from portal.core.markdown import render
from portal.core.search import index
from portal.core.states import Refused
from portal.library import actions, attachments, files
from portal.library.models import Attachment, Practice, PracticeStatus, Visibility
from tests import tables
from tests.make import make_member, make_person
from tests.papers import pdf

LIBRARY = Path(__file__).parents[2] / "content" / "library"


KEPT = {}  # what `take_over` made, once


def take_over(folder):
    assert {one.what for one in files.sync(folder)} == {"new"}
    db.session.execute(delete(jobs.Job))  # they would put forty texts into the index one by one
    db.session.commit()
    KEPT["rows"] = tables.keep()
    keys = db.session.scalars(select(Attachment.key))
    KEPT["files"] = {key: store.store().get(key) for key in keys}
    db.session.commit()


@pytest.fixture
def real(tmp_path):
    """The association's own practices, taken over from a copy of their files."""
    folder = tmp_path / "library"
    shutil.copytree(LIBRARY, folder)
    if KEPT:
        tables.put_back(KEPT["rows"])
        for key, body in KEPT["files"].items():
            store.store().put(key, body)
    else:
        take_over(folder)
    return folder


@pytest.fixture
def indexed(real):
    """They can be searched as well."""
    index.rebuild(lambda *_: None)


def practice(ref="A06"):
    return db.session.scalars(select(Practice).where(Practice.ref == ref)).one()


def test_the_second_sync_changes_nothing(real):
    assert {one.what for one in files.sync(real)} == {"unchanged"}


def test_export_gives_the_bytes_that_were_taken_over(real, tmp_path):
    for path in files.export(tmp_path / "out"):
        original = real / path.relative_to(tmp_path / "out")
        assert path.read_bytes() == original.read_bytes()


def test_a_copy_written_elsewhere_is_not_in_step_with_what_it_was_written_from(real, tmp_path):
    known = practice().synced_hash
    practice().body += "\nOurs.\n"
    list(files.export(tmp_path / "elsewhere"))
    assert practice().synced_hash == known


def test_a_changed_file_becomes_the_next_version(real):
    path = real / "selection" / "we-chose-on-price.md"
    path.write_text(path.read_text() + "\nOne more line.\n")
    assert [one.what for one in files.sync(real) if one.slug == path.stem] == ["changed"]
    assert practice().version == 2
    assert practice().body.endswith("One more line.\n")


def test_a_renamed_file_is_the_same_practice_at_another_address(real):
    path = real / "selection" / "we-chose-on-price.md"
    path.rename(path.with_stem("the-cheapest-won"))
    found = {one.slug: one.what for one in files.sync(real)}
    assert (found["the-cheapest-won"], "we-chose-on-price" in found) == ("changed", False)
    assert (practice().slug, practice().version) == ("the-cheapest-won", 1)
    path.with_stem("the-cheapest-won").rename(path)
    found = {one.slug: one.words for one in files.sync(real)}
    assert found["we-chose-on-price"] == "its address is the-cheapest-won now"
    path.write_text(path.read_text() + "\nOne more line.\n")
    files.sync(real)
    assert (practice().slug, practice().version) == ("the-cheapest-won", 2)


def test_boxes_numbers_and_odd_signs_come_back_byte_for_byte(real, tmp_path):
    path = real / "selection" / "we-chose-on-price.md"
    odd = "\n- [ ] Ask\n- [x] Answer\n\n7. Seventh\n8. Eighth\n\nA\x0cpage\u2028and \x85 line.\n"
    path.write_text(path.read_text() + odd)
    files.sync(real)
    assert practice().body.endswith(odd)
    wanted = path.read_bytes().replace(b"version: 1", b"version: 2")
    list(files.export(tmp_path / "out"))
    assert (tmp_path / "out" / "selection" / path.name).read_bytes() == wanted


def test_both_sides_changed_is_a_conflict_and_neither_is_overwritten(real):
    practice().body += "\nOurs.\n"
    db.session.commit()
    path = real / "selection" / "we-chose-on-price.md"
    path.write_text(path.read_text() + "\nTheirs.\n")
    outcome = next(one for one in files.sync(real) if one.slug == path.stem)
    assert outcome.what == "conflict"
    assert practice().body.endswith("Ours.\n")
    assert "Ours." in (path.parent / "we-chose-on-price.conflict.md").read_text()
    assert path.read_text().endswith("Theirs.\n")
    assert {"-Ours.", "+Theirs."} <= set(outcome.lines)


def test_an_old_file_never_goes_over_what_was_written_here_and_exported_elsewhere(real, tmp_path):
    actions.revise(practice(), practice().front, "Ours.\n", "Shorter", make_person(Role.EDITOR))
    list(files.export(tmp_path / "backup"))
    outcome = next(one for one in files.sync(real) if one.slug == "we-chose-on-price")
    assert (outcome.what, outcome.words) == ("newer here", "the file is an older version of it")
    assert practice().body == "Ours.\n"


def test_an_attachment_that_its_file_no_longer_lists_is_removed_with_its_bytes(real):
    key = practice("A05").attachments[0].key
    path = real / "selection" / "a-scoring-sheet-that-resists-the-lowest-bid.md"
    text = path.read_text()
    start, end = text.index("attachments:"), text.index("checklist: true")
    path.write_text(text[:start] + text[end:])
    assert [one.what for one in files.sync(real) if one.slug == path.stem] == ["changed"]
    db.session.commit()
    jobs.work()
    assert practice("A05").attachments == []
    with pytest.raises(Refused):
        store.store().get(key)
    assert {one.what for one in files.sync(real)} == {"unchanged"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("-the-scoring-sheet-as-a-table.csv", "-gone.csv", "is not there"),
        ("file: ", "file: ../", "each gives file, title and sha256"),
        ("  sha256: ", "  sha256: f", "whose checksum is given"),
    ],
)
def test_a_file_with_a_wrong_attachment_is_refused_whole(tmp_path, old, new, words):
    folder = tmp_path / "library"
    shutil.copytree(LIBRARY, folder)
    path = folder / "selection" / "a-scoring-sheet-that-resists-the-lowest-bid.md"
    path.write_text(path.read_text().replace(old, new, 1))
    outcome = next(one for one in files.sync(folder) if one.slug == path.stem)
    assert (outcome.what, words in outcome.words) == ("refused", True)
    assert db.session.scalar(select(Practice).where(Practice.ref == "A05")) is None


def test_a_file_with_an_unknown_word_is_refused_with_its_line(real):
    path = real / "selection" / "we-chose-on-price.md"
    path.write_text(path.read_text().replace("kind: case_study", "kind: novel"))
    outcome = next(one for one in files.sync(real) if one.slug == path.stem)
    assert (outcome.what, "line 5" in outcome.words) == ("refused", True)


def test_a_file_cannot_open_a_practice_to_more_people(real):
    path = real / "contracts" / "writing-the-contract-so-it-survives-a-change-of-people.md"
    path.write_text(path.read_text().replace("visibility: members", "visibility: public"))
    outcome = next(one for one in files.sync(real) if one.slug == path.stem)
    assert outcome.what == "refused"
    assert practice("A01").visibility is Visibility.MEMBERS


def test_an_approver_lets_a_file_open_a_practice(real):
    path = real / "contracts" / "writing-the-contract-so-it-survives-a-change-of-people.md"
    path.write_text(path.read_text().replace("visibility: members", "visibility: public"))
    files.sync(real, rules=files.Rules(may_widen=True))
    assert practice("A01").visibility is Visibility.PUBLIC


def test_a_deleted_file_archives_only_when_that_is_allowed_and_no_file_is_refused(real):
    gone, other = (
        real / "selection" / "we-chose-on-price.md",
        real / "cx" / "scripts-as-guard-rails.md",
    )
    gone.unlink()
    assert files.sync(real)[-1] == files.Outcome(gone.stem, "no file", "kept as it is")
    text = other.read_text()
    other.write_text(text.replace("teaser: true", "teaser: perhaps"))
    files.sync(real, rules=files.Rules(may_archive=True))
    assert practice().status is PracticeStatus.PUBLISHED
    other.write_text(text)
    assert files.sync(real, rules=files.Rules(may_archive=True))[-1].what == "archived"
    assert practice().status is PracticeStatus.ARCHIVED


def test_an_id_used_twice_is_refused_and_a_trial_writes_no_file(real):
    path = real / "selection" / "we-chose-on-price.md"
    (path.parent / "we-chose-twice.md").write_text(path.read_text())
    practice().body += "\nOurs.\n"
    path.write_text(path.read_text() + "\nTheirs.\n")
    what = {one.slug: one.what for one in files.sync(real, rules=files.Rules(is_trial=True))}
    assert (what[path.stem], what["we-chose-twice"]) == ("conflict", "refused")
    assert not list(real.rglob("*.conflict.md"))


def test_the_whole_library_moves_to_an_empty_portal_with_equal_bytes(app, tmp_path):
    folder = tmp_path / "library"
    shutil.copytree(LIBRARY, folder)
    path = folder / "selection" / "we-chose-on-price.md"
    path.write_text(path.read_text().replace("seed:", "house_mark: kept 🌱\nseed:"))
    files.sync(folder)
    attachments.attach(practice("A05"), pdf("A page"), "x.pdf", "Notes")
    first = written(tmp_path / "out")
    assert "house_mark: kept 🌱".encode() in first["selection/we-chose-on-price.md"]
    assert sum(name.endswith(".pdf") for name in first) == 1
    db.session.rollback()  # the portal is empty again
    assert [one.what for one in files.sync(tmp_path / "out")] == ["new"] * 40
    assert written(tmp_path / "again") == first


def written(folder):
    """Everything that an export wrote."""
    list(files.export(folder))
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


def test_visitors_read_what_is_public_and_see_what_is_locked_and_why(browser, indexed):
    assert "What came after" in browser.get("/library/we-chose-on-price")
    page = browser.get("/library/due-diligence-site-visit")
    assert "open to members" in page
    assert "Generator runs now" not in page
    assert "Locked:" in browser.get("/library/")


def test_members_read_it_all(browser, indexed):
    browser.sign_in(make_member())
    assert "Generator runs now" in browser.get("/library/due-diligence-site-visit")
    assert "Locked:" not in browser.get("/library/")


def test_who_is_in_no_member_firm_is_told_where_to_see_how_it_stands(browser, indexed):
    browser.sign_in(make_person())
    page = browser.get("/library/due-diligence-site-visit")
    assert 'membership is in force: <a href="/dashboard">see how yours stands</a>' in page


def test_a_draft_is_nobody_s_but_the_editors(browser, real, another_browser):
    practice().status = PracticeStatus.DRAFT
    db.session.commit()
    browser.sign_in(make_member())
    browser.get("/library/we-chose-on-price", status=404)
    another_browser.sign_in(make_person(Role.EDITOR))
    assert "Only editors see this" in another_browser.get("/library/we-chose-on-price")


def test_facets_count_what_the_reader_may_find(browser, indexed):
    page = browser.get("/library/?kind=checklist")
    assert "<strong>4 practices</strong>" in page
    assert "Checklist, chosen <span>4</span>" in page


def test_a_misspelt_word_is_found_and_corrected(browser, indexed):
    page = browser.get("/library/?q=complant")
    assert "Did you mean" in page
    assert "We chose on price" in page


def test_an_address_that_is_taken_is_answered_at_its_field(browser, real):
    browser.sign_in(make_person(Role.EDITOR))
    one = practice()
    page = f"/staff/library/{one.id}/edit"
    browser.get(page)
    facts = {**one.front, "slug": "a-scoring-sheet-that-resists-the-lowest-bid", "body": one.body}
    facts |= {"change_note": "x", "interest_author": "a", "interest_paid_by": "b"}
    facts = {key: one for key, one in facts.items() if isinstance(one, str) and key != "status"}
    assert "has this address" in browser.post(page, status=200, **facts).text


def test_of_two_editors_the_second_sees_what_the_first_kept_before_going_over_it(browser, real):
    browser.sign_in(make_person(Role.EDITOR))
    one = practice("A10")
    page = f"/staff/library/{one.id}/edit"
    browser.get(page)
    facts = {key: text for key, text in one.front.items() if isinstance(text, str)}
    facts |= {"slug": one.slug, "frankness": "named", "interest_author": "a"}
    facts |= {"interest_paid_by": "b", "change_note": "Mine", "version": "1"}
    facts.pop("status")
    browser.post(page, **facts, body="First line.\n\nTheirs.")
    shown = browser.post(page, status=200, **facts, body="First line.\n\nMine.").text
    assert "Somebody else kept version 2" in shown
    assert "<del>Theirs</del>" in shown
    assert "<ins>Mine</ins>" in shown
    assert "<del>First line." not in shown
    assert practice("A10").body == "First line.\n\nTheirs."
    browser.post(page, **(facts | {"version": "2"}), body="First line.\n\nMine.")
    assert (practice("A10").version, practice("A10").body[-5:]) == (3, "Mine.")


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>",
     "![x](https://evil.example/a.png)", "<a href='x' onclick='y'>z</a>"],
)  # fmt: skip
def test_markdown_never_becomes_a_script(hostile):
    html = render(hostile).html
    for forbidden in ("<script", "<img", 'href="javascript', "<a href='x'"):
        assert forbidden not in html


def test_a_practice_costs_the_same_statements_with_many_others(browser, real, statements):
    browser.get("/library/we-chose-on-price")
    statements.clear()
    browser.get("/library/we-chose-on-price")
    assert len(statements) <= 12
