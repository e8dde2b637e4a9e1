"""What a person follows, and which mails they stop."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.core import clock
from portal.core.db import db
from portal.core.links import link
from portal.core.mail import OutgoingMail, ReadyMessage, as_message
from portal.notices import actions, queries
from portal.notices.kinds import MAY_STOP, MUST
from portal.notices.models import Follow, Notice, StoppedMail
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


def test_a_mail_program_finds_the_button_in_a_mail_that_may_be_stopped_and_only_there(browser):
    person = make_person()
    token = actions.stop_token(person.id, "bill_alerts")
    link_to = link("notices.stop_mail", token=token)
    for words in (f"Stop mails about bills: {link_to}\n", "Nothing can be stopped here.\n"):
        row = OutgoingMail(
            template="t", recipient=person.email, subject="News", text=words, html="<p>News</p>",
            message_id="<1@portal.example>", queued_at=clock.now(),
        )  # fmt: skip
        sent = ReadyMessage(as_message(row)).as_bytes().decode()
        is_stoppable = link_to in words
        assert (f"\r\nList-Unsubscribe: <{link_to}>\r\n" in sent) is is_stoppable
        assert ("List-Unsubscribe-Post: List-Unsubscribe=One-Click" in sent) is is_stoppable
    one_click = {"List-Unsubscribe": "One-Click"}
    assert browser.send("POST", f"/stop-mail/{token}", data=one_click).status_code == 200
    assert queries.stopped_kinds(person.id) == {"bill_alerts"}


def test_a_link_that_was_altered_or_made_up_is_nobody_s(browser):
    token = actions.stop_token(make_person().id, "bill_alerts")
    for made_up in (token[:-2] + "xx", "x", token.swapcase(), actions.stop_token(1, "invoices")):
        browser.get(f"/stop-mail/{made_up}", status=404)
        assert browser.send("POST", f"/stop-mail/{made_up}").status_code == 404
    assert db.session.query(StoppedMail).count() == 0


def test_what_is_told_once_is_told_once():
    person = make_person()
    facts = ("reminder:7:14", "reminder", "invoice:7", person.id)
    assert actions.once(*facts)
    assert not actions.once(*facts)
    assert actions.once("reminder:7:28", *facts[1:])
    db.session.commit()
    assert not actions.once(*facts)
    told = queries.told("invoice:7", "reminder")
    assert [one.key for one in told] == ["reminder:7:14", "reminder:7:28"]
    assert queries.told("invoice:7", "another kind") == []


def test_what_fails_was_not_told():
    assert actions.once("k", "reminder")
    db.session.rollback()
    assert actions.once("k", "reminder")


def test_many_at_once_tell_it_once(app):
    def tell(_n):
        with app.app_context():
            told = actions.once("k", "reminder")
            db.session.commit()
            return told

    db.session.commit()
    with ThreadPoolExecutor(max_workers=8) as pool:
        assert sorted(pool.map(tell, range(8))) == [False] * 7 + [True]


def test_a_mail_that_is_told_once_is_one_mail_and_the_notice_names_it():
    person = make_person()
    facts = ("welcome:1", "accounts/invited", person, "person:1")
    told = [actions.mail_once(*facts, secret="s", reason="You asked.") for _ in range(2)]
    db.session.commit()
    assert told == [True, False]
    (mail,) = db.session.query(OutgoingMail)
    (notice,) = db.session.query(Notice)
    assert (notice.mail_id, notice.person_id, notice.kind) == (
        mail.id, person.id, "accounts/invited",
    )  # fmt: skip
