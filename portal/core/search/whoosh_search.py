"""One search from the question to the page of hits, in sets of documents that the reader sees."""

from functools import reduce
from heapq import nlargest
from operator import and_, or_

from portal.core import clock
from portal.core.search.analyzer import STOP_WORDS, stem, words
from portal.core.search.document import UNCOUNTED, Hit, Query, Results
from portal.core.search.ranking import Scores, is_paid, score
from portal.core.search.rows import SORTS
from portal.core.search.snippets import Marker
from portal.core.search.synonyms import Synonyms
from portal.core.search.understanding import MOST_TITLES, TITLE, chosen, hit, meant, understand
from portal.core.search.whoosh_segment import Sets, gather, spread
from portal.core.search.whoosh_view import Sight


class Search:
    def __init__(self, sight: Sight, query: Query, synonyms: Synonyms) -> None:
        self.sight = sight
        self.view = sight.view
        self.query = query
        self.scores: Scores = {}
        self._standing = sight.view.standing(clock.now().date().toordinal())
        understood = understand(query, synonyms, sight)
        self.parsed, self.plan = understood.parsed, understood.plan
        self.endings, self.did_you_mean = understood.endings, understood.did_you_mean

    def results(self) -> Results:
        matched = self._matched()
        filters = {
            group: _union(self.view.facets.get(group, {}), values)
            for group, values in chosen(self.query, self.parsed, self.sight).items()
        }
        kinds = self.query.kinds
        of_kind = matched if kinds is None else matched & _union(self.view.kinds, kinds)
        found = reduce(and_, filters.values(), of_kind)
        total = found.bit_count()
        hits = self._hits(found, total)
        return Results(
            hits=hits,
            total=total,
            is_estimate=self.sight.deadline.passed,
            facets=self._counts(of_kind, filters),
            kinds=_counted(self.view.kinds, reduce(and_, filters.values(), matched)),
            did_you_mean=self.did_you_mean,
            also_searched=self.plan.also_searched,
            notes=self.plan.notes,
            timed_out=self.sight.deadline.passed,
            terms=self.plan.main,
        )

    def titles(self) -> list[str]:
        """Titles that hold every word, the last one perhaps unfinished."""
        if not self.parsed.words:
            return []
        *whole, last = self.parsed.words
        ends = self.view.any_of(TITLE, (stem(word) for word in (last, *self.endings)))
        found = self._matched() & ends & self._in_title(" ".join(whole))
        if self.query.kinds is not None:
            found &= _union(self.view.kinds, self.query.kinds)
        best = self._best(found, MOST_TITLES)
        return list(dict.fromkeys(self.view.shown(number)["title"] for number in best))

    def _matched(self) -> int:
        """All that any word finds and the reader sees, every phrase, title: and minus kept."""
        found = self.sight.visible
        if self.plan.clauses:
            self.scores = score(self.plan, self.sight)
            found &= gather(self.scores, self.view.size)
        for phrase in self.parsed.phrases:
            found &= self.sight.quoted(phrase)
        for unwanted in self.parsed.without:
            found &= ~self.sight.quoted(unwanted)
        for group, value in self.parsed.filters:
            if group == TITLE:
                found &= self._in_title(value)
        for group, value in self.parsed.no_filters:
            if group == TITLE:
                found &= ~self._in_title(value)
            else:
                found &= ~_union(self.view.facets[group], (meant(self.view.facets[group], value),))
        return found

    def _in_title(self, value: str) -> int:
        return self.view.all_of(
            TITLE, (stem(word) for word in words(value) if word not in STOP_WORDS)
        )

    def _counts(self, matched: int, filters: dict[str, int]) -> dict[str, list[tuple[str, int]]]:
        made = {}
        for group, values in self.view.facets.items():
            if group == UNCOUNTED:
                continue
            others = (bits for other, bits in filters.items() if other != group)
            counted = _counted(values, reduce(and_, others, matched))
            if counted:
                made[group] = counted
        return made

    def _hits(self, found: int, total: int) -> tuple[Hit, ...]:
        first = max(self.query.page - 1, 0) * self.query.page_size
        if first >= total:
            return ()
        marker = Marker(self.plan.stems(), self.plan.marked_words)
        best = self._best(found, first + self.query.page_size)
        return tuple(self._hit(number, marker) for number in best[first:])

    def _best(self, found: int, limit: int) -> list[int]:
        """The first of a set, by score or as asked; of equals the one written last."""
        by = SORTS.get(self.query.sort) or (None if self.plan.clauses else "date")
        if by:
            column, boost = self.view.column(by), self.view.column("boost")
            return nlargest(
                limit, spread(found),
                key=lambda number: (not is_paid(boost[number]), column[number], number),
            )  # fmt: skip
        seen, factor = found.to_bytes(self.view.size // 8 + 1, "little"), self._standing
        return [
            number
            for _, number in nlargest(limit, (
                (score * factor[number], number) for number, score in self.scores.items()
                if seen[number >> 3] >> (number & 7) & 1
            ))
        ]  # fmt: skip

    def _score(self, number: int) -> float:
        return self.scores.get(number, 0.0) * self._standing[number]

    def _hit(self, number: int, marker: Marker) -> Hit:
        ordinal = self.view.column("date")[number]
        return hit(self.view.shown(number), marker, self._score(number), ordinal)


def _union(sets: Sets, names: tuple[str, ...] | frozenset[str]) -> int:
    return reduce(or_, (sets.get(name, 0) for name in names), 0)


def _counted(sets: Sets, among: int) -> list[tuple[str, int]]:
    """How many documents each has, the most first; what nobody sees is not named."""
    counts = [(name, (bits & among).bit_count()) for name, bits in sets.items()]
    return sorted((one for one in counts if one[1]), key=lambda one: (-one[1], one[0]))
