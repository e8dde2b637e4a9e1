"""Every account of the demo follows every kind of link it is shown, and none leads nowhere."""

import re
from functools import cache
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest

from portal import create_app
from portal.accounts.models import Person
from portal.core.config import Settings
from portal.core.db import db
from portal.demo.running import ACCOUNTS
from portal.dues.models import Invoice
from portal.members.models import Affiliation
from portal.members.queries import firm_of
from tests.browser import Browser
from tests.founded import lay

pytestmark = pytest.mark.slow  # it founds an association
SITE = "http://demo.test"
WORDS = re.compile(r"[\w.+-]+@[\w.-]+\w|LH-\d{4}-\d{6}")
TIMES = 1  # pages looked at behind one kind of link, for each account


@pytest.fixture(autouse=True)
def empty_tables():
    """The founding is made once, in a database of its own."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory, kept_demo):
    folder = tmp_path_factory.mktemp("walk")
    lay(kept_demo, folder)
    app = create_app(
        Settings(
            secret_key="demo" * 8, site_url=SITE, data=folder, demo=True,
            database_url=f"sqlite:///{folder}/portal.db", staff_second_factor="optional",
        )
    )  # fmt: skip
    with app.app_context():
        yield app
        db.session.rollback()


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        href = dict(attrs).get("href")
        if tag == "a" and href and not href.startswith(("mailto:", "tel:", "#")):
            self.found.append(href)


def kind_of(url: str) -> str:
    """Links that differ only in what they point at, or in the filter, are of one kind."""
    path = re.sub(r"/\d+", "/1", urlsplit(url).path)
    named = re.sub(r"^/(library|places|committees|events/orders)/[^/]+", r"/\1/x", path)
    asked = {name for name, _ in parse_qsl(urlsplit(url).query)}
    return f"{named}?{sorted(asked) if len(asked) <= 2 else 'many filters at once'}"


@pytest.fixture(scope="module")
def walked(demo):
    """What one account met: `{"/from -> /to": status}` and `{url: page}`; each walks once."""

    @cache
    def go(account):
        browser = Browser(demo.test_client())
        if account == "visitor":
            return walk(browser, ["/"])
        browser.sign_in(_person(account))
        return walk(browser, ["/", "/dashboard"])

    return go


def _person(account):
    return db.session.query(Person).filter_by(email=f"{account}@demo.example").one()


def walk(browser: Browser, starts: list[str]) -> tuple[dict[str, int], dict[str, str]]:
    """Follow every kind of link from the pages in `starts`."""
    waiting, seen, answers, pages = [("", start) for start in starts], {}, {}, {}
    while waiting:
        source, url = waiting.pop(0)
        kind = kind_of(url)
        if seen.setdefault(kind, 0) == TIMES or url in answers:
            continue
        seen[kind] += 1
        response = browser.send("GET", url)
        answers[url] = (source, response.status_code)
        if response.status_code == 200 and response.mimetype == "text/html":
            pages[url] = response.text
            waiting += [(url, one) for one in _links_here(url, response.text)]
    return {f"{source} -> {url}": status for url, (source, status) in answers.items()}, pages


def _links_here(url: str, html: str) -> list[str]:
    targets = [urljoin(f"{SITE}{url}", href) for href in Links(html).found]
    here = [one for one in map(urlsplit, targets) if one.netloc == urlsplit(SITE).netloc]
    return [one._replace(scheme="", netloc="", fragment="").geturl() for one in here]


@pytest.mark.parametrize("account", ["visitor", *(name for name, _ in ACCOUNTS)])
def test_no_link_shown_to_an_account_leads_nowhere(walked, account):
    answers, _pages = walked(account)
    assert len(answers) > 30
    assert {link: status for link, status in answers.items() if status >= 400} == {}


OUTSIDERS = ("rival", "lapsed", "newcomer", "person")


@pytest.mark.parametrize("account", OUTSIDERS)
def test_no_page_shows_an_account_what_is_another_firms(demo, walked, account):
    me = _person(account)
    mine = firm_of(me)
    own = mine.id if mine else None
    bills = db.session.query(Invoice).filter(Invoice.organization_id.is_distinct_from(own)).all()
    others = {one.number: one.id for one in bills}
    seats = (
        db.session.query(Affiliation)
        .filter(Affiliation.organization_id.is_distinct_from(own))
        .all()
    )
    strangers = {one.person.email for one in seats if one.person_id != me.id}
    assert len(others) > 250
    assert len(strangers) > 100
    secret = strangers | set(others)
    _answers, pages = walked(account)
    shown = [
        (url, word) for url, page in pages.items() for word in secret & set(WORDS.findall(page))
    ]
    assert shown == []
    browser = Browser(demo.test_client())
    browser.sign_in(me)
    for number in list(others.values())[::40]:
        for url in (f"/invoices/{number}", f"/invoices/{number}/pdf"):
            assert browser.send("GET", url).status_code == 404
    assert browser.send("GET", "/staff/").status_code == 403
