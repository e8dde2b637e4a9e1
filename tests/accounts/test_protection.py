"""What a stranger learns and may try: limits, times, cookies, tokens of forms."""

import gc
import re
import time
from dataclasses import replace
from datetime import timedelta
from statistics import median

import pytest
from argon2 import PasswordHasher

from portal.accounts.models import Person
from portal.accounts.passwords import fault_of
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.members.actions import change_roles, end_affiliation
from portal.members.queries import affiliation_of
from tests.browser import Browser
from tests.joining.applying import make_application
from tests.make import PASSWORD, make_contact, make_firm, make_membership, make_person
from tests.portals import another_process

ROUNDS = 9


def cookie_of(browser):
    name = browser.client.application.config["SESSION_COOKIE_NAME"]
    return browser.client.get_cookie(name).value


def test_the_limit_holds_in_every_process(browser, settings):
    person = make_person()
    with another_process(settings) as app:
        another = Browser(app.test_client())
        for n in range(10):
            one = (browser, another)[n % 2]
            one.post("/sign-in", status=200, email=person.email, password="wrong password")
        for one in (browser, another):
            refused = one.post("/sign-in", status=429, email=person.email, password=PASSWORD)
            assert refused.headers["Retry-After"].isdigit()


def seconds_of_work(browser, url, **fields):
    """Processor time of one post: other work on the machine does not count."""
    browser.get(url)
    gc.collect()  # a collection falls on whoever comes next, not on whom it is about
    before = time.thread_time()
    browser.send("POST", url, data=fields | {"csrf_token": browser.token})
    return time.thread_time() - before


def test_an_unknown_address_costs_as_much_time_as_a_known_one(app):
    """At signing in the hash decides; beside it the rest is noise."""
    known, unknown = [], []
    for n in range(ROUNDS):
        browser = Browser(app.test_client())
        browser.client.environ_base["REMOTE_ADDR"] = f"10.1.0.{n}"
        there = {"email": make_person().email, "password": "wrong password"}
        nowhere = there | {"email": f"nobody{n}@test.example"}
        known.append(seconds_of_work(browser, "/sign-in", **there))
        unknown.append(seconds_of_work(browser, "/sign-in", **nowhere))
    assert 0.85 < median(known) / median(unknown) < 1.15


def test_asking_for_a_link_costs_as_much_for_a_known_address_as_for_another(app, statements):
    known, unknown, asked = [], [], set()
    for n in range(2 * ROUNDS):
        both = ((make_person().email, known), (f"no{n}@test.example", unknown))
        for email, spent in both if n % 2 else reversed(both):  # what comes second has it warmer
            browser = Browser(app.test_client())
            browser.client.environ_base["REMOTE_ADDR"] = f"10.2.{n}.{len(unknown)}"
            browser.get("/reset")
            statements.clear()
            spent.append(seconds_of_work(browser, "/reset", email=email))
            asked.add(len(statements))
    assert len(asked) == 1, "the same questions to the database"
    assert 0.85 < median(known) / median(unknown) < 1.15


def test_applying_says_the_same_and_mails_as_much_whether_the_address_is_known(app, statements):
    mails, told = set(), set()
    for email in (make_person().email, "nobody@test.example"):
        browser = Browser(app.test_client())
        made = make_application(upto="answered", email=email, registration_no=email)
        browser.get(f"/join/a/{made.token}/check")
        statements.clear()
        answer = browser.send(
            "POST", f"/join/a/{made.token}/check", data={"csrf_token": browser.token}
        )
        assert answer.status_code == 303
        mails.add(sum("INSERT INTO outgoing_mail" in one for one in statements))
        page = browser.get(f"/join/a/{made.token}")
        for own in (made.token, made.reference, email):
            page = page.replace(own, "")
        told.add(re.sub(r'value="[^"]{60,}"', "", page))
    assert (mails, len(told)) == ({1}, 1)


def test_sending_an_application_costs_as_much_for_a_known_address_as_for_another(app, statements):
    known, unknown, asked = [], [], set()
    for n in range(2 * ROUNDS):
        both = ((make_person().email, known), (f"no{n}@test.example", unknown))
        for email, spent in both if n % 2 else reversed(both):  # what comes second has it warmer
            made = make_application(upto="answered", email=email, registration_no=email)
            browser = Browser(app.test_client())
            browser.get(f"/join/a/{made.token}/check")
            statements.clear()
            spent.append(seconds_of_work(browser, f"/join/a/{made.token}/check"))
            asked.add(len(statements))
    assert len(asked) == 1, "as many questions to the database"
    assert 0.85 < median(known) / median(unknown) < 1.15


def test_the_session_is_another_one_after_signing_in(browser):
    person = make_person()
    browser.get("/sign-in")
    before = cookie_of(browser)
    browser.post("/sign-in", email=person.email, password=PASSWORD)
    after = cookie_of(browser)
    assert after != before
    stranger = Browser(browser.client.application.test_client())
    stranger.client.set_cookie(browser.client.application.config["SESSION_COOKIE_NAME"], before)
    assert stranger.send("GET", "/account/").status_code == 302


@pytest.mark.parametrize("url", ["/", "/library/", "/staff/accounts/"])
def test_a_session_that_does_not_stay_ends_after_two_hours_of_silence(browser, at, url):
    person = make_person(Role.ADMIN)
    browser.post("/sign-in", email=person.email, password=PASSWORD)
    silent = clock.now() + timedelta(hours=2, minutes=1)
    active = clock.now() + timedelta(hours=1, minutes=59)
    at(*active.timetuple()[:6])
    browser.get("/account/")
    at(*(active + timedelta(hours=1)).timetuple()[:6])
    browser.get("/account/")
    at(*(silent + timedelta(hours=3)).timetuple()[:6])
    browser.send("GET", url)
    assert browser.send("GET", "/account/").status_code == 302


def test_one_who_stays_signed_in_is_not_ended_by_silence_but_after_thirty_days(browser, at):
    person = make_person()
    browser.post("/sign-in", email=person.email, password=PASSWORD, stays="y")
    then = clock.now()
    at(*(then + timedelta(days=29)).timetuple()[:6])
    browser.get("/account/")
    at(*(then + timedelta(days=30, minutes=1)).timetuple()[:6])
    assert browser.send("GET", "/account/").status_code == 302


def test_a_role_that_is_given_or_taken_ends_the_sessions_of_its_person(browser, another_browser):
    admin, person = make_person(Role.ADMIN), make_person(Role.EDITOR)
    browser.sign_in(admin)
    for act in ("give", "take"):
        another_browser.sign_in(person)
        another_browser.get("/account/")
        grant = db.session.get(Person, person.id).grants[0]
        if act == "give":
            facts = {"email": person.email, "display_name": "x", "role": "events"}
            browser.post("/staff/accounts/", **facts)
        else:
            browser.post(f"/staff/accounts/{grant.id}/revoke", reason="Left us.")
        assert another_browser.send("GET", "/account/").status_code == 302, act
    browser.get("/staff/accounts/")


def test_who_leaves_a_firm_or_loses_a_role_there_signs_in_anew(browser, another_browser):
    firm = make_firm()
    make_membership(firm)
    manager = make_contact(firm, "roster_manager", "dues_contact")
    leaving = make_contact(firm, "dues_contact")
    browser.sign_in(manager)
    for act in (lambda one: change_roles(one, ["staff"]), end_affiliation):
        another_browser.sign_in(leaving)
        another_browser.get("/account/")
        act(affiliation_of(leaving))
        db.session.commit()
        assert another_browser.send("GET", "/account/").status_code == 302


@pytest.mark.parametrize(
    ("url", "field"),
    [("/sign-in", "password"), ("/account/password", "password"), ("/account/password", "current"),
     ("/account/email", "current"), ("/account/second-factor", "current"),
     ("/account/second-factor/off", "current"), ("/account/data/erase", "current")],
)  # fmt: skip
def test_a_megabyte_is_no_password_anywhere(browser, url, field):
    browser.sign_in()
    browser.get("/account/profile")
    facts = {field: "x" * 2**20, "csrf_token": browser.token, "email": "a@test.example"}
    assert browser.send("POST", url, data=facts).status_code == 400


@pytest.mark.parametrize(
    "common",
    ["iloveyou", "Football1", "qwertyuiop", "1q2w3e4r5t", "sunshine!", "trustno1", "P@ssw0rd2027!",
     "Dr4g0n1987", "qwer1234", "zxcvasdf", "98765432", "abcdefgh", "rtzrtzrtz", "Monkey#2031",
     "poiuytre", "12345qwert"],
)  # fmt: skip
def test_what_anybody_would_try_is_refused_in_all_its_dress(common):
    assert "first that would be tried" in fault_of(common)


@pytest.mark.parametrize(
    "good", ["a quiet harbour wall", "weavers-quay-12", "mahogany4spoons", "7 lamps 7 ladders"]
)
def test_what_nobody_would_try_is_taken(good):
    assert fault_of(good) is None


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(settings, browser):
    person = make_person()
    plain = browser.post("/sign-in", email=person.email, password=PASSWORD)
    assert "__Host-" not in plain.headers["Set-Cookie"]
    with another_process(replace(settings, site_url="https://portal.test")) as app:
        safe = Browser(app.test_client())
        safe.client.environ_base["wsgi.url_scheme"] = "https"
        page = safe.send("GET", "/sign-in", base_url="https://portal.test")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
        facts = {"email": person.email, "password": PASSWORD, "csrf_token": token}
        headers = {"Referer": "https://portal.test/sign-in"}
        answer = safe.send(
            "POST", "/sign-in", data=facts, headers=headers, base_url="https://portal.test"
        )
    assert answer.status_code == 303
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_a_weaker_hash_is_made_anew_at_the_next_sign_in(browser):
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    person = make_person(password_hash=weak)
    browser.post("/sign-in", email=person.email, password=PASSWORD)
    stored = db.session.get(Person, person.id).password_hash
    assert "m=19456,t=2,p=1" in stored


def test_the_token_of_another_session_and_of_an_old_one_are_refused(browser, another_browser):
    browser.sign_in()
    another_browser.sign_in()
    another_browser.get("/account/profile")
    foreign = another_browser.token
    browser.get("/account/profile")
    old = browser.token
    browser.sign_in()  # a new session: the page that is still open belongs to the old one
    for token in (foreign, old, "", "x" * 90):
        answer = browser.send(
            "POST", "/account/profile", data={"display_name": "Taken", "csrf_token": token}
        )
        assert answer.status_code == 400
    assert db.session.query(Person).filter_by(display_name="Taken").count() == 0


def test_a_membership_that_lapses_takes_its_rights_on_the_next_request(browser, at):
    firm = make_firm()
    term = make_membership(firm).terms[0]
    manager, last = make_contact(firm, "roster_manager"), term.grace_until_on
    at(last.year, last.month, last.day, 12)
    browser.post("/sign-in", email=manager.email, password=PASSWORD, stays="y")
    assert "Certificate of membership" in browser.get("/firm/")
    after = last + timedelta(days=1)
    at(after.year, after.month, after.day, 12)
    assert "Certificate of membership" not in browser.get("/firm/")
