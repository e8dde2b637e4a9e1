"""A real browser in front of the whole running demo, with and without JavaScript.

`make test` walks every journey once each way: with JavaScript on SQLite, without on PostgreSQL.
JOURNEYS=both walks each both ways on the database it is given.
"""

import os
import shutil
import time

import pytest
from playwright.sync_api import sync_playwright

from tests.founded import lay
from tests.running import PASSWORD, running_demo

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip


@pytest.fixture(autouse=True)
def empty_tables():
    """Journeys have a portal of their own: nothing here touches the other tests' tables."""


@pytest.fixture(scope="session")
def demo(scratch, kept_demo, database_url):
    url = ""
    if not database_url.startswith("sqlite"):  # one for the tests of each process, one for us
        worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
        url = os.environ["TEST_DATABASE_URL"].split()[2 + worker]
    folder = scratch / "journeys"
    lay(kept_demo, folder, url)
    with running_demo(folder, url) as running:
        yield running


@pytest.fixture(scope="session")
def chromium(demo):
    """Closed before the demo is stopped, which would wait for a browser's open lines."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


class Person:
    """Somebody at a browser: goes, fills, presses, reads."""

    def __init__(self, page, demo):
        self.page, self.demo = page, demo

    def go(self, path):
        self.page.goto(path if path.startswith("http") else self.demo.url + path)
        return self

    def sign_in(self, account, password=PASSWORD):
        self.go("/sign-in").fill(email=f"{account}@demo.example", password=password)
        self.press("Sign in")
        return self

    def fill(self, **values):
        for name, value in values.items():
            field = self.page.locator(f"main [name='{name.replace('__', '-')}']").first
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            elif field.get_attribute("type") == "checkbox":
                field.check()
            else:
                field.fill(str(value))
        return self

    def press(self, words):
        return self.click(
            self.page.locator("main").get_by_role("button", name=words, exact=True).first
        )

    def follow(self, words):
        return self.click(self.page.locator("main").get_by_role("link", name=words).first)

    def click(self, what):
        """What leads to another page; that one has loaded when this returns."""
        with self.page.expect_navigation():
            what.click()
        return self

    def wait_for(self, path, words, seconds=60):
        """Come back until the worker has done what these words of the page say."""
        until = time.monotonic() + seconds
        while words not in self.go(path).text:
            assert time.monotonic() < until, self.text
            time.sleep(0.2)
        return self

    @property
    def heading(self):
        return self.page.locator("h1").inner_text()

    @property
    def text(self):
        """The words of the page; spaces that must not break are spaces."""
        return self.page.locator("main").inner_text().replace("\N{NO-BREAK SPACE}", " ")


WAYS = ("with JavaScript", "without JavaScript")
if os.environ.get("JOURNEYS") != "both":
    WAYS = WAYS[1:] if "TEST_DATABASE_URL" in os.environ else WAYS[:1]


@pytest.fixture(params=WAYS)
def people(request, chromium, demo):
    """Makes people, each with cookies of their own; nobody's page may log an error."""
    contexts, faults = [], []

    def make():
        context = chromium.new_context(java_script_enabled=request.param == "with JavaScript")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return Person(page, demo)

    make.name = request.param.split()[0]
    make.is_first = demo.walked.setdefault(request.function, request.param) == request.param
    yield make
    for context in contexts:
        context.close()
    assert faults == []
