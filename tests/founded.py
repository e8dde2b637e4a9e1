"""The demo association, founded once a run and laid wherever a test needs one of its own."""

import fcntl
import os
import shutil
import subprocess

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.running import PORTAL


def lay(kept, data, database_url=""):
    """A copy in `data`, and in that PostgreSQL database if one is given; the first call founds."""
    kept.mkdir(exist_ok=True)
    with (kept / "lock").open("w") as lock:  # processes of one run share what is kept
        fcntl.flock(lock, fcntl.LOCK_EX)
        here = kept / ("beside_a_server" if database_url else "in_a_file")
        if not here.exists():
            _found(kept / "part", _beside(database_url))
            (kept / "part").rename(here)
        shutil.copytree(here, data, dirs_exist_ok=True)
        if database_url:
            _clone(database_url)


def _found(folder, database_url):
    if database_url:
        _ask(database_url, "DROP DATABASE IF EXISTS {0}", "CREATE DATABASE {0}")
    env = os.environ | {"DEMO": "1", "PORTAL_DATA": str(folder), "DATABASE_URL": database_url}
    for verb in ("migrate", "seed-demo"):
        done = subprocess.run([PORTAL, verb], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def _beside(database_url):
    """Where a founded database is kept on the same server; no run has two servers."""
    if not database_url:
        return ""
    kept = make_url(database_url).set(database="portal_founded")
    return kept.render_as_string(hide_password=False)


def _clone(database_url):
    kept = make_url(_beside(database_url)).database
    drop = "DROP DATABASE IF EXISTS {0} WITH (FORCE)"
    _ask(database_url, drop, f'CREATE DATABASE {{0}} TEMPLATE "{kept}"')


def _ask(database_url, *statements):
    url = make_url(database_url)
    server = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        for one in statements:
            connection.execute(text(one.format(f'"{url.database}"')))
    server.dispose()
