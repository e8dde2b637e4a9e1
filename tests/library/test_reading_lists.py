"""Lists to read in an order of one's own; what is new, by mail and in a private feed."""

import json
from datetime import date
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from portal.accounts import erasing
from portal.committees.models import Committee, CommitteeSeat
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.core.search import index
from portal.library import following, reading
from portal.library.actions import revise
from portal.library.jobs import tell_followers
from portal.library.models import PracticeStatus, ReadingList, ReadMark
from portal.members.merging import merge_people
from portal.notices import actions as notices
from portal.notices import feeds
from tests.make import make_member, make_person, save
from tests.people import make_practice


@pytest.fixture
def rosa():
    return make_member(display_name="Rosa Dizon")


def begin(person, *slugs, committee=None):
    made = reading.start(person, "First week", "", committee)
    for slug in slugs:
        reading.add(made, make_practice(slug))
    db.session.commit()
    return made


def titles(one):
    return [entry.practice.slug for entry in one.entries]


@pytest.mark.view
def test_a_list_is_begun_filled_noted_ordered_and_taken_along(browser, rosa):
    browser.sign_in(rosa)
    for slug in ("alpha", "beta"):
        make_practice(slug)
    bad = browser.post("/reading-lists/", status=200, title="", about="Kept words", committee="0")
    assert "Give it a name" in bad.text
    assert "Kept words" in bad.text
    browser.post("/reading-lists/", title="First week", about="", committee="0")
    assert "Nothing on it yet" in browser.get("/reading-lists/")
    one = db.session.scalars(select(ReadingList)).one()
    for slug in ("alpha", "beta", "beta"):
        browser.post(f"/library/{slug}/keep", list=str(one.id))
    assert titles(one) == ["alpha", "beta"]
    page = f"/reading-lists/{one.id}"
    last = one.entries[1]
    browser.post(f"{page}/entries/{last.id}", note="=Before lunch")
    browser.post(f"{page}/entries/{last.id}/move", page=page, up="1")
    assert titles(one) == ["beta", "alpha"]
    browser.post("/library/beta/keep", do="read")
    assert "1 of 2 read" in browser.get(page)
    assert "1 of 2 read" in browser.get("/reading-lists/")
    table = browser.get(f"{page}/list.csv").splitlines()
    assert "'=Before lunch" in table[1]
    assert table[1].endswith(",yes")
    browser.post(f"{page}/entries/{one.entries[1].id}/move", page=page, remove="1")
    assert titles(one) == ["beta"]
    browser.post(f"{page}/delete")
    browser.get(page, status=404)
    assert db.session.scalars(select(ReadMark)).one()  # reading is not undone with the list


def test_the_first_stays_first_and_the_last_last(rosa):
    one = begin(rosa, "alpha", "beta")
    reading.shift(one, one.entries[0], -1, rosa)
    reading.shift(one, one.entries[1], 1, rosa)
    assert [entry.place for entry in one.entries] == [1, 2]


@pytest.mark.view
def test_order_and_counts_are_of_what_the_reader_sees(browser, rosa):
    one = begin(rosa, "alpha", "hidden", "beta")
    hidden = one.entries[1]
    hidden.practice.status = PracticeStatus.ARCHIVED
    db.session.commit()
    browser.sign_in(rosa)
    page = f"/reading-lists/{one.id}"
    browser.post(f"{page}/entries/{one.entries[2].id}/move", page=page, up="1")
    db.session.refresh(one)
    assert titles(one) == ["beta", "alpha", "hidden"]
    browser.post(f"{page}/entries/{one.entries[0].id}/move", page=page, down="1")
    db.session.refresh(one)
    assert titles(one) == ["alpha", "beta", "hidden"]
    assert "0 of 2 read" in browser.get("/reading-lists/")
    browser.get(f"{page}/entries/{hidden.id}", status=404)


@pytest.mark.view
def test_a_link_shows_it_to_members_and_each_sees_only_what_they_may(browser, rosa):
    one = begin(rosa, "alpha")
    reading.add(one, make_practice("for-staff", visibility="staff"))
    reading.share(one)
    db.session.commit()
    link = f"/reading-lists/shared/{one.share_token}"
    browser.get(link, status=302)  # to the sign-in
    browser.sign_in(make_member())
    page = browser.get(link)
    assert "/library/alpha" in page
    assert "for-staff" not in page
    assert "Take off" not in page
    browser.get(f"/reading-lists/{one.id}", status=404)
    browser.sign_in(rosa)
    browser.post(f"/reading-lists/{one.id}/share", page=f"/reading-lists/{one.id}", stop="1")
    browser.get(link, status=404)


@pytest.mark.view
def test_a_list_of_a_committee_is_everybodys_who_sits_on_it(browser, rosa):
    wages = save(Committee(slug="wages", name="Wages", remit="To think."))
    chair = make_member()
    for person in (rosa, chair):
        save(CommitteeSeat(committee=wages, person=person, from_on=date(2020, 1, 1)))
    one = begin(rosa, "alpha", committee=wages.id)
    browser.sign_in(chair)
    entry = one.entries[0]
    browser.post(f"/reading-lists/{one.id}/entries/{entry.id}", note="For Tuesday")
    assert "For Tuesday" in browser.get(f"/reading-lists/{one.id}")
    assert reading.read_ids(chair, [entry.practice_id]) == set()  # marks are each one's own
    browser.sign_in(make_member())
    browser.get(f"/reading-lists/{one.id}", status=404)
    erasing.erase(rosa)
    db.session.commit()
    assert db.session.get(ReadingList, one.id)


def test_what_two_accounts_read_is_read_once_after_they_are_merged(rosa):
    practice, twin = make_practice("alpha"), make_member()
    for person in (rosa, twin):
        reading.mark(person, practice, is_read=True)
        feeds.renew(person.id)
    db.session.commit()
    merge_people(rosa, twin, "One person")
    db.session.commit()
    assert reading.read_ids(rosa, [practice.id]) == {practice.id}


def told():
    tell_followers()
    query = select(OutgoingMail.recipient).where(OutgoingMail.subject.like("New version:%"))
    return list(db.session.scalars(query))


@pytest.mark.view
def test_who_follows_hears_of_each_new_version_once(browser, rosa):
    browser.sign_in(rosa)
    practice = make_practice("alpha")
    browser.post("/library/alpha/keep", do="follow")
    browser.post("/library/alpha/keep", do="follow")
    assert told() == []  # the version that was on the screen
    revise(practice, {}, practice.body + "\nMore.", "A table of costs", make_person())
    db.session.commit()
    assert told() == [rosa.email]
    assert told() == [rosa.email]
    mail = db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id.desc())).first()
    assert "A table of costs" in mail.text
    assert "because you follow this practice" in mail.text
    browser.post("/library/alpha/keep", do="unfollow")
    revise(practice, {}, practice.body + "\nAnd more.", "Again", make_person())
    db.session.commit()
    assert told() == [rosa.email]


def test_no_mail_to_who_may_not_see_it_stopped_it_or_before_it_is_published(rosa):
    practice, stopped = make_practice("alpha"), make_member()
    for person in (rosa, stopped):
        following.follow(practice, person)
    notices.stop(stopped.id, following.MAIL)
    revise(practice, {"visibility": "staff"}, practice.body, "Closed", make_person())
    db.session.commit()
    assert told() == []
    practice.status = PracticeStatus.DRAFT
    revise(practice, {"visibility": "members"}, practice.body, "Open", make_person())
    db.session.commit()
    assert told() == []
    practice.status = PracticeStatus.PUBLISHED
    db.session.commit()
    assert told() == [rosa.email]


def feed(browser, token, address="/library/?theme=selection", kind="atom"):
    return browser.send("GET", f"/feeds/{token}/{kind}", query_string={"address": address})


def entries(answer):
    space = "{http://www.w3.org/2005/Atom}"
    return [one.text for one in ElementTree.fromstring(answer.text).iter(f"{space}title")][1:]


def test_a_private_feed_has_what_its_reader_may_read_until_the_key_is_taken_back(browser, rosa):
    make_practice("alpha", title="Members alone read this")
    index.rebuild(lambda done, of: None)
    stranger = make_person()
    keys = {person.id: feeds.renew(person.id) for person in (rosa, stranger)}
    db.session.commit()
    token = feeds.token_of(keys[rosa.id])
    assert entries(feed(browser, token)) == ["Members alone read this"]
    assert entries(feed(browser, feeds.token_of(keys[stranger.id]))) == []
    answer = feed(browser, token, kind="json")
    assert json.loads(answer.text)["items"][0]["title"] == "Members alone read this"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert entries(feed(browser, token, "/library/?theme=tax")) == []
    assert feed(browser, token, "https://elsewhere.example/").status_code == 404
    assert feed(browser, token, "/library/").status_code == 404  # no search at all
    browser.sign_in(rosa)
    browser.post("/account/feeds")  # another key
    assert feed(browser, token).status_code == 404
    browser.post("/account/feeds", stop="1")
    assert feeds.key_of(rosa.id) is None
    assert feed(browser, "nonsense").status_code == 404


def test_a_feed_forgets_what_its_reader_may_read_no_more(browser, rosa, at):
    make_practice("alpha", title="Members alone read this")
    index.rebuild(lambda done, of: None)
    token = feeds.token_of(feeds.renew(rosa.id))
    db.session.commit()
    assert entries(feed(browser, token)) != []
    at(2029, 1, 1)  # the membership of her firm is over
    assert entries(feed(browser, token)) == []
