"""Health: 200 when every part is well, 503 and the part that is not."""

import pytest

from portal.core import migrations
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


def test_a_database_that_is_not_migrated_is_named(well):
    client, _ = well
    migrations.downgrade("base")
    said = health(client, 503)
    assert "portal migrate" in said["database"]
    assert said["jobs"] == said["mail"] == "the database is away"
