"""Fixtures: an app on empty tables, a browser, real servers for mail and Stripe, a clock."""

import gc
import os
import sqlite3
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, event

from portal import create_app
from portal.core import clock, jobs
from portal.core.config import Settings
from portal.core.db import Model, db, writing
from portal.demo.running import free_port
from tests import make, tables
from tests.browser import Browser
from tests.demo.sandbox_process import running_sandbox
from tests.smtp_server import SmtpServer

WEBHOOK_SECRET = "whsec_test"

# A machine that is busy with something else must not make a true test fail.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


@pytest.fixture(scope="session")
def scratch():
    """A folder for this run: in memory where the machine has such a place."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def kept_demo(tmp_path_factory):
    """Where the processes of this run keep the demo association for `lay`, founded once."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "founded"


@pytest.fixture(scope="session")
def smtp():
    with SmtpServer() as server:
        yield server


@pytest.fixture(scope="session")
def database_url(scratch):
    """This process's own database: SQLite, or one of those in TEST_DATABASE_URL."""
    given = os.environ.get("TEST_DATABASE_URL", "").split()
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    return given[worker] if given else f"sqlite:///{scratch}/test.db"


@pytest.fixture(scope="session")
def settings(scratch, smtp, database_url):
    return Settings(
        secret_key="t" * 32,
        site_url="http://portal.test",
        data=scratch,
        database_url=database_url,
        smtp_url=f"smtp://127.0.0.1:{smtp.port}",
        mail_from="Testhall <portal@testhall.example>",
        stripe_key="sk_test_portal",
        stripe_url=f"http://127.0.0.1:{free_port()}",
        stripe_webhook_secrets=(WEBHOOK_SECRET,),
        staff_second_factor="optional",
        search_engine="whoosh" if database_url.startswith("sqlite") else "postgres",
        testing=True,
    )


@pytest.fixture(scope="session")
def app(settings):
    app = create_app(settings)
    with app.app_context():
        Model.metadata.drop_all(db.engine)
        Model.metadata.create_all(db.engine)
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000)
        yield app
        gc.unfreeze()  # at the very end pytest looks through everything once more
        db.session.rollback()
        db.engine.dispose()


@event.listens_for(Engine, "connect")
def back_to_front(connection, _record):
    """Rows nobody asked an order for come in another: PostgreSQL promises none either."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects = ON")


@pytest.fixture(autouse=True)
def empty_tables(app):
    """Every test begins with empty tables and the association's own row."""
    make.lay_association()
    with writing():  # a client that was asked here before may have left it to reading
        yield
    db.session.rollback()
    db.session.expunge_all()
    db.session.info.pop("association", None)  # it outlives the test, the row does not
    tables.empty()


@pytest.fixture(autouse=True, scope="module")
def nothing_left_open():
    """A connection a test left open fails in its own file, not in whichever comes later."""
    yield
    gc.collect()
    gc.freeze()  # what is left stays, mostly, and is not looked through after every file


@pytest.fixture
def browser(app):
    return Browser(app.test_client())


@pytest.fixture
def another_browser(app):
    return Browser(app.test_client())


@pytest.fixture
def at(monkeypatch):
    """Set the clock: `at(2026, 3, 1)`."""

    def set_clock(*parts):
        monkeypatch.setattr(clock, "now", lambda: datetime(*parts, tzinfo=UTC))

    return set_clock


@pytest.fixture
def sent(smtp):
    """Deliver what is due, then every mail the real SMTP server has received in this test."""
    smtp.clear()

    def deliver():
        jobs.work()
        return smtp.messages

    return deliver


@pytest.fixture
def statements(app):
    """Every SQL statement since the test began (or since `.clear()`)."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture(scope="session")
def sandbox(settings, scratch):
    """The local Stripe sandbox, a process of its own; tests deliver its webhooks by hand."""
    port = urlsplit(settings.stripe_url).port
    with running_sandbox(scratch / "sandbox", webhook_secret=WEBHOOK_SECRET, port=port) as running:
        yield running


@pytest.fixture
def stripe(sandbox):
    """The sandbox with nothing in it."""
    sandbox.forget()
    yield sandbox
    sandbox.forget()


# What starts processes, threads or databases of its own, times itself, asks thousands of pages,
# tries what a machine thinks up or lives through the months of a membership: `make quick` leaves
# it to `make test`, and so it does with all that needs the Stripe sandbox or a mail server.
NOT_QUICK = (
    "tests/demo/", "tests/journeys/", "tests/proofs/", "tests/test_commands.py",
    "tests/test_permissions.py", "tests/test_migrations.py", "tests/test_sent_twice.py",
    "tests/test_house_rules.py::test_every_template_compiles",
    "tests/accounts/test_protection.py", "tests/accounts/test_limits.py",
    "tests/accounts/test_at_one_moment.py",
    "tests/core/search/test_speed.py", "tests/core/search/test_writing.py",
    "tests/core/test_backup.py", "tests/core/test_mail_over_tls.py",
    "tests/core/test_markdown.py::test_no_text_that_the_form_takes_is_slow",
    "tests/core/test_sheets.py::test_any_text", "tests/dues/test_bank.py::test_any_split",
    "tests/dues/test_bank.py::test_lines_that_the_bank_named", "tests/dues/test_pricing_twice.py",
    "tests/dues/test_five_firms.py",
    "tests/dues/test_races.py", "tests/dues/test_card_races.py", "tests/dues/test_odd_asks.py",
    "tests/home/test_health.py", "tests/home/test_when_the_database_is_away.py",
    "tests/home/test_pages.py::test_a_page_asks_the_same_few",
    "tests/legislation/test_importing.py::test_any_order_ends",
    "tests/legislation/test_measures.py", "tests/legislation/test_telling.py",
    "tests/library/test_races.py", "tests/library/test_practices.py",
    "tests/renewals/test_races.py", "tests/renewals/test_nights", "tests/renewals/test_access.py",
    "tests/renewals/test_bounces.py", "tests/renewals/test_converting.py",
    "tests/renewals/test_groups.py", "tests/renewals/test_leaving.py",
    "tests/renewals/test_regressions.py", "tests/renewals/test_reminding.py",
    "tests/renewals/test_renewing.py", "tests/renewals/test_taken_back.py",
    "tests/renewals/test_ladders.py::test_every_night",
)  # fmt: skip
NOT_QUICK_WITH = {"sandbox", "sent"}


# What brings a SQLite database of its own, or none, or looks at what the browser makes of a text:
# once on another database is twice the same.
OWN_DATABASE = (
    "tests/demo/", "tests/test_commands.py", "tests/test_house_rules.py",
    "tests/core/test_file_checks.py", "tests/core/test_markdown.py",
    "tests/journeys/test_stored_scripts.py",
)  # fmt: skip
# A test process takes one file after another: what takes a minute must not come last.
LONG = (
    "tests/proofs/", "tests/journeys/", "tests/demo/", "tests/test_permissions.py",
    "tests/test_commands.py", "tests/exchange/", "tests/dues/",
)  # fmt: skip


def pytest_collection_modifyitems(items):
    for item in items:
        if item.nodeid.startswith(NOT_QUICK) or NOT_QUICK_WITH.intersection(item.fixturenames):
            item.add_marker(pytest.mark.slow)
        if "browser" in item.fixturenames:
            item.add_marker(pytest.mark.view)
        if item.nodeid.startswith(OWN_DATABASE):
            item.add_marker(pytest.mark.own_database)
    items.sort(key=_place)


def pytest_runtest_logreport(report):
    """A long run says at once which test failed."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.stderr.write(f"\nFAILED {report.nodeid} ({report.when})\n")


def _place(item):
    """Long files first, all others in their order."""
    return next((at for at, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))
