"""Health: 200 when every part is well, 503 and the part that is not."""

import shutil
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.core import clock, migrations
from portal.core.db import db
from portal.core.jobs import Job
from portal.core.mail import OutgoingMail
from portal.core.search import index
from tests.make import make_association
from tests.portals import another_database, another_portal


@pytest.fixture
def well(settings, database_url, tmp_path):
    """A portal of its own, migrated and indexed as a real one is; its client and folder."""
    with (
        another_database(database_url, tmp_path) as url,
        another_portal(settings, url, tmp_path / "data") as app,
    ):
        migrations.upgrade()
        make_association()
        index.rebuild(lambda _done, _of: None)
        yield app.test_client(), tmp_path / "data"


def health(client, status):
    answer = client.get("/health")
    assert answer.status_code == status
    return answer.json


def test_a_well_portal_says_so_with_its_version_and_no_secret(well):
    client, _ = well
    said = health(client, 200)
    assert said.pop("version")
    assert set(said.values()) == {"ok"}


def test_files_that_cannot_be_kept_are_named(well):
    client, folder = well
    (folder / "files").write_text("a file where the folder should be")
    said = health(client, 503)
    assert said["status"] == "ill"
    assert said["storage"].startswith("files cannot be written")
    assert said["database"] == "ok"


def test_jobs_that_nobody_runs_and_mail_that_does_not_leave_are_named(well):
    client, _ = well
    asked = clock.now() - timedelta(hours=1)
    db.session.add(Job(key="late", handler="x", arguments={}, due_at=asked))
    facts = dict.fromkeys(("template", "recipient", "subject", "text", "html", "message_id"), "x")
    db.session.add(OutgoingMail(queued_at=asked, **facts))
    db.session.commit()
    said = health(client, 503)
    assert said["jobs"].startswith("1 jobs are late")
    assert said["mail"].startswith("1 mails wait")
    assert said["search"] == said["database"] == "ok"


def test_a_search_index_that_is_gone_is_named(well):
    client, folder = well
    shutil.rmtree(folder / "search", ignore_errors=True)
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("DROP SCHEMA portal_search CASCADE"))
        db.session.commit()
    assert "portal reindex" in health(client, 503)["search"]


def test_no_secret_of_the_settings_is_told(well, settings):
    client, _ = well
    told = client.get("/health").text
    for secret in (settings.secret_key, settings.stripe_key, settings.smtp_url,
                   settings.database_url, str(settings.data)):  # fmt: skip
        assert secret not in told


def test_a_database_that_is_not_migrated_is_named(well):
    client, _ = well
    migrations.downgrade("base")
    said = health(client, 503)
    assert "portal migrate" in said["database"]
    assert said["jobs"] == said["mail"] == "the database is away"
