"""Signing in: limits, sessions, the same answer for everybody, where it leads."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.accounts.models import Person, SignIn
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from tests.make import PASSWORD, make_member, make_person


def sign_in(browser, email, password=PASSWORD, status=303, url="/sign-in", **more):
    return browser.post(url, status=status, email=email, password=password, **more)


def test_the_right_password_leads_to_the_dashboard(browser):
    person = make_person()
    assert sign_in(browser, person.email.upper()).location == "/dashboard"


def test_known_and_unknown_addresses_get_the_same_answer(browser):
    person = make_person()
    known = sign_in(browser, person.email, "wrong password", status=200).text
    unknown = sign_in(browser, "nobody@test.example", "wrong password", status=200).text
    sentence = "do not belong together"
    assert sentence in known
    assert sentence in unknown


def test_the_eleventh_try_is_refused_even_with_the_right_password(browser, another_browser):
    person, other = make_person(), make_person()
    for _ in range(10):
        sign_in(browser, person.email, "wrong password", status=200)
    refused = sign_in(browser, person.email, status=429)
    assert 0 < int(refused.headers["Retry-After"]) <= 300
    another_browser.client.environ_base["REMOTE_ADDR"] = "10.0.0.9"
    sign_in(another_browser, other.email)


def test_the_limit_ends_after_five_minutes(browser, at):
    person = make_person()
    for _ in range(10):
        sign_in(browser, person.email, "wrong password", status=200)
    later = clock.now() + timedelta(minutes=6)
    at(later.year, later.month, later.day, later.hour, later.minute)
    sign_in(browser, person.email)


def test_right_sign_ins_from_one_office_are_not_counted_against_it(browser):
    for _ in range(12):
        sign_in(browser, make_person().email)
        browser.client.delete_cookie(browser.client.application.config["SESSION_COOKIE_NAME"])


def test_a_password_of_a_megabyte_is_a_bad_request(browser):
    make_person()
    sign_in(browser, "a@test.example", "x" * 1_000_000, status=400)


def test_signing_out_kills_the_session_on_the_server(browser, another_browser):
    person = make_person()
    sign_in(browser, person.email)
    name = browser.client.application.config["SESSION_COOKIE_NAME"]
    stolen = browser.client.get_cookie(name).value
    browser.post("/sign-out", page="/account/")
    another_browser.client.set_cookie(name, stolen)
    assert another_browser.send("GET", "/account/").status_code == 302


def test_signing_in_again_kills_the_session_that_this_browser_had(browser, another_browser):
    """Also when somebody else signs in: the cookie from before is worth nothing."""
    person, other = make_person(), make_person()
    name = browser.client.application.config["SESSION_COOKIE_NAME"]
    for one in (person, other):
        sign_in(browser, person.email)
        stolen = browser.client.get_cookie(name).value
        sign_in(browser, one.email)
        another_browser.client.set_cookie(name, stolen)
        assert another_browser.send("GET", "/account/").status_code == 302
        browser.get("/account/")


def test_a_disabled_account_and_a_revoked_session_act_on_the_next_request(browser):
    person = browser.sign_in()
    browser.get("/account/")
    db.session.get(Person, person.id).disabled_at = clock.now()
    db.session.commit()
    assert browser.send("GET", "/account/").status_code == 302


def test_a_session_ends_after_its_time(browser, at):
    browser.sign_in()
    later = clock.now() + timedelta(hours=13)
    at(later.year, later.month, later.day, later.hour)
    assert browser.send("GET", "/account/").status_code == 302


def test_staying_signed_in_lasts_thirty_days(browser):
    person = make_person()
    answer = sign_in(browser, person.email, stays="y")
    session = db.session.scalars(select(SignIn).where(SignIn.person_id == person.id)).one()
    assert session.expires_at - session.started_at == timedelta(days=30)
    assert "Expires=" in answer.headers["Set-Cookie"]


def test_a_revoked_role_is_gone_on_the_next_request(browser):
    person = browser.sign_in(make_person(Role.EDITOR))
    browser.get("/staff/library/")
    grant = db.session.get(Person, person.id).grants[0]
    grant.revoked_at = clock.now()
    db.session.commit()
    assert browser.send("GET", "/staff/library/").status_code == 403


HOSTILE = [
    "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "http:evil",
    "javascript:alert(1)", "/%09/evil.example\t", " //evil.example", "///evil.example", "x",
    "https:/evil.example", "\n//evil.example", "//evil.example/%2f..", "/\t/evil.example",
    "data:text/html,x", "//[::1", "ftp://evil.example", "https://portal.test@evil.example",
    "http://evil.example", "HTTPS://evil.example", "https:evil.example", "https:///evil.example",
    "//evil.example:80", "//user@evil.example", "//evil.example#/", "////evil.example/..",
    "/\\/evil.example", "\\/evil.example", "/\r\n//evil.example", "\x01//evil.example",
    "\x0b//evil.example", "vbscript:x", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)",
    "blob:https://evil.example/1", "file:///etc/passwd", "mailto:x@evil.example", "evil.example",
    "./evil", "../evil", "?next=//evil.example", "#//evil.example", "%2f%2fevil.example",
    "\u3000//evil.example", "/\u2028/evil.example", "//\uff0fevil.example", "http:/\\evil.example",
    "x://evil.example", "://evil.example", "//evil。example", "/" + "/" * 40 + "evil.example",
]  # fmt: skip


@pytest.mark.parametrize("there", HOSTILE, ids=range(len(HOSTILE)))
def test_the_way_on_stays_on_this_site(browser, there):
    person = make_person()
    browser.get("/sign-in")
    facts = {"email": person.email, "password": PASSWORD, "csrf_token": browser.token}
    answer = browser.send("POST", "/sign-in", data=facts, query_string={"next": there})
    assert answer.location.startswith("/")
    assert not answer.location.startswith("//")


def test_the_way_on_is_kept(browser):
    person = make_person()
    assert sign_in(browser, person.email, url="/sign-in?next=/library/?q=x").location.startswith(
        "/library/"
    )


def test_a_person_ends_another_session_and_all_others(browser, another_browser):
    person = make_member()
    browser.sign_in(person)
    another_browser.sign_in(person)
    assert browser.get("/account/sessions").count("End this") == 1
    browser.post("/account/sessions/end-others", page="/account/sessions")
    assert another_browser.send("GET", "/account/").status_code == 302
    browser.get("/account/")


def test_nobody_ends_a_stranger_s_session(browser, another_browser):
    other = another_browser.sign_in()
    session = db.session.scalars(select(SignIn).where(SignIn.person_id == other.id)).one()
    browser.sign_in()
    browser.post(f"/account/sessions/{session.id}/end", page="/account/", status=404)
    another_browser.get("/account/")
