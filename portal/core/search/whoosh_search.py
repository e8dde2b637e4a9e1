"""One search from the question to the page of hits, in sets of documents that the reader sees."""

from functools import reduce
from heapq import nlargest
from operator import and_, or_

from portal.core.search.analyzer import STOP_WORDS, stem, words
from portal.core.search.document import Hit, Query, Results
from portal.core.search.query import clean, parse
from portal.core.search.ranking import Plan, Scores, plan, score
from portal.core.search.snippets import Marker
from portal.core.search.spelling import respell
from portal.core.search.synonyms import Synonyms
from portal.core.search.whoosh_rows import date_of
from portal.core.search.whoosh_segment import Sets, gather, spread
from portal.core.search.whoosh_view import Sight

SHORTEST_PREFIX = 3
MOST_TITLES = 8  # suggested
TITLE = "title"  # a filter that every index has


class Search:
    def __init__(self, sight: Sight, query: Query, synonyms: Synonyms) -> None:
        self.sight = sight
        self.view = sight.view
        self.query = query
        self.did_you_mean: str | None = None
        self.endings: list[str] = []
        self.scores: Scores = {}
        self.plan = self._understand(synonyms)

    def _understand(self, synonyms: Synonyms) -> Plan:
        """Read the text, with its unknown words respelled where that finds something."""
        fields = {TITLE, *self.view.facets}
        text = clean(self.query.text)
        self.parsed = parse(text, fields)
        last = self.parsed.words[-1:] if self.query.while_typing else ()
        if last and len(last[0]) >= SHORTEST_PREFIX:
            self.endings = self.sight.endings(last[0])
        open_ended = last if self.endings else ()
        strange = [
            word for word in self.parsed.words
            if word not in open_ended and not synonyms.knows(word) and not self._has_stem(word)
        ]  # fmt: skip
        better, changes = respell(text, strange, self.sight)
        if changes:
            self.did_you_mean = better
            self.parsed = parse(better, fields)
        return plan(self.parsed, synonyms, self.endings)

    def _has_stem(self, word: str) -> bool:
        one = stem(word)
        found = self.view.term("body", one) | self.view.term("title", one)
        return bool(found & self.sight.visible)

    def results(self) -> Results:
        matched = self._matched()
        chosen = {
            group: _union(self.view.facets.get(group, {}), values)
            for group, values in self._filters().items()
        }
        kinds = self.query.kinds
        of_kind = matched if kinds is None else matched & _union(self.view.kinds, kinds)
        found = reduce(and_, chosen.values(), of_kind)
        total = found.bit_count()
        hits = self._hits(found, total)
        return Results(
            hits=hits,
            total=total,
            is_estimate=self.sight.deadline.passed,
            facets=self._counts(of_kind, chosen),
            kinds=_counted(self.view.kinds, reduce(and_, chosen.values(), matched)),
            did_you_mean=self.did_you_mean,
            also_searched=self.plan.also_searched,
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
                found &= ~_union(self.view.facets[group], (self._meant(group, value),))
        return found

    def _in_title(self, value: str) -> int:
        return self.view.all_of(
            TITLE, (stem(word) for word in words(value) if word not in STOP_WORDS)
        )

    def _meant(self, group: str, typed: str) -> str:
        """The value of a facet that was typed, whatever its capitals."""
        values = self.view.facets[group]
        return next((one for one in values if one.casefold() == typed.casefold()), typed)

    def _filters(self) -> dict[str, tuple[str, ...]]:
        """Those chosen and those typed."""
        filters = dict(self.query.filters)
        for group, typed in self.parsed.filters:
            if group != TITLE:
                filters[group] = (*filters.get(group, ()), self._meant(group, typed))
        return {group: values for group, values in filters.items() if values}

    def _counts(self, matched: int, chosen: dict[str, int]) -> dict[str, list[tuple[str, int]]]:
        made = {}
        for group, values in self.view.facets.items():
            others = (bits for other, bits in chosen.items() if other != group)
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
        """The first of a set, by score or by date; of equals the one written last."""
        if self.query.sort == "newest" or not self.plan.clauses:
            dates = self.view.dates
            return nlargest(limit, spread(found), key=lambda number: (dates[number], number))
        return nlargest(limit, spread(found), key=lambda number: (self._score(number), number))

    def _score(self, number: int) -> float:
        return self.scores.get(number, 0.0) * self.view.boosts[number]

    def _hit(self, number: int, marker: Marker) -> Hit:
        shown = self.view.shown(number)
        snippet = marker.snippet(shown["body"])
        if not any(marked for _, marked in snippet) and shown["summary"]:
            snippet = marker.snippet(shown["summary"])
        return Hit(
            key=shown["key"], kind=shown["kind"], title=shown["title"], url=shown["url"],
            summary=shown["summary"], title_marked=marker.mark(shown["title"]), snippet=snippet,
            score=self._score(number), locked=shown["locked"],
            date=date_of(self.view.dates[number]), stored=shown["stored"],
        )  # fmt: skip


def _union(sets: Sets, names: tuple[str, ...] | frozenset[str]) -> int:
    return reduce(or_, (sets.get(name, 0) for name in names), 0)


def _counted(sets: Sets, among: int) -> list[tuple[str, int]]:
    """How many documents each has, the most first; what nobody sees is not named."""
    counts = [(name, (bits & among).bit_count()) for name, bits in sets.items()]
    return sorted((one for one in counts if one[1]), key=lambda one: (-one[1], one[0]))
