"""The limit on tries: by account and by address, each for itself, and at the same moment."""

from threading import Thread

from portal.accounts import limits
from portal.core.db import db
from tests.make import PASSWORD, make_person

ELSEWHERE = [f"10.0.{number}.9" for number in range(10)]


def attempt(browser, email, address, password="wrong password"):
    """The answer to one try from an address."""
    if browser.token is None:
        browser.get("/sign-in")
    facts = {"email": email, "password": password, "csrf_token": browser.token}
    return browser.send("POST", "/sign-in", data=facts, environ_base={"REMOTE_ADDR": address})


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

