"""One version withdrawn: what readers get then, and what a citation of it says."""

import pytest
from sqlalchemy import select

from portal.core.access import Role
from portal.core.db import db
from portal.core.states import Refused
from portal.library import actions, withdrawing
from portal.library.models import PracticeStatus, Revision, VersionWithdrawal
from tests.make import make_person
from tests.people import make_practice

WHY = "The figures of this version were those of another year."
PAGE = "/library/pool"


@pytest.fixture
def editor():
    return make_person(Role.EDITOR)


@pytest.fixture
def pool(editor):
    """Published with two versions: of buses, then of trams."""
    made = make_practice("pool", "public")
    actions.revise(made, {}, "All of it is about trams.", "Trams, not buses", editor)
    db.session.commit()
    return made


def desk(practice, version=2):
    return f"/staff/library/{practice.id}/versions/{version}/withdraw"


def version(practice, number):
    return db.session.scalar(select(Revision).filter_by(practice_id=practice.id, version=number))


def test_of_the_current_version_the_one_before_stands_again_with_a_note(browser, pool, editor):
    before = version(pool, 1).body
    browser.sign_in(editor)
    assert "get the text of version 1 again" in browser.get(desk(pool))
    browser.post(desk(pool), reason=WHY)
    assert (pool.version, pool.body) == (3, before)
    note = f"Version 2 withdrawn, version 1 stands again: {WHY}"
    assert pool.revisions[0].change_note == note
    listed = browser.get(f"/staff/library/{pool.id}/versions")
    assert "Withdraw version 3" in listed
    assert "Withdraw version 2" not in listed


def test_readers_and_whoever_cites_it_are_told_why(browser, another_browser, pool, editor):
    assert "trams" in another_browser.get(f"{PAGE}/versions/2")
    browser.sign_in(editor)
    browser.post(desk(pool), reason=WHY)
    page = another_browser.get(PAGE)
    assert "Version 2 was withdrawn" in page
    assert WHY in page
    assert "trams" not in page
    cited = another_browser.get(f"{PAGE}/versions/2", status=410)
    assert WHY in cited
    assert "trams" not in cited
    assert "<strong>Withdrawn.</strong>" in another_browser.get(f"{PAGE}/versions/1")


def test_an_older_version_is_withdrawn_without_touching_the_current_one(browser, pool, editor):
    browser.sign_in(editor)
    assert "go on with version 2" in browser.get(desk(pool, 1))
    browser.post(desk(pool, 1), reason=WHY)
    assert pool.version == 2
    assert WHY in browser.get(f"{PAGE}/versions/1", status=410)
    assert "trams" in browser.get(PAGE)


def test_where_readers_had_no_other_the_whole_practice_is_withdrawn(
    browser, another_browser, pool, editor
):
    browser.sign_in(editor)
    browser.post(desk(pool, 1), reason=WHY)
    assert "the whole practice is withdrawn" in browser.get(desk(pool))
    browser.post(desk(pool), reason=WHY)
    assert pool.status is PracticeStatus.WITHDRAWN
    assert WHY in another_browser.get(PAGE, status=410)


def test_without_a_reason_or_twice_nothing_is_withdrawn(browser, pool, editor):
    browser.sign_in(editor)
    for reason, words in (("", "Say why"), ("Short", "10 to 1,000 characters")):
        assert words in browser.post(desk(pool), 200, reason=reason).text
    assert db.session.scalars(select(VersionWithdrawal)).all() == []
    browser.post(desk(pool), reason=WHY)
    again = browser.post(desk(pool), 200, reason=WHY)
    assert "there is nothing to withdraw" in again.text
    assert pool.version == 3
    assert len(db.session.scalars(select(VersionWithdrawal)).all()) == 1


def test_a_version_that_readers_never_had_is_not_withdrawn(pool, editor):
    pool.status = PracticeStatus.ARCHIVED
    with pytest.raises(Refused, match="nothing to withdraw"):
        withdrawing.withdraw(pool, version(pool, 2), WHY, editor)
