"""Several machines on one folder: each wakes its own worker, and `portal check` warns."""

import sqlite3
from pathlib import Path

import pytest
from flask import Flask

from portal.core import jobs
from portal.core.config import Settings
from portal.core.network_folders import fault, network_kind

MOUNTED = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
36 22 0:40 / /srv rw,relatime shared:1 - nfs4 files:/portal rw
37 36 8:2 / /srv/own\\040disk rw - xfs /dev/sdb1 rw
"""
POSTGRES = "postgresql+psycopg://portal@db/portal"


def portal_on(machine, data, **facts):
    given = {"secret_key": "s" * 32, "site_url": "https://portal.example.org", "data": Path(data)}
    given |= {"database_url": POSTGRES, "search_engine": "postgres", "machine": machine}
    return Settings(**(given | facts))


def test_on_postgresql_each_machine_has_a_file_of_its_own():
    files = {portal_on(name, "/srv").jobs_file for name in ("web-1", "web-2", "web/3")}
    assert files == {Path(f"/srv/huey-{name}.db") for name in ("web-1", "web-2", "web-3")}


def test_on_sqlite_there_is_one_machine_and_one_file():
    here = portal_on("web-1", "/srv", database_url="sqlite:////srv/p.db", search_engine="whoosh")
    assert here.jobs_file == Path("/srv/huey.db")


def test_a_setting_puts_the_file_on_the_machine_s_own_disk(tmp_path):
    own = tmp_path / "own" / "huey.db"
    here = portal_on("web-1", tmp_path / "shared", jobs_url=f"sqlite:///{own}")
    jobs.make_engine(Flask("web-1"), here)
    assert own.exists()
    assert list((tmp_path / "shared").iterdir()) == []


def test_a_machine_that_locks_its_file_keeps_no_other_from_waking_its_worker(tmp_path):
    engines = {}
    for name in ("web-1", "web-2"):
        engines[name] = jobs.make_engine(Flask(name), portal_on(name, tmp_path))
    held = sqlite3.connect(tmp_path / "huey-web-1.db", isolation_level=None)
    held.execute("begin exclusive")
    engines["web-2"].storage.enqueue(b"wake")
    assert engines["web-2"].storage.queue_size() == 1
    held.close()
    for engine in engines.values():
        engine.storage.close()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("/srv", "nfs4"), ("/srv/portal/var", "nfs4"), ("/srv/own disk/var", None), ("/var", None)],
)
def test_a_folder_is_of_the_network_when_its_nearest_mount_is(folder, kind):
    assert network_kind(Path(folder), MOUNTED) == kind


def test_what_may_not_lie_there_is_said_with_the_setting_that_moves_it():
    alone = portal_on("web-1", "/srv", database_url="sqlite:////srv/p.db", search_engine="whoosh")
    said = fault(alone, MOUNTED)
    for word in ("nfs4", "DATABASE_URL", "SEARCH_ENGINE=postgres", "huey.db", "JOBS_URL"):
        assert word in said
    many = portal_on("web-1", "/srv")
    assert fault(many, MOUNTED).startswith("huey-web-1.db lies on a network folder (nfs4)")
    assert fault(portal_on("web-1", "/srv", jobs_url="sqlite:////run/h.db"), MOUNTED) is None
    assert fault(portal_on("web-1", "/var/lib/portal", search_engine="whoosh"), MOUNTED) is None


def test_this_machine_s_own_mounts_can_be_read(tmp_path):
    assert network_kind(tmp_path, Path("/proc/self/mountinfo").read_text()) is None
