"""Practices for one committee or one group, addresses that changed, and what lint says."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.committees.models import Committee, CommitteeSeat
from portal.core import jobs
from portal.core.access import Role
from portal.core.db import db
from portal.core.search import index
from portal.core.states import Refused
from portal.library import actions, queries
from portal.library.lint import warnings
from portal.library.models import Practice, PracticeStatus
from portal.library.sharing import share_with, words_for, words_of
from portal.members.models import CorporateGroup, GroupBasis, GroupMembership
from tests.make import make_firm, make_member, make_person, save

FACTS = {
    "title": "The okapi ledger", "summary": "What the few who are asked should know of okapis.",
    "kind": "guide", "service": "both", "stage": "operations", "theme": "quality",
    "evidence": "opinion", "interest": {"author": "The editor"},
}  # fmt: skip


def publish(visibility, slug="okapi-ledger"):
    practice = actions.start(slug, FACTS | {"visibility": visibility}, "Words.", make_person())
    practice.status = PracticeStatus.PUBLISHED
    db.session.commit()
    jobs.work()
    index.rebuild(lambda *_: None)
    return practice


def moved(browser, page):
    answer = browser.send("GET", page)
    assert answer.status_code == 301
    return answer.location


@pytest.fixture
def committee():
    return save(Committee(slug="wages", name="Wages committee", remit="Wages."))


def test_a_practice_for_a_committee_is_read_by_it_and_known_to_nobody_else(browser, committee):
    insider, outsider = make_member(), make_member()
    save(CommitteeSeat(committee=committee, person=insider, from_on=date(2020, 1, 1)))
    publish("committee:wages")
    browser.sign_in(insider)
    assert "Words." in browser.get("/library/okapi-ledger")
    assert "okapi-ledger" in browser.get("/library/?q=okapi")
    assert "okapi-ledger" in browser.get("/search?q=okapi")
    assert [one.slug for one in queries.newest(insider)] == ["okapi-ledger"]
    _knows_nothing(browser, outsider)


def _knows_nothing(browser, person):
    browser.sign_in(person)
    browser.get("/library/okapi-ledger", status=404)
    browser.get("/library/okapi-ledger/practice.pdf", status=404)
    browser.get("/library/okapi-ledger/practice.docx", status=404)
    for page in ("/library/?q=okapi", "/library/", "/search?q=okapi"):
        assert "okapi-ledger" not in browser.get(page)
    assert "okapi" not in browser.get("/library/suggestions?q=oka").casefold().split("<ul", 1)[-1]
    assert queries.newest(person) == []


def test_a_practice_for_a_group_is_read_by_its_firms_while_they_belong_to_it(browser):
    group = save(CorporateGroup(name="Harbour & Sons"))
    insider, outsider = make_member(firm=make_firm(group=group)), make_member()
    publish("group:harbour-sons")
    browser.sign_in(insider)
    assert "Words." in browser.get("/library/okapi-ledger")
    assert "okapi-ledger" in browser.get("/library/?q=okapi")
    assert [one.slug for one in queries.newest(insider)] == ["okapi-ledger"]
    _knows_nothing(browser, outsider)
    belonging = db.session.scalars(select(GroupMembership).filter_by(group_id=group.id)).one()
    belonging.until_on = date(2020, 6, 1)
    db.session.commit()
    _knows_nothing(browser, insider)


def test_what_only_staff_found_of_owners_opens_nothing_to_a_firm(browser):
    group = save(CorporateGroup(name="Harbour & Sons"))
    person = make_member(firm=make_firm(group=group))
    publish("group:harbour-sons")
    tie = db.session.scalars(select(GroupMembership).filter_by(group_id=group.id)).one()
    tie.basis = GroupBasis.STAFF
    db.session.commit()
    _knows_nothing(browser, person)
    tie.basis = GroupBasis.REGISTRY
    db.session.commit()
    assert "Words." in browser.get("/library/okapi-ledger")


def test_groups_whose_names_read_alike_are_told_apart():
    one, other = (save(CorporateGroup(name=name)) for name in ("Harbour & Sons", "Harbour Sons"))
    practice = publish(words_for(other))
    assert (practice.group, words_of(practice)) == (other, f"group:harbour-sons-{other.id}")
    other.name = "Quay"
    assert practice.group is other
    with pytest.raises(Refused, match="no group"):
        share_with(practice, f"group:harbour-sons-{other.id}")
    share_with(practice, "group:harbour-sons")
    assert practice.group is one


def test_an_editor_chooses_a_committee_and_its_name_is_shown(browser, committee):
    practice = publish("members")
    browser.sign_in(make_person(Role.EDITOR))
    page = f"/staff/library/{practice.id}/edit"
    assert "Committee: Wages committee" in browser.get(page)
    facts = {key: one for key, one in FACTS.items() if isinstance(one, str)}
    facts |= {"slug": practice.slug, "body": "Words.", "version": "1", "frankness": "named"}
    facts |= {"interest_author": "a", "interest_paid_by": "b", "change_note": "For the committee"}
    facts["outcome"] = ""
    there = browser.post(page, **facts, visibility="committee:wages").location
    assert "Wages committee" in browser.get(there)
    assert practice.audience == "committee:wages"


def test_links_to_an_old_address_lead_to_the_new_one_for_whoever_may_know_of_it(browser):
    practice = publish("public")
    actions.move_to(practice, "okapi-book")
    db.session.commit()
    assert moved(browser, "/library/okapi-ledger") == "/library/okapi-book"
    practice.status = PracticeStatus.DRAFT
    db.session.commit()
    browser.get("/library/okapi-ledger", status=404)


def test_an_address_that_was_given_up_may_be_taken_or_taken_back(browser):
    practice = publish("public")
    actions.move_to(practice, "okapi-book")
    actions.move_to(practice, "okapi-ledger")
    db.session.commit()
    assert moved(browser, "/library/okapi-book") == "/library/okapi-ledger"
    other = publish("public", slug="another")
    actions.move_to(other, "okapi-book")
    db.session.commit()
    assert db.session.scalar(select(Practice).where(Practice.slug == "okapi-book")) is other
    assert moved(browser, "/library/another") == "/library/okapi-book"


@pytest.mark.parametrize(
    ("front", "body", "said"),
    [
        ({"house_mark": 1}, "", ["house_mark: not a key that the library knows"]),
        ({}, "It cost € 4,000 a seat.", ["figures: amounts of the text without a source: 4000"]),
        ({"figures": [{"value": 4000, "unit": "EUR"}]}, "It cost EUR 4,000.00 a seat.", []),
        ({"demo": True}, "It cost EUR 4,000 a seat.", []),
        ({"sources": [{"title": "x", "url": "javascript:alert(1)"}]}, "",
         ["sources: the address of source 1 is not a web address"]),
        ({"sources": [{"title": "x", "url": "https://a.example"}]}, "Forty of 60 said so.", []),
    ],
)  # fmt: skip
def test_what_is_worth_a_second_look_is_said(front, body, said):
    found = list(warnings({**FACTS, **front}, body))
    assert len(found) == len(said)
    assert all(one.startswith(words) for one, words in zip(found, said, strict=True))
