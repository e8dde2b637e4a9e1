"""Full text search on many machines: PostgreSQL, in the database that they share already."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from weakref import finalize

from psycopg import errors
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError

from portal.core.search import postgres_store as store
from portal.core.search.document import Document, Progress, Query, Results, Unavailable
from portal.core.search.postgres_search import Search
from portal.core.search.postgres_sight import Sight
from portal.core.search.synonyms import Source, Synonyms
from portal.core.search.understanding import SHORTEST_PREFIX

TIME_LIMIT = 0.5  # seconds for each question; then a search answers with what it has


class PostgresEngine:
    """Its few connections are its own: a page that holds one already must not wait for another."""

    def __init__(
        self, url: str, synonyms: Source = Synonyms, time_limit: float = TIME_LIMIT,
        home: str = store.HOME,
    ) -> None:  # fmt: skip
        self._pool = create_engine(
            url, pool_size=2, max_overflow=8, pool_pre_ping=True,
            connect_args={"options": "-c jit=off"},
        )  # fmt: skip
        finalize(self, self._pool.dispose)
        self._synonyms = synonyms
        self._time_limit = time_limit
        self._home = home

    def search(self, query: Query, synonyms: Synonyms | None = None) -> Results:
        """Never refuses a text; other `synonyms` can be tried.

        Raises `Unavailable` when the index cannot be read.
        """
        with self._reading() as (connection, name):
            if name is None:
                return Results()
            sight = Sight(connection, name, query.audiences)
            try:
                return Search(sight, query, synonyms or self._synonyms()).results()
            except DBAPIError as fault:
                if _ran_out(fault):
                    return Results(timed_out=True, is_estimate=True)
                raise

    def suggest(
        self, prefix: str, audiences: frozenset[str], kinds: frozenset[str] | None = None
    ) -> list[str]:
        """Titles this reader may see that complete what was typed, from three letters on.

        None when time runs out: nobody waits for a suggestion.
        """
        with self._reading() as (connection, name):
            if name is None or len(prefix.strip()) < SHORTEST_PREFIX:
                return []
            sight = Sight(connection, name, audiences)
            query = Query(prefix, audiences, kinds=kinds, while_typing=True)
            try:
                return Search(sight, query, self._synonyms()).titles()
            except DBAPIError as fault:
                if _ran_out(fault):
                    return []
                raise

    def write(self, documents: Iterable[Document], removed_keys: Iterable[str] = ()) -> None:
        """Add or replace documents and remove others, in one commit; for the job queue alone."""
        changed = {document.key: document for document in documents}
        with self._writing() as connection:
            known = store.current(connection, self._home)
            if known is None:
                name = store.create(connection, self._home)
                store.finish(connection, name)
                store.swap_in(connection, self._home, name)
            else:
                name = known.name
                store.remove(connection, name, {*changed, *removed_keys})
            store.add(connection, name, changed.values(), None)

    def rebuild(self, documents: Iterable[Document], progress: Progress) -> None:
        """Index everything anew beside the old, then swap; searches go on, other writers wait."""
        with self._writing() as connection:
            name = store.create(connection, self._home)
            store.add(connection, name, documents, progress)
            store.finish(connection, name)
            store.swap_in(connection, self._home, name)

    def count(self) -> int:
        with self._reading() as (connection, name):
            if name is None:
                return 0
            asked = f"SELECT count(*) FROM {name}.documents WHERE share = 'all'"
            return connection.exec_driver_sql(asked).scalar_one()

    def forget(self) -> None:
        """Take every trace of the index out of the database."""
        with self._writing() as connection:
            store.forget(connection, self._home)

    def is_healthy(self) -> str | None:
        """What is wrong with the index, in words; None when it can be searched."""
        try:
            with self._reading() as (_, name):
                if name is None:
                    return "the search index has not been made: run portal reindex"
            self.count()
        except Unavailable as broken:
            return str(broken)
        return None

    def close(self) -> None:
        """Close what nobody is using; a thread has nothing open of its own."""
        self._pool.pool.dispose()

    @contextmanager
    def _reading(self) -> Iterator[tuple[Connection, str | None]]:
        """One state of the index for all questions of a search."""
        with _readably(self._pool.connect) as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            limit = f"SET LOCAL statement_timeout = {max(1, int(self._time_limit * 1000))}"
            connection.exec_driver_sql(limit)
            known = store.current(connection, self._home)
            yield connection, known and known.name

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _readably(self._pool.begin) as connection:
            store.be_the_only_writer(connection, self._home)
            yield connection


def _ran_out(fault: DBAPIError) -> bool:
    """Of time, that is: any other fault is a fault."""
    return isinstance(fault.orig, errors.QueryCanceled)


@contextmanager
def _readably(opened: Callable[[], object]) -> Iterator[Connection]:
    """Raises `Unavailable` for whatever the database has to say."""
    try:
        with opened() as connection:  # type: ignore[attr-defined]
            yield connection
    except DBAPIError as broken:
        raise Unavailable(
            "The search index cannot be read: make it anew with reindex."
        ) from broken
