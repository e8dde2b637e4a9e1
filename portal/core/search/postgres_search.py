"""One search from the question to the page of hits: PostgreSQL picks, our ranking orders."""

from collections import defaultdict
from typing import Any, NamedTuple

from psycopg import errors
from sqlalchemy.exc import DBAPIError

from portal.core import clock
from portal.core.search.analyzer import STOP_WORDS, stem, words
from portal.core.search.document import PAID, UNCOUNTED, Hit, Query, Results
from portal.core.search.postgres_candidates import MOST, ROUGHLY, Candidates, weighed
from portal.core.search.postgres_sight import VISIBLE, Sight
from portal.core.search.postgres_texts import in_a_row, query, storable
from portal.core.search.ranking import EXACT, Plan, idf, score
from portal.core.search.rows import BETWEEN, SORTS
from portal.core.search.snippets import Marker
from portal.core.search.synonyms import Synonyms
from portal.core.search.understanding import MOST_TITLES, TITLE, chosen, hit, meant, understand


class Best(NamedTuple):
    id: int
    score: float
    date: int


class Search:
    def __init__(self, sight: Sight, asked: Query, synonyms: Synonyms) -> None:
        self.sight = sight
        self.query = asked
        self.understood = understand(asked, synonyms, sight)
        self.parsed, self.plan = self.understood.parsed, self.understood.plan
        self.filters = chosen(asked, self.parsed, sight)
        self.parameters: dict[str, Any] = {"exact": sorted(self.plan.exact)}
        self.matching = self._any_of(self.plan) if self.plan.clauses else "true"
        self.conditions = self._conditions()
        self.narrowed = self._narrowed()

    def results(self) -> Results:
        hits = self._hits()
        counted = self._counted()
        total, kinds, facets = counted or (len(hits), [], {})
        return Results(
            hits=hits, total=total, is_estimate=counted is None, facets=facets, kinds=kinds,
            did_you_mean=self.understood.did_you_mean, also_searched=self.plan.also_searched,
            notes=self.plan.notes, timed_out=counted is None, terms=self.plan.main,
        )  # fmt: skip

    def titles(self) -> list[str]:
        """Titles that hold every word, the last one perhaps unfinished."""
        if not self.parsed.words:
            return []
        *whole, last = self.parsed.words
        ends = query((stem(word) for word in (last, *self.understood.endings)), " | ", ":A")
        self.narrowed.append(f"stems @@ {self._parameter(ends)}::tsquery")
        self._only_titled(" ".join(whole), self.narrowed)
        best = self._best(MOST_TITLES)
        return list(dict.fromkeys(shown["title"] for shown in self._shown(best)))

    # What a document must have.

    def _parameter(self, value: str | list[str]) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = storable(value)
        return f"%({name})s"

    def _conditions(self) -> list[str]:
        """What the reader sees, every phrase, title: and minus kept."""
        found = [VISIBLE]
        found += [self._quoted(one) for one in self.parsed.phrases]
        found += [f"NOT {self._quoted(one)}" for one in self.parsed.without]
        for group, value in self.parsed.filters:
            if group == TITLE:
                self._only_titled(value, found)
        for group, value in self.parsed.no_filters:
            if group == TITLE:
                unwanted_titles: list[str] = []
                self._only_titled(value, unwanted_titles)
                found += [f"NOT {one}" for one in unwanted_titles or ["true"]]
            else:
                one = f"{group}{BETWEEN}{meant(self.sight.values(group), value)}"
                found.append(f"NOT facets && {self._parameter([one])}")
        return found

    def _quoted(self, words: tuple[str, ...]) -> str:
        return f"words @@ {self._parameter(in_a_row(words))}::tsquery"

    def _any_of(self, plan: Plan) -> str:
        stemmed = [one.words for one in plan.clauses if "words" not in one.fields]
        written = [one.words for one in plan.clauses if "words" in one.fields]
        parts = [
            f"{column} @@ {self._parameter(' | '.join(in_a_row(one) for one in found))}::tsquery"
            for column, found in (("stems", stemmed), ("words", written))
            if found
        ]
        return f"({' OR '.join([*parts, 'exact && %(exact)s'])})"

    def _only_titled(self, value: str, found: list[str]) -> None:
        wanted = [stem(word) for word in words(value) if word not in STOP_WORDS]
        if wanted:
            found.append(f"stems @@ {self._parameter(query(wanted, mark=':A'))}::tsquery")

    def _narrowed(self) -> list[str]:
        """The conditions of kind and facets, which counts leave out one at a time."""
        found = []
        if self.query.kinds is not None:
            found.append(f"kind = ANY({self._parameter(sorted(self.query.kinds))})")
        for group, values in self.filters.items():
            wanted = [f"{group}{BETWEEN}{value}" for value in values]
            found.append(f"facets && {self._parameter(wanted)}::text[]")
        return found

    # Which of them come first.

    def _hits(self) -> tuple[Hit, ...]:
        first = max(self.query.page - 1, 0) * self.query.page_size
        best = self._best(first + self.query.page_size)[first:]
        marker = Marker(self.plan.stems(), self.plan.marked_words)
        shown = zip(best, self._shown(best), strict=True)
        return tuple(hit(row, marker, one.score, one.date) for one, row in shown)

    def _best(self, limit: int) -> list[Best]:
        """The first ids, each with its score and date, by score or as asked."""
        limit = min(limit, self.sight.totals[0])
        column = SORTS.get(self.query.sort) or (None if self.plan.clauses else "date")
        kept = " AND ".join([*self.conditions, *self.narrowed])
        where = f"{self.matching} AND {kept}"
        if column:
            asked = (
                f"SELECT id, date FROM {{name}}.documents WHERE {where} "
                f"ORDER BY boost < {2 * PAID}, {column} DESC, id DESC LIMIT %(limit)s"
            )
            found = self.sight.ask(asked, limit=limit, **self.parameters)
            return [Best(row.id, 0.0, row.date) for row in found]
        candidates = Candidates(self.sight, self.plan, self._picked(kept, max(limit, MOST)))
        scores, today = score(self.plan, candidates), clock.now().date().toordinal()
        ranked = [
            Best(one.id, scores.get(n, 0.0) * one.standing(today), one.date)
            for n, one in enumerate(candidates.found)
        ]
        return sorted(ranked, key=lambda one: (-one.score, -one.id))[:limit]

    def _picked(self, kept: str, limit: int) -> list[int]:
        """Ids of the documents worth ranking: all, or those with the most telling words."""
        where = f"{self.matching} AND {kept}"
        asked = f"SELECT id FROM {{name}}.documents WHERE {where} LIMIT %(limit)s"
        found = [row.id for row in self.sight.ask(asked, limit=limit + 1, **self.parameters)]
        return found if len(found) <= limit else self._most_telling(kept, limit)

    def _most_telling(self, kept: str, limit: int) -> list[int]:
        size = self.sight.totals[0]
        having: dict[str, int] = defaultdict(int)
        for (_, one), n in self.sight.frequencies(self.plan.words()).items():
            having[one] = max(having[one], n)
        weights = {one: idf(size, n) for one, n in having.items() if n > 0}
        parts = [
            f"SELECT id, {weight:.4f}::real AS weight FROM {{name}}.documents"
            f" WHERE {field} @@ {self._parameter(in_a_row(clause.words))}::tsquery"
            for clause, weight in weighed(self.plan, weights)
            for field in (["words"] if "words" in clause.fields else ["stems", "titles"])
        ]
        parts.append(f"SELECT id, {EXACT}::real FROM {{name}}.documents WHERE exact && %(exact)s")
        ranked = self._parameter(" | ".join(in_a_row([one]) for one in sorted(self.plan.stems())))
        # Of equals the shorter one, but for stop words, of which the length tells nothing.
        shorter = "body_length," if self.plan.main else ""
        asked = f"""
            WITH weighed AS (
              SELECT id, sum(weight) AS weight FROM ({" UNION ALL ".join(parts)}) AS parts
              GROUP BY id),
            rough AS (
              SELECT id, stems, weight FROM {{name}}.documents JOIN weighed USING (id)
              WHERE {kept} ORDER BY weight DESC, {shorter} id DESC LIMIT {max(ROUGHLY, limit)})
            SELECT id FROM rough
            ORDER BY weight DESC, ts_rank(stems, {ranked}::tsquery) DESC, id DESC
            LIMIT %(limit)s"""
        return [row.id for row in self.sight.ask(asked, limit=limit, **self.parameters)]

    def _shown(self, best: list[Best]) -> list[dict[str, Any]]:
        ids = [one.id for one in best]
        asked = "SELECT id, shown FROM {name}.documents WHERE id = ANY(%(ids)s)"
        found = {row.id: row.shown for row in self.sight.ask(asked, ids=ids)} if ids else {}
        return [found[one] for one in ids]

    # How many there are.

    def _counted(self) -> tuple[int, Any, Any] | None:
        """The total, the kinds and the facets; None where counting took too long."""
        try:
            found = self.sight.ask(self._counting(), **self.parameters)
        except DBAPIError as fault:
            if isinstance(fault.orig, errors.QueryCanceled):
                return None
            raise
        total, kinds = 0, []
        facets: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for row in found:
            if row.what == "total":
                total = row.n
            elif row.what == "kind":
                kinds.append((row.name, row.n))
            else:
                group, _, value = row.name.partition(BETWEEN)
                facets[group].append((value, row.n))
        return total, kinds, dict(facets)

    def _counting(self) -> str:
        """A facet's counts leave out its own filter, so do those of the kinds."""
        of_kind = [one for one in self.narrowed if one.startswith("kind")] or ["true"]
        of_groups = [one for one in self.narrowed if not one.startswith("kind")]
        flags = ", ".join(f"{one} AS f{n}" for n, one in enumerate([*of_kind, *of_groups]))
        others = " AND ".join(
            f"(f{n} OR starts_with(facet, {self._parameter(group + BETWEEN)}))"
            for n, group in enumerate(self.filters, 1)
        )
        uncounted = self._parameter(UNCOUNTED + BETWEEN)
        of_all = " AND ".join(f"f{n}" for n in range(1, len(of_groups) + 1)) or "true"
        return f"""
            WITH matched AS MATERIALIZED (
              SELECT kind, facets, {flags} FROM {{name}}.documents
              WHERE {" AND ".join([self.matching, *self.conditions])})
            SELECT 'total' AS what, '' AS name, count(*) AS n FROM matched WHERE f0 AND {of_all}
            UNION ALL
            SELECT 'kind', kind, count(*) FROM matched WHERE {of_all} GROUP BY kind
            UNION ALL
            SELECT 'facet', facet, count(*) FROM matched, unnest(facets) AS facet
            WHERE f0 AND {others or "true"} AND NOT starts_with(facet, {uncounted})
            GROUP BY facet
            ORDER BY n DESC, 2"""
