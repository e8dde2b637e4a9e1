"""Every engine goes through the same suite: Whoosh, or PostgreSQL where the tests run on it."""

import os
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine

from portal.core.search import PostgresEngine, WhooshEngine
from portal.core.search.synonyms import from_file

SYNONYMS = """
# what the trade says, and what it says instead
attrition, turnover, early leavers
AHT, average handling time
churn -> customer loss
x, single letter
yield -> walk out | not with tax | Read as people who leave.
"""


class WhooshPlace:
    def __init__(self, folder, synonyms):
        self._folder = folder / "index"
        self._synonyms = synonyms

    def engine(self, time_limit=5):
        return WhooshEngine(self._folder, self._synonyms, time_limit)

    @contextmanager
    def without_time(self):
        """An engine that has no time to answer."""
        engine = self.engine(time_limit=0)
        yield engine
        engine.close()

    def indexes(self):
        return sorted(path.name for path in self._folder.glob("index-*"))

    def damage(self):
        for path in self._folder.glob("index-*/*"):
            path.write_bytes(b"damaged")

    def outdate(self):
        (self._folder / "current.json").write_text('{"format": 0, "folder": "index-x"}')


class PostgresPlace:
    def __init__(self, url, synonyms):
        self._url, self._synonyms = url, synonyms
        self.remove()

    def remove(self):
        """Nothing of an index; the portal of the other tests makes its own anew."""
        for name in ["portal_search", *self.indexes()]:
            self._run(f"DROP SCHEMA IF EXISTS {name} CASCADE")

    def engine(self, time_limit=5):
        return PostgresEngine(self._url, self._synonyms, time_limit)

    @contextmanager
    def without_time(self):
        """An engine whose questions wait for a table until they have no time left."""
        engine, database = self.engine(time_limit=0.02), create_engine(self._url)
        with database.begin() as holder:
            for name in self.indexes():
                holder.exec_driver_sql(f"LOCK TABLE {name}.documents IN ACCESS EXCLUSIVE MODE")
            yield engine
        engine.close()
        database.dispose()

    def indexes(self):
        asked = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'portal_search_')"
        return [name for (name,) in self._run(asked)]

    def damage(self):
        for name in self.indexes():
            self._run(f"DROP TABLE {name}.documents")

    def outdate(self):
        self._run("UPDATE portal_search.current SET format = 0")

    def _run(self, statement):
        database = create_engine(self._url)
        with database.begin() as connection:
            done = connection.exec_driver_sql(statement)
            rows = done.all() if done.returns_rows else []
        database.dispose()
        return rows


ENGINES = ["postgres" if os.environ.get("TEST_DATABASE_URL") else "whoosh"]


@pytest.fixture(autouse=True)
def empty_tables():
    """The tables of the application stay as they are."""


@pytest.fixture
def synonyms(tmp_path):
    path = tmp_path / "synonyms.txt"
    path.write_text(SYNONYMS, "utf-8")
    return from_file(path)


@pytest.fixture(params=ENGINES)
def place(request, tmp_path, synonyms):
    if request.param == "whoosh":
        yield WhooshPlace(tmp_path, synonyms)
        return
    place = PostgresPlace(request.getfixturevalue("database_url"), synonyms)
    yield place
    place.remove()


@pytest.fixture
def engine(place):
    engine = place.engine()
    yield engine
    engine.close()
