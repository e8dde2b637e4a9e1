"""kill -9 of the worker in the middle of an import: all of it is there, or nothing."""

import os
import signal
import subprocess
import time

import pytest
from sqlalchemy import create_engine, text

from portal.core import jobs, migrations
from portal.core.db import db
from portal.exchange import actions
from portal.exchange.models import Import, ImportMode
from tests.exchange.bringing import as_csv
from tests.make import make_association, make_person
from tests.portals import another_database, another_portal
from tests.running import PORTAL

pytestmark = pytest.mark.slow  # it starts and kills workers
FIRMS = 1200


def checked_import():
    """The number of a large file's import that was checked and told to run."""
    rows = [(f"A{n}", f"Firm {n}", "PH", f"R{n}") for n in range(FIRMS)]
    body = as_csv(("Member no", "Name", "Country", "Registration no"), *rows)
    found = actions.start("firms", "large.csv", body, make_person("admin"))
    db.session.commit()
    jobs.work()
    return found.id


def worker(url, folder):
    env = os.environ | {
        "DATABASE_URL": url, "PORTAL_DATA": str(folder), "SECRET_KEY": "k" * 32,
        "SITE_URL": "http://portal.test", "SMTP_URL": "smtp://127.0.0.1:9",
        "MAIL_FROM": "Hall <hall@portal.test>", "STAFF_SECOND_FACTOR": "optional",
    }  # fmt: skip
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([PORTAL, "worker"], env=env, start_new_session=True, **quiet)


def ask(engine, sql):
    with engine.connect() as connection:
        return connection.execute(text(sql)).scalar()


def until(engine, sql, seconds=600):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ask(engine, sql):
            return
        time.sleep(0.02)
    raise AssertionError(sql)


def kill(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("delay", [0, 0.4])
def test_all_or_nothing_survives_a_kill(settings, database_url, tmp_path, delay):
    folder = tmp_path / "data"
    with another_database(database_url, tmp_path, "killed") as url:
        with another_portal(settings, url, folder):
            migrations.upgrade()
            make_association()
            number = checked_import()
            actions.begin(db.session.get(Import, number), ImportMode.WHOLE)
            db.session.commit()
        engine = create_engine(url)
        count = "SELECT count(*) FROM organizations"
        halfway = (
            f"SELECT count(*) FROM jobs WHERE key = 'import:{number}:2' AND progress >= {FIRMS}"
        )
        first = worker(url, folder)
        try:
            until(engine, halfway)  # every row is checked again: now they are written
            time.sleep(delay)
        finally:
            kill(first)
        assert ask(engine, count) in (0, FIRMS)
        with engine.begin() as connection:  # its lease would run out in five minutes
            connection.execute(text("UPDATE jobs SET leased_until = NULL WHERE done_at IS NULL"))
        second = worker(url, folder)
        try:
            until(engine, f"SELECT count(*) FROM imports WHERE id = {number} AND status = 'done'")
        finally:
            kill(second)
        assert ask(engine, count) == FIRMS
        assert ask(engine, "SELECT count(*) FROM external_ids") == FIRMS
        assert ask(engine, "SELECT count(*) FROM outgoing_mail") == 0
        engine.dispose()
