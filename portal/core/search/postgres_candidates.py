"""The documents that PostgreSQL picks for a query, as the shared ranking asks about them."""

from collections.abc import Container, Iterable, Iterator
from typing import Any, NamedTuple

from portal.core.search.postgres_sight import Sight
from portal.core.search.postgres_texts import in_a_row
from portal.core.search.ranking import Clause, Plan, Postings, standing

MOST = 300  # are ordered by the shared ranking; as many as a page needs where that is more
ROUGHLY = 1_000  # are told apart by `ts_rank`, once their words have been weighed
MOST_WEIGHED = 24  # words, the most telling first


class Candidate(NamedTuple):
    id: int
    date: int
    boost: float
    reviewed: int
    useful: int
    due: int
    title_length: int
    body_length: int
    is_exact: bool
    title: list[int]  # how often each stem
    body: list[int]
    rows: list[bool]  # which rows of words it has

    def standing(self, today: int) -> float:
        return standing(self.boost, self.date, self.reviewed, self.useful, self.due, today)


class Candidates:
    """Numbered as they come; the figures of the whole index stand behind their scores."""

    def __init__(self, sight: Sight, plan: Plan, ids: list[int]) -> None:
        self._stems = sorted(plan.stems())
        self._place = {stem: n for n, stem in enumerate(self._stems)}
        several = [clause.words for clause in plan.clauses if len(clause.words) > 1]
        self._rows = list(dict.fromkeys([*several, *([plan.main] if len(plan.main) > 1 else [])]))
        self._size, *lengths = sight.totals
        self._average = {
            field: length / (self._size or 1)
            for field, length in zip(("title", "body"), lengths, strict=True)
        }
        self._frequencies = sight.frequencies(plan.words())
        self._sight = sight
        self._words: dict[str, list[int]] = {}
        self.found = [Candidate(*one) for one in self._load(plan, ids)]

    def _load(self, plan: Plan, ids: list[int]) -> Iterable[Any]:
        """A text kept out of the row is unpacked once, not for every word: hence OFFSET 0."""
        names = [f"s{n}" for n in range(len(self._stems))]
        title = [f"coalesce((d.title -> %({name})s)::int, 0)" for name in names]
        body = [f"coalesce((b.body -> %({name})s)::int, 0)" for name in names]
        rows = [f"t.stems @@ %(row{n})s::tsquery" for n in range(len(self._rows))]
        texts = "CROSS JOIN LATERAL (SELECT d.stems || ''::tsvector AS stems OFFSET 0) AS t"
        asked = f"""
            SELECT d.id, d.date, d.boost, d.reviewed, d.useful, d.due,
              d.title_length, d.body_length, d.exact && %(exact)s,
              ARRAY[{", ".join(title)}]::int[], ARRAY[{", ".join(body)}]::int[],
              ARRAY[{", ".join(rows)}]::boolean[]
            FROM {{name}}.documents AS d
            CROSS JOIN LATERAL (SELECT d.body || '{{}}'::jsonb AS body OFFSET 0) AS b
            {texts if rows else ""}
            WHERE d.id = ANY(%(ids)s) ORDER BY d.id"""
        parameters = {f"row{n}": in_a_row(words) for n, words in enumerate(self._rows)}
        parameters |= dict(zip(names, self._stems, strict=True))
        return self._sight.ask(asked, exact=sorted(plan.exact), ids=ids, **parameters)

    # All that the ranking asks of an index.

    def size(self) -> int:
        return self._size

    def frequency(self, field: str, word: str) -> int:
        return self._frequencies.get((field, word), 0)

    def postings(self, field: str, word: str) -> Iterator[Postings]:
        if field == "words":
            having = self._having(word)
            yield Postings(0, having, [1.0] * len(having), [1] * len(self.found), 1)
            return
        place, average = self._place[word], self._average[field]
        counts = [getattr(one, field)[place] for one in self.found]
        lengths = [getattr(one, f"{field}_length") for one in self.found]
        having = [n for n, count in enumerate(counts) if count]
        yield Postings(0, having, [counts[n] for n in having], lengths, average)

    def with_all(self, field: str, words: tuple[str, ...]) -> Container[int]:
        places = [self._place[word] for word in words]
        return frozenset(
            n
            for n, one in enumerate(self.found)
            if all(getattr(one, field)[place] for place in places)
        )

    def in_a_row(self, words: tuple[str, ...]) -> Container[int]:
        at = self._rows.index(words)
        return frozenset(n for n, one in enumerate(self.found) if one.rows[at])

    def exactly(self, text: str) -> Iterable[int]:
        """A candidate that is exact is so for one of the texts: which of them tells nothing."""
        return [n for n, one in enumerate(self.found) if one.is_exact]

    def is_late(self) -> bool:
        return False

    def _having(self, word: str) -> list[int]:
        """Those with a word as it was written: asked for when all are stop words."""
        if word not in self._words:
            asked = (
                "SELECT id FROM {name}.documents WHERE id = ANY(%(ids)s) "
                "AND words @@ %(one)s::tsquery"
            )
            ids = [one.id for one in self.found]
            having = {row.id for row in self._sight.ask(asked, ids=ids, one=in_a_row([word]))}
            self._words[word] = [n for n, one in enumerate(self.found) if one.id in having]
        return self._words[word]


def weighed(plan: Plan, weights: dict[str, float]) -> list[tuple[Clause, float]]:
    """The clauses that tell most, each with what it adds where it is found."""
    found = [
        (clause, clause.weight * sum(weights.get(word, 0.0) for word in clause.words))
        for clause in plan.clauses
    ]
    return sorted(found, key=lambda one: -one[1])[:MOST_WEIGHED]
