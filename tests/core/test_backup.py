"""A backup is everything; a damaged one is refused; it restores across databases."""

import gzip
import hashlib
import io
import json
import random
import tarfile
from contextlib import contextmanager

import pytest

from portal.core import audit, backup, migrations
from portal.core.backup import DamagedBackup
from portal.core.db import db
from portal.core.files import keep, store
from portal.core.states import Refused
from tests import tables
from tests.browser import Browser
from tests.dues.books import make_invoice
from tests.make import PASSWORD, make_association, make_member, make_place
from tests.portals import another_database, another_portal

PAPER = b"%PDF-1.7 a paper"


@pytest.fixture
def portal_at(settings, database_url, tmp_path):
    """A migrated portal of that name: on this run's kind of database, or in a file."""

    @contextmanager
    def open_portal(name, kind="here"):
        url = database_url if kind == "here" else "sqlite://"
        with (
            another_database(url, tmp_path, name) as address,
            another_portal(settings, address, tmp_path / name) as app,
        ):
            migrations.upgrade()
            yield app

    return open_portal


def fill():
    """A member, an invoice, places within places, and a file; the file's key."""
    make_association()
    make_member("roster_manager", email="mara@test.example", display_name="Mara Núñez")
    make_invoice()
    make_place(name="Makati", parent=make_place(name="Manila"))
    key = keep(PAPER).key
    db.session.commit()
    return key


def write(folder, name="from"):
    """The archive of the portal that is open now."""
    archive = folder / "portal.tar.gz"
    backup.write(archive, folder / name / "files")
    return archive


def restore(archive, folder, name="to"):
    return backup.restore(archive, folder / name / "files")


@pytest.mark.parametrize(("before", "after"), [("here", "file"), ("file", "here")])
def test_everything_comes_back_also_on_another_kind_of_database(
    portal_at, tmp_path, before, after
):
    with portal_at("from", before):
        key = fill()
        rows = tables.keep()
        archive = write(tmp_path)
    with portal_at("to", after):
        restore(archive, tmp_path)
        assert tables.keep() == rows
        assert store().get(key) == PAPER
        assert list(audit.broken_links()) == []
        make_place(name="A new row gets a number of its own")


def test_somebody_from_before_signs_in_with_their_password(portal_at, tmp_path):
    with portal_at("from"):
        fill()
        archive = write(tmp_path)
    with portal_at("to") as app:
        restore(archive, tmp_path)
        browser = Browser(app.test_client())
        browser.post("/sign-in", email="mara@test.example", password=PASSWORD)
        assert "Mara Núñez" in browser.get("/dashboard")


def test_a_byte_that_flips_anywhere_is_noticed_and_nothing_is_restored(portal_at, tmp_path):
    with portal_at("from"):
        fill()
        whole = write(tmp_path).read_bytes()
    chance, archive = random.Random(36), tmp_path / "flipped.tar.gz"
    with portal_at("to"):
        for at in chance.sample(range(len(whole)), 20):
            flipped = bytes([whole[at] ^ 1 << chance.randrange(8)])
            archive.write_bytes(whole[:at] + flipped + whole[at + 1 :])
            with pytest.raises(DamagedBackup, match="Nothing was restored"):
                restore(archive, tmp_path)
        assert tables.keep() == {}
        assert not (tmp_path / "to" / "files").exists()


def test_other_bytes_that_unpack_to_the_same_are_noticed_too(portal_at, tmp_path):
    with portal_at("from"):
        fill()
        archive = write(tmp_path)
    whole = archive.read_bytes()
    other = gzip.compress(gzip.decompress(whole), compresslevel=1, mtime=0)[len(backup.BARE) :]
    sealed = whole[: len(backup.HEADER) + 65]
    archive.write_bytes(sealed + other)
    assert gzip.decompress(archive.read_bytes()) == gzip.decompress(whole)
    with pytest.raises(DamagedBackup, match="packed bytes"):
        backup.read(archive)


def test_a_backup_from_before_the_seal_is_read(portal_at, tmp_path):
    with portal_at("from"):
        fill()
        archive = write(tmp_path)
    packed = archive.read_bytes().partition(b"\0\0\0\0\x02\xff")[2].partition(b"\0")[2]
    expected = backup.read(archive)
    archive.write_bytes(backup.BARE + packed)
    assert backup.read(archive) == expected


def test_an_archive_that_was_cut_short_is_refused(portal_at, tmp_path):
    with portal_at("from"):
        fill()
        archive = write(tmp_path)
    archive.write_bytes(archive.read_bytes()[:-40])
    with pytest.raises(DamagedBackup, match="damaged"):
        backup.read(archive)


def test_a_portal_that_is_in_use_is_not_written_over(portal_at, tmp_path):
    with portal_at("from"):
        fill()
        rows, archive = tables.keep(), write(tmp_path)
        with pytest.raises(Refused, match="not empty"):
            restore(archive, tmp_path, "from")
        db.session.rollback()
        assert tables.keep() == rows


def test_a_name_that_leads_out_of_the_folder_is_refused(portal_at, tmp_path):
    with portal_at("from"):
        fill()
        archive = write(tmp_path)
    forged = forge(archive, "files/../../../outside.txt")
    with portal_at("to"):
        with pytest.raises(DamagedBackup, match="outside its folder"):
            restore(forged, tmp_path)
        db.session.rollback()
        assert tables.keep() == {}
    assert not (tmp_path.parent / "outside.txt").exists()
    assert not (tmp_path / "outside.txt").exists()


def forge(archive, name):
    """The same archive with one more member of that name, its sum in the list as is proper."""
    members = backup.read(archive)
    schema = members.pop("schema").decode()
    members[name] = b"mine"
    sums = {one: hashlib.sha256(body).hexdigest() for one, body in members.items()}
    members["manifest.json"] = json.dumps({"schema": schema, "sha256": sums}).encode()
    forged = archive.with_name("forged.tar.gz")
    with (
        forged.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for one, body in members.items():
            info = tarfile.TarInfo(one)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return forged
