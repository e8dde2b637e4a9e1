"""What somebody who leaves a firm was doing in its checklists stays, with others."""

from datetime import date

import pytest

from portal.accounts import erasing
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.library import runs
from portal.library.actions import revise
from portal.library.models import Answer
from portal.library.runs import Said
from portal.members.actions import affiliate, end_affiliation, leave
from portal.members.queries import affiliation_of
from tests.make import make_contact, make_firm, make_member, make_person
from tests.people import make_practice

BODY = "- [ ] Is there a map?\n- [ ] Is there a bus?\n"


@pytest.fixture
def practice():
    made = make_practice("bus-check")
    revise(made, {}, BODY, "As a list", make_person())
    db.session.commit()
    return made


@pytest.fixture
def rosa():
    return make_member(firm=make_firm(name="Acacia Care"), display_name="Rosa Dizon")


def firm_of(person):
    return affiliation_of(person).organization


def begin(practice, person, title, *helpers):
    run = runs.start(practice, firm_of(person), title, person)
    runs.settle(run, title, person.id, [one.id for one in helpers])
    db.session.commit()
    return run


def gone(person):
    leave(affiliation_of(person))
    db.session.commit()


def test_they_go_to_a_helper_who_is_told_by_mail_once(practice, rosa, sent):
    firm = firm_of(rosa)
    make_contact(firm, "roster_manager")
    ben = make_contact(firm, display_name="Ben Cruz", email="ben@acacia.example")
    cebu, davao = (begin(practice, rosa, title, ben) for title in ("Cebu", "Davao"))
    gone(rosa)
    assert [one.owner_id for one in (cebu, davao)] == [ben.id, ben.id]
    assert runs.helpers_of(cebu) == []
    (mail,) = [one for one in sent() if one["To"] == "ben@acacia.example"]
    assert mail["Subject"] == "You go on with 2 checklists of a colleague who left"
    words = mail.get_body(("plain",)).get_content()
    assert "Cebu: " in words
    assert f"/firm/checklists/{davao.id}" in words


def test_without_a_helper_the_roster_manager_has_them_and_may_fill_them(browser, practice, rosa):
    manager = make_contact(firm_of(rosa), "roster_manager", display_name="Mo Manager")
    run = begin(practice, rosa, "Cebu")
    end_affiliation(affiliation_of(rosa))
    db.session.commit()
    assert run.owner_id == manager.id
    browser.sign_in(manager)
    assert "has left" not in browser.get(f"/firm/checklists/{run.id}")


def test_where_there_is_neither_a_colleague_takes_it_over(practice, rosa):
    make_contact(firm_of(rosa))
    run = begin(practice, rosa, "Cebu")
    gone(rosa)
    assert run.owner_id == rosa.id
    assert runs.has_lost_owner(run)


def test_whoever_still_works_at_a_sister_firm_keeps_them(practice, rosa):
    firm = firm_of(rosa)
    make_contact(firm, "roster_manager")
    run = begin(practice, rosa, "Cebu")
    group = firm.group_memberships[0].group
    sister = make_firm(name="Acacia Jamaica", group=group)
    held = affiliation_of(rosa)
    affiliate(rosa, sister, ["staff"])
    leave(held)
    db.session.commit()
    assert run.owner_id == rosa.id


def test_items_that_were_theirs_are_the_owners_and_they_help_no_more(practice, rosa):
    ben = make_contact(firm_of(rosa), display_name="Ben Cruz")
    run = begin(practice, rosa, "Cebu", ben)
    item = runs.items_of(run)[0]
    runs.say(run, item, Said(Answer.OPEN, "", ben.id, date(2027, 1, 5)), rosa)
    db.session.commit()
    gone(ben)
    db.session.expire_all()
    assert runs.answers_of(run)[item.key].owner_id == rosa.id
    assert runs.helpers_of(run) == []
    assert run.owner_id == rosa.id


def test_who_is_erased_hands_over_too(practice, rosa):
    manager = make_contact(firm_of(rosa), "roster_manager")
    run = begin(practice, rosa, "Cebu")
    erasing.erase(rosa)
    db.session.commit()
    assert run.owner_id == manager.id
    assert "Rosa" not in " ".join(one.text for one in db.session.query(OutgoingMail))
