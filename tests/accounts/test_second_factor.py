"""The second factor: set up, asked for, once a code, eight recovery codes, required of staff."""

import dataclasses
import re

import pyotp
import pytest

from portal.accounts import actions, codes
from portal.accounts.models import Person
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from tests.browser import Browser
from tests.make import PASSWORD, make_person
from tests.people import make_practice
from tests.portals import another_process

NOW = 1_800_000_000


def test_a_code_serves_once_and_one_step_early_or_late():
    secret = codes.new_secret()
    totp, step = pyotp.TOTP(secret), NOW // 30
    for shift in (-1, 0, 1):
        code = totp.at((step + shift) * 30)
        assert codes.step_of(secret, code, NOW, after=0) == step + shift
        assert codes.step_of(secret, code, NOW, after=step + shift) is None
    assert codes.step_of(secret, totp.at((step + 3) * 30), NOW, after=0) is None


FOREIGN = [
    "\uff11\uff12\uff13\uff14\uff15\uff16",
    "\u0661\u0662\u0663\u0664\u0665\u0666",
    "12345🔑",
    "é-é",
]


@pytest.mark.parametrize("code", FOREIGN)
def test_figures_of_other_alphabets_are_a_wrong_code_in_words(browser, code):
    person = browser.sign_in()
    browser.post("/account/second-factor/start", page="/account/second-factor")
    facts = {"code": code, "current": PASSWORD}
    assert "is not right" in browser.post("/account/second-factor", status=200, **facts).text
    set_up(browser)
    visitor = Browser(browser.client.application.test_client())
    visitor.post("/sign-in", email=person.email, password=PASSWORD)
    assert "is not right" in visitor.post("/sign-in/code", status=200, code=code).text


@pytest.fixture(autouse=True)
def one_moment(at):
    """A code that is made in one step and read two steps later is not what is tested here."""
    at(2026, 11, 22, 9)


def set_up(browser):
    """The secret and the recovery codes of the person at the browser."""
    browser.post("/account/second-factor/start", page="/account/second-factor")
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", browser.get("/account/second-factor"))[1]
    code = pyotp.TOTP(secret).at(int(clock.now().timestamp()) - 30)
    facts = {"code": code, "current": PASSWORD}
    page = browser.post("/account/second-factor", status=200, **facts).text
    return secret, re.findall(r"<code>([a-z0-9]{4}-[a-z0-9]{4})</code>", page)


def test_it_is_asked_for_after_the_password_and_each_recovery_code_serves_once(browser):
    person = browser.sign_in()
    secret, recovery = set_up(browser)
    assert len(recovery) == 8
    visitor = Browser(browser.client.application.test_client())
    visitor.post("/sign-in", email=person.email, password=PASSWORD)
    assert visitor.send("GET", "/account/").status_code == 302
    code = pyotp.TOTP(secret).at(clock.now())
    assert visitor.post("/sign-in/code", code=code).location == "/dashboard"
    for status in (303, 200):
        again = Browser(browser.client.application.test_client())
        again.post("/sign-in", email=person.email, password=PASSWORD)
        again.post("/sign-in/code", status=status, code=recovery[0])


@pytest.mark.parametrize(
    ("current", "words"),
    [("", "Enter your password"), ("wrong password", "This is not your password")],
)
def test_it_is_turned_on_with_the_password_only(browser, current, words):
    """Who finds a browser open must not lock its owner out."""
    person = browser.sign_in()
    url = "/account/second-factor"
    browser.post(f"{url}/start", page=url)
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", browser.get(url))[1]
    code = pyotp.TOTP(secret).at(clock.now())
    page = browser.post(url, status=200, code=code, current=current).text
    assert words in page
    assert secret in page
    assert db.session.get(Person, person.id).totp_enabled_at is None
    browser.post(url, status=200, code=code, current=PASSWORD)  # the code was not used up
    assert db.session.get(Person, person.id).totp_enabled_at


@pytest.mark.parametrize(
    ("tries", "facts"),
    [(10, {"code": "000000", "current": "wrong password"}),
     (5, {"code": "000000", "current": PASSWORD})],
)  # fmt: skip
def test_guesses_at_password_and_code_that_turn_it_on_are_limited(browser, tries, facts):
    browser.sign_in()
    url = "/account/second-factor"
    browser.post(f"{url}/start", page=url)
    for _ in range(tries):
        browser.post(url, status=200, **facts)
    refused = browser.post(url, status=429, **facts)
    assert "Too many tries" in refused.text
    assert "<svg" in refused.text, "the picture is there still"


def test_five_wrong_codes_are_enough(browser):
    person = browser.sign_in()
    set_up(browser)
    visitor = Browser(browser.client.application.test_client())
    visitor.post("/sign-in", email=person.email, password=PASSWORD)
    for _ in range(4):
        visitor.post("/sign-in/code", status=200, code="000000")
    statuses = [
        visitor.send("POST", "/sign-in/code", data={"code": "000000", "csrf_token": visitor.token})
        for _ in range(3)
    ]
    assert statuses[-1].status_code == 429


def test_it_is_turned_off_with_the_password_only(browser):
    person = browser.sign_in()
    set_up(browser)
    page = "/account/second-factor"
    browser.post(f"{page}/off", page=page, status=200, current="wrong password")
    assert db.session.get(Person, person.id).totp_enabled_at
    browser.post(f"{page}/off", page=page, current=PASSWORD)
    assert db.session.get(Person, person.id).totp_enabled_at is None


def test_another_password_between_the_steps_begins_them_again(browser):
    person = browser.sign_in()
    secret, _recovery = set_up(browser)
    visitor = Browser(browser.client.application.test_client())
    visitor.post("/sign-in", email=person.email, password=PASSWORD)
    visitor.get("/sign-in/code")
    actions.set_password(db.session.get(Person, person.id), "another horse battery")
    db.session.commit()
    facts = {"code": pyotp.TOTP(secret).at(clock.now()), "csrf_token": visitor.token}
    assert visitor.send("POST", "/sign-in/code", data=facts).location == "/sign-in"
    assert visitor.send("GET", "/account/").status_code == 302


def test_guesses_at_the_password_that_turns_it_off_are_limited(browser):
    browser.sign_in()
    set_up(browser)
    page = "/account/second-factor"
    for _ in range(10):
        browser.post(f"{page}/off", page=page, status=200, current="wrong password")
    refused = browser.post(f"{page}/off", page=page, status=429, current=PASSWORD)
    assert "Too many tries" in refused.text


@pytest.fixture
def strict(settings, app):
    with another_process(dataclasses.replace(settings, staff_second_factor="required")) as made:
        yield Browser(made.test_client())


def test_where_it_is_required_staff_see_nothing_before_it(strict):
    strict.sign_in(make_person(Role.EDITOR))
    make_practice("secret-of-members")
    for url in ("/staff/", "/staff/library/", "/account/", "/dashboard", "/", "/library/",
                "/library/secret-of-members", "/search?q=secret"):  # fmt: skip
        assert strict.send("GET", url).location == "/account/second-factor", url
    assert strict.send("GET", "/static/portal.css").status_code == 200
    assert strict.send("GET", "/health").mimetype == "application/json"
    assert strict.send("GET", "/no-such-page").status_code == 404
    set_up(strict)
    strict.get("/staff/library/")
    off = {"current": PASSWORD, "csrf_token": strict.token}
    refused = strict.send("POST", "/account/second-factor/off", data=off)
    assert refused.status_code == 409
    assert "cannot turn the second factor off" in refused.text
    strict.get("/staff/library/")


def test_where_it_is_required_of_staff_members_are_not_asked(strict):
    strict.sign_in()
    strict.get("/account/")
