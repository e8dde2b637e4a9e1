"""Where PostgreSQL keeps an index: a schema of its own for each making of it, and one pointer.

None of it is a table of the application: it is made from the database and can be made anew.
"""

import secrets
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from psycopg import Cursor, errors, sql
from psycopg.types.json import Json, Jsonb
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from portal.core.search.analyzer import STOP_WORDS
from portal.core.search.document import Document, Progress, Unavailable, known_length
from portal.core.search.postgres_texts import lexemes_of_stems, lexemes_of_words, query
from portal.core.search.rows import FORMAT, Row, rows

LAYOUT = 10 * FORMAT  # add to it when these tables change
WAIT = 10  # seconds for another writer to finish
HOME = "portal_search"  # the schema of the pointer; an index is in one whose name goes on

_POINTER = """
CREATE SCHEMA IF NOT EXISTS {home};
CREATE TABLE IF NOT EXISTS {home}.current (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  format integer NOT NULL, name text NOT NULL, former text)
"""
_TABLES = """
CREATE SCHEMA {name};
CREATE TABLE {name}.documents (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL, kind text NOT NULL, share text NOT NULL,
  audience text[] NOT NULL, barred text[] NOT NULL, facets text[] NOT NULL, exact text[] NOT NULL,
  titles tsvector NOT NULL, stems tsvector NOT NULL, words tsvector NOT NULL,
  title jsonb NOT NULL, body jsonb NOT NULL,
  title_length integer NOT NULL, body_length integer NOT NULL,
  date integer NOT NULL, reviewed integer NOT NULL, useful integer NOT NULL,
  due integer NOT NULL, boost real NOT NULL, shown json NOT NULL);
CREATE TABLE {name}.stems (
  field text, stem text COLLATE "C", documents integer NOT NULL, PRIMARY KEY (stem, field));
CREATE TABLE {name}.vocabulary (word text COLLATE "C" PRIMARY KEY);
CREATE TABLE {name}.facets (facet text PRIMARY KEY);
CREATE TABLE {name}.totals (documents bigint, title bigint, body bigint);
INSERT INTO {name}.totals VALUES (0, 0, 0)
"""
_INDEXES = """
CREATE INDEX ON {name}.documents (key);
CREATE INDEX ON {name}.documents USING gin (titles) WITH (fastupdate = off);
CREATE INDEX ON {name}.documents USING gin (stems) WITH (fastupdate = off);
CREATE INDEX ON {name}.documents USING gin (words) WITH (fastupdate = off);
CREATE INDEX ON {name}.documents USING gin (exact) WITH (fastupdate = off)
"""
_COLUMNS = (
    "key", "kind", "share", "audience", "barred", "facets", "exact", "titles", "stems", "words",
    "title", "body", "title_length", "body_length", "date", "reviewed", "useful", "due",
    "boost", "shown",
)  # fmt: skip


class Figures:
    """What the index counts over all its documents, as it changes by some of them."""

    def __init__(self) -> None:
        self.stems: Counter[tuple[str, str]] = Counter()
        self.words: set[str] = set()
        self.facets: set[str] = set()
        self.totals: Counter[str] = Counter()

    def count(
        self, title: Iterable[str], body: Iterable[str], words: Iterable[str], by: int
    ) -> None:
        """Of words as they were written only the stop words, which have no stems."""
        common = STOP_WORDS.intersection(words)
        for field, found in (("title", title), ("body", body), ("words", common)):
            for stem in found:
                self.stems[field, stem] += by

    def add_up(self, title_length: int, body_length: int, by: int) -> None:
        self.totals.update(documents=by, title=by * title_length, body=by * body_length)


class Current(NamedTuple):
    name: str
    former: str | None


def current(connection: Connection, home: str) -> Current | None:
    """The index in use; None before the first, or after a change of format."""
    try:
        with connection.begin_nested():
            found = connection.exec_driver_sql(
                f"SELECT name, former FROM {home}.current WHERE format = %s", (LAYOUT,)
            ).one_or_none()
    except DBAPIError as fault:
        if isinstance(fault.orig, errors.UndefinedTable | errors.InvalidSchemaName):
            return None
        raise
    return Current(*found) if found else None


def be_the_only_writer(connection: Connection, home: str) -> None:
    """Until the transaction ends, and so does a dead one's. Raises `Unavailable`."""
    until = time.monotonic() + WAIT
    asked = f"SELECT pg_try_advisory_xact_lock(hashtext('{home}'))"
    while not connection.exec_driver_sql(asked).scalar():
        if time.monotonic() > until:
            raise Unavailable("The search index is being written: try again later.")
        time.sleep(0.02)


def create(connection: Connection, home: str) -> str:
    """An index of its own, that nobody reads yet."""
    name = f"{home}_{secrets.token_hex(6)}"
    connection.exec_driver_sql(_TABLES.format(name=name))
    return name


def finish(connection: Connection, name: str) -> None:
    """Make the ways in once everything is there: far sooner than entry by entry."""
    connection.exec_driver_sql(_INDEXES.format(name=name))
    connection.exec_driver_sql(f"ANALYZE {name}.documents")


def swap_in(connection: Connection, home: str, name: str) -> None:
    """Make it the current one; the former stays for those still reading it, older ones go."""
    connection.exec_driver_sql(_POINTER.format(home=home))
    before = current(connection, home)
    former = before.name if before else None
    connection.exec_driver_sql(f"DELETE FROM {home}.current")
    connection.exec_driver_sql(
        f"INSERT INTO {home}.current (format, name, former) VALUES (%s, %s, %s)",
        (LAYOUT, name, former),
    )
    _sweep(connection, home, {name, former})


def forget(connection: Connection, home: str) -> None:
    """Every index of this home, and the pointer."""
    _sweep(connection, home, set())
    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {home} CASCADE")


def _sweep(connection: Connection, home: str, kept: set[str | None]) -> None:
    asked = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)"
    for name in connection.exec_driver_sql(asked, (f"{home}_",)).scalars().all():
        if name not in kept:
            connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")


def add(
    connection: Connection, name: str, documents: Iterable[Document], progress: Progress | None,
) -> None:  # fmt: skip
    figures = Figures()
    target = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(name, "documents"), sql.SQL(", ").join(map(sql.Identifier, _COLUMNS))
    )
    done, total = 0, known_length(documents)
    with _cursor(connection) as cursor, cursor.copy(target) as copy:
        for done, document in enumerate(documents, 1):
            for row in rows(document):
                copy.write_row(_values(row, figures))
            if progress and not done % 100:
                progress(done, total)
    _keep(connection, name, figures)
    if progress:
        progress(done, done)


def remove(connection: Connection, name: str, keys: Iterable[str]) -> None:
    gone = connection.exec_driver_sql(
        f"DELETE FROM {name}.documents WHERE key = ANY(%s) "
        "RETURNING title, body, tsvector_to_array(words), title_length, body_length",
        (list(keys),),
    )
    figures = Figures()
    for title, body, words, title_length, body_length in gone:
        figures.count(title, body, words, -1)
        figures.add_up(title_length, body_length, -1)
    _keep(connection, name, figures)


def _values(row: Row, figures: Figures) -> tuple[Any, ...]:
    title: Counter[str] = Counter(row["title"])
    body: Counter[str] = Counter(row["body"])
    figures.count(title, body, row["words"], 1)
    figures.add_up(row["title_length"], row["body_length"], 1)
    figures.words.update(word for word in row["words"] if word.isalnum())
    figures.facets.update(row["facet"])
    return (
        row["key"][0], row["kind"][0], row["share"][0], row["audience"], row["barred"],
        row["facet"], row["exact"], query(title, " "), lexemes_of_stems(row),
        lexemes_of_words(row), Jsonb(title), Jsonb(body), row["title_length"], row["body_length"],
        row["date"], row["reviewed"], row["useful"], row["due"], row["boost"], Json(row["shown"]),
    )  # fmt: skip


def _keep(connection: Connection, name: str, figures: Figures) -> None:
    pairs = sorted(figures.stems.items())
    connection.exec_driver_sql(
        f"INSERT INTO {name}.stems AS s SELECT * FROM unnest(%s::text[], %s::text[], %s::int[]) "
        "ON CONFLICT (stem, field) DO UPDATE SET documents = s.documents + excluded.documents",
        ([field for (field, _), _ in pairs], [one for (_, one), _ in pairs],
         [by for _, by in pairs]),
    )  # fmt: skip
    for table, found in (("vocabulary", figures.words), ("facets", figures.facets)):
        connection.exec_driver_sql(
            f"INSERT INTO {name}.{table} SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING",
            (sorted(found),),
        )
    connection.exec_driver_sql(
        f"UPDATE {name}.totals "
        "SET documents = documents + %s, title = title + %s, body = body + %s",
        tuple(figures.totals[one] for one in ("documents", "title", "body")),
    )


def _cursor(connection: Connection) -> Cursor[Any]:
    driver = connection.connection.driver_connection
    return driver.cursor()  # type: ignore[union-attr]
