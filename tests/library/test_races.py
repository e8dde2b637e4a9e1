"""Two clicks, and two people at the same moment, on whichever database the tests run on."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text

from portal.core.access import Role
from portal.core.db import db, dialect
from portal.library import actions, following, reading, runs, tags, voting
from portal.library.benchmarks.models import Answer as Told
from portal.library.models import (
    Answer,
    ChecklistAnswer,
    Naming,
    Practice,
    ProposalKind,
    ReadingEntry,
    ReadMark,
    Revision,
    Vote,
)
from portal.library.proposals import Words, propose
from portal.members.queries import firm_of
from portal.notices.models import Follow
from tests.browser import Browser
from tests.dues.test_races import at_once
from tests.library.benchmarks.surveys import make_survey
from tests.make import make_contact, make_member, make_person
from tests.people import make_practice

HAPPENED = "We moved the night shift to another site and lost a third of the people in a month."
WAITING = """SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()"""


def together(app, *forms):
    """What is answered when each person sends their form of a page at the same moment."""
    browsers = []
    for person, page, _ in forms:
        browsers.append(Browser(app.test_client()))
        browsers[-1].sign_in(person)
        browsers[-1].get(page)

    def send(n):
        _, page, sent = forms[n]
        return browsers[n].send("POST", page, data=sent | {"csrf_token": browsers[n].token})

    answers = at_once(app, len(forms), send)
    db.session.expire_all()
    return [one.status_code for one in answers], [one.location for one in answers]


def meanwhile(app, act, person, page, **sent):
    """What a form is answered that is sent after `act` is done and before it is committed."""
    browser = Browser(app.test_client())
    browser.sign_in(person)
    browser.get(page)

    def send():
        with app.app_context():
            return browser.send("POST", page, data=sent | {"csrf_token": browser.token})

    act()
    db.session.flush()
    with ThreadPoolExecutor(max_workers=1) as pool:
        other = pool.submit(send)
        wait_until(lambda: other.done() or is_waited_for())
        db.session.commit()
        return other.result()


def is_waited_for():
    """On SQLite whoever writes waits before it has read anything."""
    if dialect() == "sqlite":
        return True
    with db.engine.connect() as connection:
        return connection.scalar(text(WAITING)) > 0


def wait_until(is_so):
    while not is_so():
        time.sleep(0.01)


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.fixture
def rosa():
    return make_member("delegate")


def test_a_vote_that_is_clicked_twice_is_one(app, rosa):
    alpha = make_practice("alpha")
    answer = meanwhile(app, lambda: voting.vote(alpha, rosa, "", is_useful=True), rosa,
                       "/library/alpha/vote", useful="no", text="")  # fmt: skip
    db.session.expire_all()
    assert answer.status_code == 303
    assert [one.is_useful for one in db.session.scalars(select(Vote))] == [False]


@pytest.mark.parametrize("is_read", [False, True])
def test_a_mark_that_is_set_or_taken_back_twice_is_one_or_none(app, rosa, is_read):
    alpha = make_practice("alpha")
    reading.mark(rosa, alpha, is_read=is_read)
    db.session.commit()
    do = "unread" if is_read else "read"
    answer = meanwhile(app, lambda: reading.mark(rosa, alpha, is_read=not is_read), rosa,
                       "/library/alpha/keep", do=do)  # fmt: skip
    assert (answer.status_code, count(ReadMark)) == (303, 0 if is_read else 1)


def test_a_practice_put_on_a_list_twice_is_there_once(app, rosa):
    alpha, made = make_practice("alpha"), reading.start(rosa, "First week", "", None)
    db.session.commit()

    def add():
        reading.lock(made.id)
        reading.add(made, alpha)

    answer = meanwhile(app, add, rosa, "/library/alpha/keep", list=str(made.id))
    assert (answer.status_code, count(ReadingEntry)) == (303, 1)


def test_who_follows_twice_follows_once(app, rosa):
    alpha = make_practice("alpha")
    answer = meanwhile(app, lambda: following.follow(alpha, rosa), rosa,
                       "/library/alpha/keep", do="follow")  # fmt: skip
    assert (answer.status_code, count(Follow)) == (303, 1)


def test_of_two_who_fill_one_item_the_second_is_told_of_the_first(app, rosa):
    practice = make_practice("list")
    actions.revise(practice, {}, "- [ ] Is there a map?\n", "A list", make_person())
    run = runs.start(practice, firm_of(rosa), "Cebu", rosa)
    nia = make_contact(firm_of(rosa), display_name="Nia Reyes")
    runs.settle(run, "Cebu", rosa.id, [nia.id])
    db.session.commit()
    item = runs.items_of(run)[0]

    def fill():
        runs.lock(run.id)
        runs.say(run, item, runs.Said(Answer.NO, "Lost"), nia)

    sent = {f"{item.key}-seen": runs.Said().mark, f"{item.key}-answer": "yes"}
    answer = meanwhile(app, fill, rosa, f"/firm/checklists/{run.id}", **sent)
    assert "Nia Reyes changed this meanwhile to: no" in answer.text
    assert count(ChecklistAnswer) == 1


def test_two_who_answer_a_survey_for_one_firm_give_one_answer(app, rosa):
    page = f"/library/benchmarks/{make_survey().id}/answer"
    colleague = make_contact(firm_of(rosa), "roster_manager")
    sent = {"value_0_0": "30", "weight_0_0": "400"}
    forms = [(one, page, sent | {"weight_0_0": f"{400 + n}"})
             for n, one in enumerate([rosa, colleague])]  # fmt: skip
    assert together(app, *forms)[0] == [303, 303]
    assert count(Told) == 1


def proposed(person, numbers=""):
    words = Words(ProposalKind.CASE, "The night we moved", HAPPENED, numbers, HAPPENED,
                  "negative", Naming.NAMED)  # fmt: skip
    made = propose(words, person)
    db.session.commit()
    return f"/staff/library/proposals/{made.id}"


def test_a_proposal_that_two_editors_take_is_one_draft(app, rosa):
    page = proposed(rosa)
    forms = [(make_person(Role.EDITOR), page, {"theme": "workforce"}) for _ in range(2)]
    codes, locations = together(app, *forms)
    assert (codes, len(set(locations)), count(Practice)) == ([303, 303], 1, 1)


def test_proposals_of_one_title_taken_at_the_same_moment_are_drafts_of_their_own(app, rosa):
    pages = [proposed(rosa), proposed(rosa, "31 of 90 left.")]
    forms = [(make_person(Role.EDITOR), page, {"theme": "workforce"}) for page in pages]
    assert together(app, *forms)[0] == [303, 303]
    slugs = set(db.session.scalars(select(Practice.slug)))
    assert slugs == {"the-night-we-moved", "the-night-we-moved-2"}


def test_two_who_tag_the_same_practices_lose_neither_tag(app):
    practice, page = make_practice("alpha"), "/staff/library/tags"
    asked = {"theme": "", "kind": "", "tag": "", "sure": "1"}
    forms = [(make_person(Role.EDITOR), page, asked | {"more": f"tag{n}"}) for n in range(2)]
    assert together(app, *forms)[0] == [303, 303]
    assert sorted(tags.tags_of(practice)) == ["tag0", "tag1"]
    assert (practice.version, count(Revision)) == (3, 3)
