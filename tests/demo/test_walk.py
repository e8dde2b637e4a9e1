"""Every account of the demo follows every kind of link it is shown, and none leads nowhere."""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest

from portal import create_app
from portal.accounts.models import Person
from portal.core import migrations
from portal.core.config import Settings
from portal.core.db import db
from portal.demo import seed
from portal.demo.running import ACCOUNTS
from tests.browser import Browser

pytestmark = pytest.mark.slow  # it founds an association
SITE = "http://demo.test"
TIMES = 1  # pages looked at behind one kind of link, for each account


@pytest.fixture(autouse=True)
def empty_tables():
    """The founding is made once, in a database of its own."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("walk")
    app = create_app(
        Settings(
            secret_key="d" * 32, site_url=SITE, data=folder, demo=True,
            database_url=f"sqlite:///{folder}/demo.db", staff_second_factor="optional",
        )
    )  # fmt: skip
    with app.app_context():
        migrations.upgrade()
        seed.found(lambda *_: None)
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
    return f"{named}?{[name for name, _ in parse_qsl(urlsplit(url).query)]}"


def walk(browser: Browser, start: str) -> dict[str, int]:
    """The status behind each link followed: {"/from -> /to": 200}."""
    waiting, seen, answers = [("", start)], {}, {}
    while waiting:
        source, url = waiting.pop(0)
        kind = kind_of(url)
        if seen.setdefault(kind, 0) == TIMES or url in answers:
            continue
        seen[kind] += 1
        response = browser.send("GET", url)
        answers[url] = (source, response.status_code)
        if response.status_code == 200 and response.mimetype == "text/html":
            targets = [
                urljoin(f"http://demo.test{url}", href) for href in Links(response.text).found
            ]
            here = [one for one in map(urlsplit, targets) if one.netloc == "demo.test"]
            waiting += [
                (url, one._replace(scheme="", netloc="", fragment="").geturl()) for one in here
            ]
    return {f"{source} -> {url}": status for url, (source, status) in answers.items()}


@pytest.mark.parametrize("account", ["visitor", *(name for name, _ in ACCOUNTS)])
def test_no_link_shown_to_an_account_leads_nowhere(demo, account):
    browser = Browser(demo.test_client())
    if account != "visitor":
        email = f"{account}@demo.example"
        browser.sign_in(db.session.query(Person).filter_by(email=email).one())
    answers = walk(browser, "/") | walk(browser, "/" if account == "visitor" else "/dashboard")
    assert len(answers) > 30
    assert {link: status for link, status in answers.items() if status >= 400} == {}
