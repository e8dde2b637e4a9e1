"""What firms gave to the library: counted by firm and group, and never what must not be told."""

from datetime import date, timedelta

import pytest

from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.library import answering, contributions, proposals, reviewing
from portal.library.models import Naming, ProposalStatus, Verdict
from portal.members.models import Affiliation, CorporateGroup
from portal.members.queries import firm_of
from tests.library.benchmarks.surveys import answering as telling
from tests.library.benchmarks.surveys import make_survey
from tests.library.test_answering import asked, published_by
from tests.library.test_reviewing import in_review
from tests.make import business_day, make_firm, make_member, make_person, save

EVER = date(2000, 1, 1)


@pytest.fixture
def author():
    return make_member(display_name="Nia Odhiambo")


def given(*people, since=EVER):
    found = contributions.given({firm_of(one).id for one in people}, since)
    return sorted(one.what for one in found)


def reviewed_by(peer, practice):
    reviewing.ask_peer(practice, peer.email, make_person(Role.EDITOR))
    db.session.commit()
    assert given(peer) == [], "being asked is not reviewing"
    reviewing.say(practice, "Which month?", peer, Verdict.NOT_YET)
    reviewing.say(practice, "", peer, Verdict.FIT)
    db.session.commit()


def test_a_practice_taken_up_and_the_answers_about_it_count_for_the_firm(author):
    practice = published_by(author)
    assert given(author) == ["text"]
    question = asked(practice)
    assert given(author) == ["text"]
    answering.answer(question, practice, "The client did.", author)
    asked(practice, "And who pays now?")
    db.session.commit()
    assert given(author) == ["answer", "text"]
    answering.take_off(question, "It names the client.")
    db.session.commit()
    assert given(author) == ["text"], "what was taken off is no answer"


def test_what_waits_or_was_declined_counts_for_nothing(author):
    practice = published_by(author)
    made = proposals.of_person(author)[0]
    made.status = ProposalStatus.SENT
    db.session.commit()
    assert given(author) == []
    made.status = ProposalStatus.DECLINED
    db.session.commit()
    assert given(author) == []
    answering.answer(asked(practice), practice, "The client did.", author)
    db.session.commit()
    assert given(author) == []


@pytest.mark.parametrize("naming", [Naming.ANONYMISED, Naming.CHATHAM_HOUSE])
def test_no_count_tells_who_did_not_want_to_be_known(author, naming):
    practice = published_by(author, naming)
    answering.answer(asked(practice), practice, "The client did.", author)
    db.session.commit()
    assert given(author) == []


def test_a_review_counts_once_and_for_the_firm_at_which_it_was_written(author):
    reviewed_by(author, in_review())
    assert given(author) == ["review"]
    before, elsewhere = firm_of(author), make_firm()
    before.affiliations[0].until_on = business_day()
    after = business_day() + timedelta(days=1)
    save(Affiliation(person=author, organization=elsewhere, roles=["staff"], from_on=after))
    assert [one.what for one in contributions.given({before.id}, EVER)] == ["review"]
    assert contributions.given({elsewhere.id}, EVER) == []


def test_an_editors_own_review_is_no_contribution():
    practice, editor = in_review(), make_person(Role.EDITOR)
    at_a_firm = {"roles": ["staff"], "from_on": date(2020, 1, 1)}
    save(Affiliation(person=editor, organization=make_firm(), **at_a_firm))
    reviewing.say(practice, "", editor, Verdict.FIT)
    db.session.commit()
    assert given(editor) == []


def test_a_benchmark_counts_once_however_many_cells_it_has(at):
    at(2026, 8, 20, 12)
    survey = make_survey()
    person = telling(survey, 30, 400)
    telling(survey, 22, 260)
    assert given(person) == ["benchmark"]
    assert given(person, since=date(2026, 8, 20)) == ["benchmark"]
    assert given(person, since=date(2026, 8, 21)) == []


def test_the_page_counts_a_year_of_the_firm_and_of_its_group(browser, author):
    group = CorporateGroup(name="Oriole Group")
    save(group)
    sister = make_firm(group=group, name="Oriole Care")
    colleague = make_member(firm=sister)
    browser.sign_in(colleague)
    assert "All of" not in browser.get("/library/contributions"), "alone in its group"
    other = make_member("roster_manager", firm=make_firm(group=group))
    practice = published_by(other)
    answering.answer(asked(practice), practice, "The client did.", other)
    published_by(author)
    db.session.commit()
    page = browser.get("/library/contributions")
    row = page.split("in the firm’s name</th>")[1].split("</tr>")[0]
    assert (">0<" in row, ">1<" in row, "All of Oriole Group" in row) == (True, True, True)
    assert 'href="/library/contributions"' in browser.get("/firm/")
    made = proposals.of_person(other)[0]
    made.sent_at = clock.now() - timedelta(days=367)
    db.session.commit()
    row = browser.get("/library/contributions").split("in the firm’s name</th>")[1]
    assert ">1<" not in row.split("</tr>")[0], "longer ago than a year"


def test_who_has_no_firm_finds_no_such_page(browser):
    browser.get("/library/contributions", status=302)
    browser.sign_in(make_person(Role.EDITOR))
    browser.get("/library/contributions", status=403)
