"""Days nobody reckons with and numbers beyond every key: words or the usual page, no fault."""

from html.parser import HTMLParser

import pytest

from portal.accounts.models import Person
from portal.core.db import db
from portal.members.queries import affiliation_of
from tests.make import make_person
from tests.people import Visitor, address, things

DAYS = ("0001-01-01", "9999-12-31")
BEYOND = 2**63
# Every name by which a page reads a day or a number from its address.
DAY_NAMES = ("until", "since", "sent_on")
NUMBER_NAMES = ("organization", "line", "page", "new", "old", "seats", "days", "amount", "number")
ROOMS = {"staff": ("/staff/",), "firm": ("/firm/", "/invoices/", "/pay/", "/events/")}
STAFF = ("admin", "finance", "membership", "keyholder", "events", "policy")


class Forms(HTMLParser):
    """Where each form of a page is sent, what stands in it, and which of it are days."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        has = dict(attrs)
        if tag == "form":
            self.found.append((has.get("action"), {}, {}))
        if self.found and tag in {"input", "select", "textarea"} and has.get("name"):
            _, fields, days = self.found[-1]
            is_day = has.get("type") in {"date", "datetime-local"}
            (days if is_day else fields)[has["name"]] = has.get("value") or ""


@pytest.fixture
def found():
    return things()


@pytest.fixture
def askers(app, found):
    """Somebody of every staff role, and of every role of the firm whose the things are."""
    owner = db.session.get(Person, found["person_id"])
    held = affiliation_of(owner)
    held.roles = [*held.roles, "signatory"]
    db.session.commit()
    return {"staff": Visitor(app, make_person(*STAFF)), "firm": Visitor(app, owner)}


def ask_oddly(visitor, url, day, number):
    odd = [f"{name}={day}" for name in DAY_NAMES]
    odd += [f"{name}={number}" for name in NUMBER_NAMES]
    return visitor.ask("GET", f"{url}?{'&'.join(odd)}")


def send_oddly(visitor, url, page):
    """The answers to the forms of the page that ask for a day, each sent with an odd one."""
    forms = Forms(page.text).found if page.mimetype == "text/html" else []
    for n, (action, fields, days) in enumerate(forms):
        if days and "csrf_token" in fields:
            day = DAYS[n % 2]
            sent = {name: f"{day}T10:00" if "T" in typed else day for name, typed in days.items()}
            visitor.token = fields["csrf_token"]
            yield visitor.ask("POST", action or url, **{**fields, **sent})


def test_no_address_and_no_form_stumbles_over_odd_days_and_numbers(app, found, askers):
    rules = [one for one in sorted(app.url_map.iter_rules(), key=str) if "GET" in one.methods]
    read, refused = 0, 0
    for who, rooms in ROOMS.items():
        for url in [address(one, found) for one in rules if one.rule.startswith(rooms)]:
            answer = ask_oddly(askers[who], url, DAYS[1], BEYOND)
            if answer.mimetype == "text/html" and 'type="date"' in answer.text:
                assert ask_oddly(askers[who], url, DAYS[0], -BEYOND).status_code < 500, url
            for said in send_oddly(askers[who], url, answer):
                assert said.status_code < 500, url
                refused += "Enter a day from 1900-01-01 to 2199-12-31" in said.text
            assert answer.status_code < 500, url
            read += answer.status_code == 200
    assert read > 150
    assert refused > 15


def test_a_number_beyond_every_key_is_nothing_that_is_there(askers):
    for url in ("/staff/dues/%d", "/staff/dues/payments/%d/refund", "/invoices/%d"):
        assert askers["staff"].ask("GET", url % BEYOND).status_code == 404
