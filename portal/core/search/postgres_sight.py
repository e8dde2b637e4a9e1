"""What one reader sees of an index in PostgreSQL: words, facets and figures, nothing hidden."""

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row

from portal.core.search.postgres_texts import query
from portal.core.search.rows import BETWEEN
from portal.core.search.spelling import letters
from portal.core.search.understanding import ENDINGS_LOOKED_AT, MOST_ENDINGS

VISIBLE = "audience && %(audiences)s AND NOT barred && %(audiences)s"
# One of our own words as a query, without any parsing.
_AS_QUERY = "('''' || word || '''')::tsquery"


class Sight:
    def __init__(self, connection: Connection, name: str, audiences: frozenset[str]) -> None:
        self.name = name
        self.audiences = sorted(audiences)
        self._connection = connection

    def ask(self, asked: str, **parameters: Any) -> list[Row[Any]]:
        """`{name}` is this index; the reader's audiences are a parameter of every question."""
        known = {"audiences": self.audiences, **parameters}
        return list(self._connection.exec_driver_sql(asked.replace("{name}", self.name), known))

    @cached_property
    def _facets(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.ask("SELECT facet FROM {name}.facets"):
            group, _, value = row.facet.partition(BETWEEN)
            found.setdefault(group, []).append(value)
        return found

    def groups(self) -> Collection[str]:
        return self._facets

    def values(self, group: str) -> Collection[str]:
        return self._facets[group]

    def has_stem(self, word: str) -> bool:
        asked = (
            f"SELECT FROM {{name}}.documents WHERE stems @@ %(one)s::tsquery AND {VISIBLE} LIMIT 1"
        )
        return bool(self.ask(asked, one=query([word])))

    def is_known(self, word: str) -> bool:
        return self.seen_with(word) > 0

    def seen_with(self, word: str) -> int:
        having = f"{{name}}.documents WHERE words @@ %(one)s::tsquery AND {VISIBLE}"
        return self.ask(f"SELECT count(*) AS n FROM {having}", one=query([word]))[0].n

    def beginning_with(self, letter: str) -> Iterator[tuple[str, int]]:
        asked = "SELECT word FROM {name}.vocabulary WHERE starts_with(word, %(letter)s)"
        for row in self.ask(asked, letter=letter):
            yield row.word, letters(row.word)

    def endings(self, prefix: str) -> list[str]:
        """Words this may become, those in most documents first."""
        asked = f"""
            SELECT word FROM (
              SELECT word, (SELECT count(*) FROM {{name}}.documents
                            WHERE words @@ {_AS_QUERY} AND {VISIBLE}) AS seen
              FROM (SELECT word FROM {{name}}.vocabulary
                    WHERE starts_with(word, %(prefix)s) AND word <> %(prefix)s
                    ORDER BY length(word), word LIMIT {ENDINGS_LOOKED_AT}) AS longer) AS counted
            WHERE seen > 0 ORDER BY seen DESC, word DESC LIMIT {MOST_ENDINGS}"""
        return [row.word for row in self.ask(asked, prefix=prefix)]

    def frequencies(self, stems: Iterable[str]) -> dict[tuple[str, str], int]:
        asked = "SELECT field, stem, documents FROM {name}.stems WHERE stem = ANY(%(stems)s)"
        found = self.ask(asked, stems=sorted(stems))
        return {(row.field, row.stem): row.documents for row in found}

    @cached_property
    def totals(self) -> tuple[int, int, int]:
        """How many documents, and the lengths of all their titles and bodies."""
        [row] = self.ask("SELECT documents, title, body FROM {name}.totals")
        return row.documents, row.title, row.body
