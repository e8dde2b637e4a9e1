"""The whole library is taken along, and an empty portal holds it to the last byte."""

import zipfile
from hashlib import sha256

import pytest

from tests.portals import another_database
from tests.test_commands import FOUNDING, Portal


def sums(folder):
    files = [one for one in folder.rglob("*") if one.is_file()]
    return {
        one.relative_to(folder).as_posix(): sha256(one.read_bytes()).hexdigest() for one in files
    }


@pytest.fixture(scope="module")
def exported(demo, tmp_path_factory):
    """The library of the demo as an operator writes it out: practices, and what they carry."""
    folder = tmp_path_factory.mktemp("exported")
    demo.run("content", "export", str(folder))
    held = sums(folder)
    assert sum(one.endswith(".md") for one in held) >= 40
    assert any("/files/" in one for one in held)
    return folder


@pytest.fixture
def empty(tmp_path, database_url):
    """A portal of its own that holds nothing yet."""
    with another_database(database_url, tmp_path, "empty") as url:
        made = Portal(tmp_path / "empty")
        made.settings["DATABASE_URL"] = url
        yield made


def test_an_editor_fetches_the_same_files(people, exported, tmp_path):
    editor = people().sign_in("editor").go("/staff/library/files")
    with editor.page.expect_download() as fetched:
        editor.page.locator("main").get_by_role("link", name="Fetch the ZIP").click()
    with zipfile.ZipFile(fetched.value.path()) as archive:
        archive.extractall(tmp_path)
    assert sums(tmp_path / "library") == sums(exported)


def test_a_new_portal_takes_every_file_over_and_gives_it_out_unchanged(exported, empty, tmp_path):
    empty.run("init", *FOUNDING)
    empty.run("content", "sync", exported)
    empty.run("content", "export", tmp_path / "again")
    assert sums(tmp_path / "again") == sums(exported)


def test_a_restored_portal_gives_every_file_out_unchanged(demo, exported, empty, tmp_path):
    demo.run("backup", str(tmp_path / "whole.backup"))
    empty.run("restore", tmp_path / "whole.backup")
    empty.run("content", "export", tmp_path / "again")
    assert sums(tmp_path / "again") == sums(exported)
