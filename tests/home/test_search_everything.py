"""One search over everything: each reader finds what they may, and nothing of anybody else's."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.accounts.models import Person
from portal.committees.models import Committee, CommitteeSeat
from portal.core import jobs
from portal.core.access import Role
from portal.core.search import index
from portal.legislation import actions
from portal.legislation.models import Measure
from portal.library import files
from portal.members import jobs as members_jobs
from portal.members.actions import end_affiliation, update_firm
from portal.members.models import Affiliation
from portal.places.actions import load_places
from tests import tables
from tests.make import (
    NOW,
    business_day,
    db,
    make_contact,
    make_firm,
    make_member,
    make_membership,
    make_person,
    save,
)

CONTENT = Path(__file__).parents[2] / "content"
SECRET = "zanzibar"


KEPT = {}  # what `fill` made, once


def fill(folder):
    """Practices, measures, and a note that one committee keeps to itself; who wrote it."""
    shutil.copytree(CONTENT / "library", folder / "library")
    files.sync(folder / "library")
    load_places(CONTENT / "places.csv")
    actions.load_measures(CONTENT / "measures.csv")
    committee = save(Committee(slug="policy", name="Policy committee", remit="Reads bills."))
    writer = make_member()
    save(CommitteeSeat(committee=committee, person=writer, from_on=NOW.date(), role="member"))
    measure = db.session.query(Measure).order_by(Measure.id).first()
    actions.write_note(measure, committee, writer, f"We should ask {SECRET} first.")
    writer_id = writer.id
    db.session.commit()
    return writer_id


@pytest.fixture
def filled(app, tmp_path):
    if KEPT:
        tables.put_back(KEPT["rows"])
    else:
        KEPT["writer"] = fill(tmp_path)
        KEPT["rows"] = tables.keep()
    index.rebuild(lambda *_: None)
    writer = db.session.get_one(Person, KEPT["writer"])
    db.session.commit()  # the browsers write as well
    return writer


def found(browser, text):
    return browser.get(f"/search?q={text}")


def test_a_note_is_found_by_its_committee_and_by_nobody_else(filled, browser, another_browser):
    browser.sign_in(filled)
    assert f"<mark>{SECRET}</mark>" in found(browser, SECRET)
    readers = [None, make_member(), make_person(Role.EDITOR), make_person(Role.ADMIN)]
    for reader in readers:
        if reader:
            another_browser.sign_in(reader)
        page = found(another_browser, SECRET)
        assert f"<mark>{SECRET}</mark>" not in page, reader
        assert "Note of the" not in page


def test_a_note_is_lost_to_who_leaves_the_committee(filled, browser, at):
    seat = db.session.query(CommitteeSeat).one()
    seat.until_on = business_day() - timedelta(days=1)
    db.session.commit()
    browser.sign_in(filled)
    assert "Note of the" not in found(browser, SECRET)


def test_a_visitor_finds_that_a_practice_is_there_and_none_of_its_text(filled, browser):
    page = found(browser, "scoring+sheet")
    assert "the rest is open to members" in page
    another = browser.sign_in(make_member())
    assert another is not None
    assert "the rest is open to members" not in found(browser, "scoring+sheet")


def test_bills_practices_and_firms_are_found_together(filled, browser):
    make_membership(make_firm(name="Calamansi Telecom Act"))
    index.rebuild(lambda *_: None)
    page = found(browser, "act")
    for kind in ("Bills", "Members"):
        assert kind in page
    assert "Calamansi" in page


@pytest.mark.parametrize("word", ["contrcat", "CONTRACT", "contract*", '"contract'])
def test_a_word_that_is_misspelt_or_oddly_typed_still_finds(filled, browser, word):
    assert "Nothing matches" not in found(browser, word)


@pytest.mark.parametrize("text", ["", "+", "x" * 5000, "%27%22%3E%3Cscript%3E", "AND OR NOT", "-"])
def test_whatever_is_asked_is_answered(filled, browser, text):
    assert "<script>" not in found(browser, text).partition("<body")[2]


def test_no_person_no_invoice_and_no_firm_that_is_not_a_member_is_ever_found(browser):
    firm = make_firm(name="Quandong Relations", billing_email="quandong@test.example")
    make_contact(firm, "roster_manager", display_name="Quandong Smith")
    index.rebuild(lambda *_: None)
    assert "Nothing matches" in found(browser, "quandong")
    browser.sign_in(make_member())
    assert "Nothing matches" in found(browser, "quandong")


def test_people_are_found_by_their_colleagues_and_by_staff_alone(browser):
    boss = make_member("roster_manager", display_name="Quandong Smith")
    firm = db.session.scalars(select(Affiliation)).one().organization
    one = make_contact(firm, display_name="Ada Quandong")
    index.rebuild(lambda *_: None)
    browser.sign_in(boss)
    assert "Ada <mark>Quandong</mark>" in found(browser, "quandong")
    page = browser.send("GET", f"/people/{one.id}").location
    assert page.startswith("/firm/people#p-")
    assert f'id="{page.partition("#")[2]}"' in browser.get("/firm/people")
    browser.sign_in(make_member())
    assert "Nothing matches" in found(browser, "quandong")
    browser.get(f"/people/{one.id}", status=404)
    browser.sign_in(make_person(Role.FINANCE))
    assert "Ada <mark>Quandong</mark>" in found(browser, "quandong")
    assert browser.send("GET", f"/people/{one.id}").location == f"/staff/members/{firm.id}"


def test_who_left_is_found_no_more_even_before_the_index_knows(browser):
    boss = make_member("roster_manager", display_name="Quandong Smith")
    firm = db.session.scalars(select(Affiliation)).one().organization
    leaver = make_contact(firm, display_name="Ada Quandong")
    index.rebuild(lambda *_: None)
    end_affiliation(db.session.scalars(select(Affiliation).filter_by(person_id=leaver.id)).one())
    db.session.commit()
    browser.sign_in(boss)
    assert "Ada" not in found(browser, "quandong").partition("<ol")[2]
    jobs.work()
    assert index.engine().count() == 2, "the firm and who is still there"


def test_a_firm_is_found_while_it_is_a_member(browser, at):
    firm = make_firm(name="Rattan Voice", website="https://rattan.example")
    term = make_membership(firm).terms[0]
    index.rebuild(lambda *_: None)
    page = found(browser, "rattan")
    assert "/directory/?q=Rattan+Voice" in page
    assert "Front-office provider" in page
    after = term.grace_until_on + timedelta(days=1)
    at(after.year, after.month, after.day, 12)
    assert "Rattan" not in found(browser, "rattan").partition("<ol")[2], "hidden by its dates"
    members_jobs.bring_the_search_up_to_date()
    jobs.work()
    assert index.engine().count() == 0, "and gone from the index by a job"


def test_a_night_writes_the_index_once_for_all_whose_terms_began_or_ended():
    index.rebuild(lambda *_: None)
    firms = [make_membership(start=business_day()).organization_id for _ in range(5)]
    gone = make_membership(start=date(2025, 1, 1), end=business_day() - timedelta(days=40))
    make_membership(start=date(2020, 1, 1), end=date(2020, 12, 31))
    assert index.engine().count() == 0
    members_jobs.bring_the_search_up_to_date()
    assert subjects_waiting() == [[*firms, gone.organization_id]]
    jobs.work()
    assert index.engine().count() == 5


def subjects_waiting():
    waiting = db.session.scalars(select(jobs.Job).order_by(jobs.Job.id))
    return [one.arguments["subject_ids"] for one in waiting]


def test_very_many_are_written_a_part_at_a_time():
    index.changed_many("firm", list(range(1, 2 * index.MANY + 2)))
    assert [len(part) for part in subjects_waiting()] == [index.MANY, index.MANY, 1]
    index.changed_many("firm", [])
    assert len(subjects_waiting()) == 3


def test_a_firm_that_changes_its_name_is_found_by_the_new_one(browser):
    firm = make_firm(name="Old Name")
    make_membership(firm)
    index.rebuild(lambda *_: None)
    assert "<mark>Old</mark> Name" in found(browser, "old").partition("<ol")[2]
    update_firm(firm, name="Tamarind")
    db.session.commit()
    jobs.work()
    assert "Tamarind" in found(browser, "tamarind").partition("<ol")[2]
