"""The limit on tries: by account and by address, each for itself, and at the same moment."""

from contextlib import contextmanager
from dataclasses import replace
from threading import Thread

import pytest
from sqlalchemy import select

from portal.accounts import limits
from portal.accounts.models import SignIn
from portal.core.db import db
from tests.browser import Browser
from tests.make import PASSWORD, make_person
from tests.portals import another_process

ELSEWHERE = [f"10.0.{number}.9" for number in range(10)]


def attempt(browser, email, address, password="wrong password", said=None):
    """The answer to one try from an address; `said` is what came along as X-Forwarded-For."""
    if browser.token is None:
        browser.get("/sign-in")
    facts = {"email": email, "password": password, "csrf_token": browser.token}
    return browser.send(
        "POST", "/sign-in", data=facts, environ_base={"REMOTE_ADDR": address},
        headers={"X-Forwarded-For": said} if said else None,
    )  # fmt: skip


@contextmanager
def behind(settings, proxies):
    """A browser of a portal with so many proxies in front, each of them on its own machine."""
    with another_process(replace(settings, proxies=proxies)) as app:
        yield Browser(app.test_client())


def test_one_account_tried_from_ten_addresses_is_closed_to_the_eleventh_alone(browser):
    person, other = make_person(), make_person()
    for address in ELSEWHERE:
        assert attempt(browser, person.email, address).status_code == 200
    assert attempt(browser, person.email, "10.9.9.9", PASSWORD).status_code == 429
    assert attempt(browser, other.email, ELSEWHERE[0], PASSWORD).status_code == 303


def test_one_address_that_tries_ten_accounts_is_closed_to_the_eleventh_alone(browser):
    people = [make_person() for _ in range(11)]
    for person in people[:10]:
        assert attempt(browser, person.email, "10.1.1.1").status_code == 200
    assert attempt(browser, people[10].email, "10.1.1.1", PASSWORD).status_code == 429
    assert attempt(browser, people[10].email, "10.1.1.2", PASSWORD).status_code == 303


def test_a_refused_try_is_counted_under_neither_key(browser):
    person, other = make_person(), make_person()
    for address in ELSEWHERE:
        attempt(browser, person.email, address)
    for _ in range(12):
        assert attempt(browser, person.email, "10.2.2.2").status_code == 429
    assert attempt(browser, other.email, "10.2.2.2", PASSWORD).status_code == 303


def test_tries_at_the_same_moment_do_not_outrun_the_limit(app):
    """One is noted and not committed yet when four more come: with three allowed, two get in."""
    outcomes = []

    def come():
        with app.app_context():
            try:
                limits.count(3, "account:somebody")
            except limits.TooMany:
                outcomes.append("refused")
            else:
                outcomes.append("let in")
            db.session.commit()

    limits.count(3, "account:somebody")
    others = [Thread(target=come) for _ in range(4)]
    for one in others:
        one.start()
    others[0].join(0.5)  # without waiting in line they would be through by now
    assert outcomes == []
    db.session.commit()
    for one in others:
        one.join()
    assert sorted(outcomes) == ["let in", "let in", "refused", "refused"]


def test_without_a_proxy_what_is_said_of_an_address_changes_nothing(browser):
    for number in range(10):
        attempt(browser, make_person().email, "10.3.3.3", said=f"192.0.2.{number}")
    assert attempt(browser, make_person().email, "10.3.3.3", said="192.0.2.99").status_code == 429


@pytest.mark.parametrize("proxies", [1, 2])
def test_behind_proxies_the_hop_they_saw_counts_and_none_that_was_forged(app, settings, proxies):
    """The first of ours adds who came to it, each next one the one before it."""
    ours = "".join(f", 10.0.0.{number}" for number in range(1, proxies))
    with behind(settings, proxies) as browser:
        for number in range(10):
            said = f"192.0.2.{number}, 198.51.100.7{ours}"
            assert attempt(browser, make_person().email, "10.0.0.9", said=said).status_code == 200
        last = make_person()
        said = f"192.0.2.99, 198.51.100.7{ours}"
        assert attempt(browser, last.email, "10.0.0.9", PASSWORD, said).status_code == 429
        said = f"198.51.100.7, 198.51.100.8{ours}"
        assert attempt(browser, last.email, "10.0.0.9", PASSWORD, said).status_code == 303
    kept = db.session.scalars(select(SignIn).where(SignIn.person_id == last.id)).one()
    assert kept.address == "198.51.100.8"


def test_too_few_hops_or_none_are_not_believed(app, settings):
    """Who reaches the portal past its proxies is who they are."""
    with behind(settings, 2) as browser:
        for number in range(10):
            attempt(browser, make_person().email, "10.4.4.4", said=f"192.0.2.{number}")
        assert attempt(browser, make_person().email, "10.4.4.4").status_code == 429


def test_who_can_pick_an_address_each_time_is_counted_by_network(browser):
    for number in range(10):
        attempt(browser, make_person().email, f"2001:db8:1:2::{number:x}")
    person = make_person()
    assert attempt(browser, person.email, "2001:db8:1:2:a:b:c:d", PASSWORD).status_code == 429
    assert attempt(browser, person.email, "2001:db8:1:3::1", PASSWORD).status_code == 303


@pytest.mark.parametrize("said", ["unknown", "_hidden", "1.2.3.4:5678", "[::1]", "%", "é" * 300])
def test_a_proxy_that_says_nonsense_breaks_nothing(app, settings, said):
    with behind(settings, 1) as browser:
        assert attempt(browser, make_person().email, "10.0.0.9", PASSWORD, said).status_code == 303
