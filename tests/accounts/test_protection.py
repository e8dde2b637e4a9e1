"""What a stranger learns and may try: limits, times, cookies, tokens of forms."""

import re
import time
from dataclasses import replace
from datetime import timedelta
from statistics import median

from argon2 import PasswordHasher

from portal import create_app
from portal.accounts.models import Person
from portal.core.db import db
from tests.browser import Browser
from tests.make import PASSWORD, make_contact, make_firm, make_membership, make_person

ROUNDS = 9


def cookie_of(browser):
    name = browser.client.application.config["SESSION_COOKIE_NAME"]
    return browser.client.get_cookie(name).value


def test_the_limit_holds_in_every_process(browser, settings):
    person = make_person()
    another_process = Browser(create_app(settings).test_client())
    for n in range(10):
        one = (browser, another_process)[n % 2]
        one.post("/sign-in", status=200, email=person.email, password="wrong password")
    for one in (browser, another_process):
        refused = one.post("/sign-in", status=429, email=person.email, password=PASSWORD)
        assert refused.headers["Retry-After"].isdigit()


def seconds_of_work(browser, url, **fields):
    """Processor time of one post: other work on the machine does not count."""
    browser.get(url)
    before = time.process_time()
    browser.send("POST", url, data=fields | {"csrf_token": browser.token})
    return time.process_time() - before


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


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(settings, browser):
    person = make_person()
    plain = browser.post("/sign-in", email=person.email, password=PASSWORD)
    assert "__Host-" not in plain.headers["Set-Cookie"]
    app = create_app(replace(settings, site_url="https://portal.test"))
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
    manager = browser.sign_in(make_contact(firm, "roster_manager"))
    assert "Certificate of membership" in browser.get("/firm/")
    lapsed_on = term.grace_until_on + timedelta(days=1)
    at(lapsed_on.year, lapsed_on.month, lapsed_on.day, 12)
    browser.sign_in(manager)  # the sessions of that time ended long ago
    assert "Certificate of membership" not in browser.get("/firm/")
    browser.get("/firm/certificate", status=404)
