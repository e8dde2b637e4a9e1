"""Closing an account: what ends at once, what stays, who may, and opening it again."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from portal.accounts import actions, closing, erasing, queries
from portal.accounts.models import Person, RoleGrant
from portal.core import clock, mail
from portal.core.access import Role
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.core.states import Refused
from portal.library import reading
from portal.members.merging import merge_people
from portal.members.powers import Power
from portal.members.queries import people_with
from portal.notices import actions as notices
from portal.notices import feeds
from tests.browser import Browser
from tests.make import PASSWORD, make_contact, make_firm, make_member, make_person

WHY = "Wrote to others in a way that harms them"
CLOSED = "This account is closed"


@pytest.fixture
def office(browser):
    browser.sign_in(make_person("admin"))
    return browser


def close(office, person, reason=WHY, status=303):
    return office.post(f"/staff/accounts/people/{person.id}/close", status=status, reason=reason)


def open_again(office, person, status=303):
    url = f"/staff/accounts/people/{person.id}/open"
    return office.post(url, status=status, reason="It was somebody else")


def try_to_sign_in(browser, person, password=PASSWORD):
    browser.get("/sign-in")
    facts = {"email": person.email, "password": password, "csrf_token": browser.token}
    return browser.send("POST", "/sign-in", data=facts)


def test_a_closed_account_is_out_at_once_and_told_so_after_the_right_password_only(
    office, another_browser
):
    person = another_browser.sign_in()
    close(office, person)
    assert another_browser.send("GET", "/account/").status_code == 302
    assert CLOSED not in try_to_sign_in(another_browser, person, "wrong password").text
    answer = try_to_sign_in(another_browser, person)
    assert answer.status_code == 200
    assert f"{CLOSED}. The mail that told you says why" in answer.text
    assert another_browser.send("GET", "/account/").status_code == 302


def test_the_reason_is_asked_for_at_the_field_mailed_and_kept(office, sent):
    person = make_person()
    assert "Say why the account is closed" in close(office, person, " ", 200).text
    close(office, person)
    told = [one for one in sent() if one["To"] == person.email]
    assert WHY in told[0].get_body(("plain",)).get_content()
    event = db.session.scalars(select(AuditEvent).filter_by(verb="person.closed")).one()
    assert event.details["reason"] == WHY
    assert WHY in office.get("/staff/accounts/people")


def test_opening_again_gives_back_the_account_and_none_of_what_ended(
    office, another_browser, sent
):
    person = another_browser.sign_in(make_person(Role.EDITOR))
    key = feeds.token_of(feeds.renew(person.id))
    db.session.commit()
    close(office, person)
    open_again(office, person)
    assert another_browser.send("GET", "/account/").status_code == 302
    assert feeds.reader_of(key) is None
    assert db.session.get(Person, person.id).grants == []
    assert try_to_sign_in(another_browser, person).status_code == 303
    assert any("is open again" in one["Subject"] for one in sent())
    verbs = select(AuditEvent.verb).where(AuditEvent.subject == f"person:{person.id}")
    assert {"person.closed", "role.revoked", "person.opened"} <= set(db.session.scalars(verbs))


def links_of(person):
    """One of every kind that is mailed or given away."""
    list_of_theirs = reading.start(person, "Mine", "", None)
    reading.share(list_of_theirs)
    reset = actions.tokens.make(actions.TokenKind.RESET, person.email, person)
    change = actions.tokens.make(actions.TokenKind.CHANGE_EMAIL, "new@test.example", person)
    verify = actions.tokens.make(actions.TokenKind.VERIFY, person.email, person)
    feed = feeds.token_of(feeds.renew(person.id))
    invitation = actions.invite(person, {}, "Because.").rsplit("/", 1)[1]
    db.session.commit()
    return {
        f"/reset/{reset}": "New password", f"/verify/{verify}": "Confirm",
        f"/change-email/{change}": "Use it", f"/invitation/{invitation}": "nvitation",
    }, feed, list_of_theirs.share_token  # fmt: skip


def test_feeds_shared_lists_and_mailed_links_are_dead_at_once(office, another_browser):
    person = make_member()
    links, feed, shared = links_of(person)
    for url in links:
        assert "does not work any more" not in another_browser.get(url)
    close(office, person)
    for url in links:
        assert "does not work any more" in another_browser.get(url), url
    assert feeds.reader_of(feed) is None
    assert reading.shared(shared) is None


def test_a_link_made_while_it_is_closed_is_dead_too(office, another_browser):
    person = make_person()
    close(office, person)
    secret = actions.invite(person, {}, "Because.").rsplit("/", 1)[1]
    db.session.commit()
    assert "does not work any more" in another_browser.get(f"/invitation/{secret}")


def test_mail_that_need_not_be_sent_is_withheld_also_what_waits_already(office, sent):
    person = make_person()
    mail.queue("accounts/verify", to=person.email, person=person, secret="s" * 43)
    db.session.commit()
    close(office, person)
    notices.mail_once("k", "accounts/invited", person, secret="s" * 43, reason="Because.")
    db.session.commit()
    subjects = [one["Subject"] for one in sent() if one["To"] == person.email]
    assert subjects == ["Your account at Testhall is closed"]
    withheld = select(OutgoingMail).where(OutgoingMail.withheld_at.is_not(None))
    held = db.session.scalars(withheld).all()
    assert len(held) == 2
    assert not any("s" * 43 in one.text for one in held)
    assert mail.waiting(timedelta(0)) == 0


def test_what_must_be_sent_still_is():
    person = make_person()
    closing.close(person, WHY)
    for template, is_withheld in (
        ("dues/issued", False), ("events/cancelled", False), ("joining/declined", False),
        ("accounts/closed", False), ("library/returned", True), ("accounts/reset", True),
        ("members/attest", True), ("home/saved_search", True), ("legislation/news", True),
    ):  # fmt: skip
        one = OutgoingMail(template=template, recipient=person.email.upper())
        assert closing.withholds(one) is is_withheld, template
    assert not closing.withholds(OutgoingMail(template="library/returned", recipient="x@y.z"))


def test_nobody_closes_their_own_account_nor_the_last_administrator(office):
    me = db.session.scalars(select(Person).join(RoleGrant, RoleGrant.person_id == Person.id)).one()
    assert "Nobody closes their own account" in close(office, me, status=200).text
    with pytest.raises(Refused, match="last administrator"):
        closing.close(me, WHY)
    db.session.rollback()
    assert db.session.get(Person, me.id).disabled_at is None


@pytest.mark.parametrize("end", ["erased", "merged"])
def test_what_was_erased_or_merged_is_neither_closed_nor_opened(office, end):
    person = make_person()
    closing.close(person, WHY)
    if end == "erased":
        erasing.erase_whatever(person)
    else:
        merge_people(make_person(), person, "The same human being")
    db.session.commit()
    office.get(f"/staff/accounts/people/{person.id}/close", 404)
    office.get(f"/staff/accounts/people/{person.id}/open", 404)
    assert "Nobody is found" in office.get(f"/staff/accounts/people?q={person.email}")
    assert "No account is closed" in office.get("/staff/accounts/people")
    with pytest.raises(Refused):
        closing.open_again(person, WHY)


def test_a_closed_account_is_given_no_role(office):
    person = make_person()
    close(office, person)
    page = office.post(
        "/staff/accounts/", status=200, email=person.email, display_name="X", role="editor"
    ).text
    assert "open it again first" in page
    assert db.session.get(Person, person.id).grants == []


def test_closing_between_password_and_code_stops_the_second_step(office, app):
    person = make_person()
    person.totp_secret, person.totp_enabled_at = pyotp.random_base32(), clock.now()
    db.session.commit()
    visitor = Browser(app.test_client())
    assert try_to_sign_in(visitor, person).location == "/sign-in/code"
    visitor.get("/sign-in/code")
    close(office, person)
    code = pyotp.TOTP(person.totp_secret).at(clock.now())
    answer = visitor.send(
        "POST", "/sign-in/code", data={"code": code, "csrf_token": visitor.token}
    )
    assert answer.location == "/sign-in"
    assert db.session.scalars(queries.live_sessions(person)).all() == []


def test_who_closes_reads_what_it_means_for_a_firm_and_the_firm_goes_on(office, another_browser):
    firm = make_firm(name="Acacia Care")
    person = make_contact(firm, "roster_manager", "dues_contact")
    delegate = make_contact(firm, "delegate")
    page = office.get(f"/staff/accounts/people/{person.id}/close")
    assert "At Acacia Care they are roster manager, dues contact" in page
    assert "Nobody else there is roster manager or dues contact: name one first" in page
    assert [one.person_id for one in people_with(Power.PAY, firm.id)] == [person.id]
    close(office, person)
    assert [one.person_id for one in people_with(Power.PAY, firm.id)] == [delegate.id]
    another_browser.sign_in(delegate)
    assert "Invoices" in another_browser.get("/firm/")
    assert "Account closed" in another_browser.get("/firm/people")


def test_a_search_finds_by_name_and_address_in_as_many_statements_as_there_are_people(
    office, statements
):
    counts = []
    for number in (3, 30):
        for _ in range(number):
            make_person(display_name="Rosa Lim")
        statements.clear()
        assert "Rosa Lim" in office.get("/staff/accounts/people?q=rosa")
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert "33 accounts, by name" in office.get("/staff/accounts/people?q=ROSA")
    assert "Nobody is found" in office.get("/staff/accounts/people?q=%25")
