"""Who may do what: every address, method and kind of person, as one reviewed table says."""

import csv
import os
import re
from pathlib import Path

import pytest

from tests import tables
from tests.people import ROLES, STAFF, address, everybody, never, things

TABLE = Path(__file__).with_name("permissions.csv")


def cells(app):
    """Every rule and method that somebody can ask for."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods & {"GET", "POST"}):
            yield rule, method


@pytest.fixture
def found():
    return things()


@pytest.fixture
def people(app, found):
    return everybody(app)


def ask_everybody(app, found, people, stripe):
    """The status of every cell, each asked of the same untouched world."""
    world = tables.keep()
    with tables.noting_writes() as written:
        for rule, method in cells(app):
            answers = []
            for role in ROLES:
                answer = people[role].ask(method, address(rule, found))
                answers.append(str(answer.status_code))
                if method == "POST" and answer.status_code < 400 and written:
                    tables.put_back(world, set(written))
                    stripe.forget()
                    written.clear()
            yield [rule.endpoint, method, *answers]


@pytest.mark.slow  # two thousand requests
def test_every_cell_of_the_table_is_as_reviewed(app, found, people, stripe):
    head, asked = ["endpoint", "method", *ROLES], sorted(ask_everybody(app, found, people, stripe))
    if "WRITE_PERMISSIONS" in os.environ:  # then review by hand every line that changed
        with TABLE.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *asked])
    with TABLE.open(newline="") as file:
        reviewed = list(csv.reader(file))
    assert [head, *asked] == reviewed


def plain(answer, url):
    """The body without what differs in every answer: the form's token, the address asked for."""
    body = answer.text.replace(url, "").replace(url.replace("/", "%2F"), "")
    return answer.status_code, re.sub(r'value="[^"]{60,}"', "", body)


def test_what_is_not_yours_looks_like_what_never_was(app, found, people):
    """Secret links aside: whoever holds one may use it."""
    named = [
        (rule, method) for rule, method in cells(app) if rule.arguments - {"token", "filename"}
    ]
    refused = 0
    for rule, method in [one for one in named if "token" not in one[0].arguments]:
        for role in set(ROLES) - set(STAFF):
            there, nowhere = address(rule, found), address(rule, never(found))
            real = people[role].ask(method, there)
            if real.status_code >= 400:
                refused += 1
                lost = people[role].ask(method, nowhere)
                assert plain(real, there) == plain(lost, nowhere), (role, method, there)
    assert refused > 200


def test_no_form_is_taken_without_its_own_token(app, found, people):
    free = {"dues_webhooks.stripe", "notices.stop_mail"}  # signed by others, or by the link itself
    before = tables.keep()
    another_s = {"csrf_token": people["member"].token}
    for rule, method in cells(app):
        if method == "POST" and rule.endpoint not in free:
            for role in ("visitor", "manager", "admin"):
                for sent in ({}, another_s):
                    answer = people[role].ask("POST", address(rule, found), token=False, **sent)
                    assert answer.status_code == 400, (role, rule)
    assert tables.changed(before, tables.keep()) == set()


def test_the_webhook_wants_a_signature_instead(people):
    before = tables.keep()
    assert people["visitor"].ask("POST", "/webhooks/stripe", token=False).status_code == 400
    assert tables.changed(before, tables.keep()) == set()


def test_reading_changes_nothing(app, found, people):
    before = tables.keep()
    for _twice in range(2):
        for rule, method in cells(app):
            if method == "GET":
                for role in ("visitor", "manager", "admin"):
                    people[role].ask("GET", address(rule, found))
    assert tables.changed(before, tables.keep()) == set()
