"""What a person follows, and which mails they stop."""

import pytest

from portal.core import clock
from portal.core.db import db
from portal.notices import actions, queries
from portal.notices.kinds import MAY_STOP, MUST
from portal.notices.models import Follow, StoppedMail
from tests.make import make_member, make_person


def stop_link(person, kind="bill_alerts"):
    return f"/stop-mail/{actions.stop_token(person.id, kind)}"


def test_following_twice_is_following_once():
    person = make_person()
    for _ in range(2):
        actions.follow(person.id, "measure", 12)
    db.session.commit()
    assert db.session.query(Follow).count() == 1
    assert queries.is_following(person.id, "measure", 12)
    actions.unfollow(person.id, "measure", 12)
    actions.unfollow(person.id, "measure", 12)
    assert not queries.is_following(person.id, "measure", 12)


def test_followers_are_those_who_want_the_mail_and_are_still_here():
    wants, stopped, gone, other = (make_person() for _ in range(4))
    for person in (wants, stopped, gone):
        actions.follow(person.id, "measure", 12)
    actions.follow(other.id, "measure", 13)
    actions.follow(other.id, "place", 12)
    actions.stop(stopped.id, "bill_alerts")
    gone.disabled_at = clock.now()
    db.session.commit()
    assert queries.followers("measure", 12, "bill_alerts") == [wants]


def test_a_person_chooses_among_what_may_be_stopped(browser):
    person = browser.sign_in(make_member())
    page = browser.get("/account/mail")
    for words in (*MUST.values(), *MAY_STOP.values()):
        assert words in page
    browser.post("/account/mail", kind=[])
    assert queries.stopped_kinds(person.id) == set(MAY_STOP)
    browser.post("/account/mail", kind=list(MAY_STOP))
    assert queries.stopped_kinds(person.id) == set()


@pytest.mark.parametrize("kind", MUST)
def test_what_must_be_sent_cannot_be_stopped(kind):
    person = make_person()
    actions.stop(person.id, kind)
    db.session.commit()
    assert db.session.query(StoppedMail).count() == 0
    assert queries.wants(person.id, kind)


def test_the_link_in_a_mail_stops_one_kind_without_signing_in(browser):
    person = make_person()
    url = stop_link(person)
    assert MAY_STOP["bill_alerts"].lower() in browser.get(url)
    assert queries.wants(person.id, "bill_alerts"), "opening the page is not yet stopping"
    for _ in range(2):
        assert browser.send("POST", url).status_code == 200
    assert queries.stopped_kinds(person.id) == {"bill_alerts"}


def test_a_link_that_was_altered_or_made_up_is_nobody_s(browser):
    token = actions.stop_token(make_person().id, "bill_alerts")
    for made_up in (token[:-2] + "xx", "x", token.swapcase(), actions.stop_token(1, "invoices")):
        browser.get(f"/stop-mail/{made_up}", status=404)
        assert browser.send("POST", f"/stop-mail/{made_up}").status_code == 404
    assert db.session.query(StoppedMail).count() == 0
