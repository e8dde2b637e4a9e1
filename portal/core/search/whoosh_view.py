"""One thread's sight of one state of the index, and of the part of it that one reader may see."""

from array import array
from collections.abc import Callable, Collection, Container, Iterable, Iterator
from functools import cached_property, reduce
from operator import add, and_, or_
from typing import Any

from whoosh.reading import IndexReader
from whoosh.searching import Searcher

from portal.core.search.analyzer import STOP_WORDS, stem
from portal.core.search.ranking import Postings
from portal.core.search.understanding import ENDINGS_LOOKED_AT, MOST_ENDINGS
from portal.core.search.whoosh_segment import Deadline, Segment, Segments, Sets, in_a_row, spread


class View:
    """Documents are numbered through all segments; sets of them are bits."""

    def __init__(self, searcher: Searcher, segments: Segments) -> None:
        self._searcher = searcher
        leaves = searcher.leaf_searchers() if searcher.doc_count_all() else []
        readers = [leaf.reader() for leaf, _ in leaves]
        parts = zip(segments.of(readers), readers, [first for _, first in leaves], strict=True)
        self._parts: list[tuple[Segment, IndexReader, int]] = list(parts)
        self.size: int = searcher.doc_count_all()
        self._averages = {
            field: sum(segment.lengths[field] for segment, _, _ in self._parts) / (self.size or 1)
            for field in ("title", "body")
        }
        self._columns: dict[str, array[Any]] = {}
        self._standing: tuple[int, array[float]] = 0, array("d")

    def _union(self, of_part: Callable[[Segment, IndexReader], int]) -> int:
        sets = (of_part(segment, reader) << first for segment, reader, first in self._parts)
        return reduce(or_, sets, 0)

    def term(self, field: str, text: str) -> int:
        return self._union(lambda segment, reader: segment.term(reader, field, text))

    def any_of(self, field: str, texts: Iterable[str]) -> int:
        return reduce(or_, (self.term(field, text) for text in texts), 0)

    def all_of(self, field: str, texts: Iterable[str]) -> int:
        return reduce(and_, (self.term(field, text) for text in texts), -1)

    def open_to(self, audiences: frozenset[str]) -> int:
        """The rows these audiences may see."""
        return self.any_of("audience", audiences) & ~self.any_of("barred", audiences)

    def phrase(self, field: str, words: tuple[str, ...], among: int, deadline: Deadline) -> int:
        """Which documents of a set have the words one after another."""
        found = 0
        for segment, reader, first in self._parts:
            here = among >> first & (1 << segment.size) - 1
            for document in in_a_row(reader, field, words, here, deadline) if here else ():
                found |= 1 << document + first
        return found

    def frequency(self, field: str, word: str) -> int:
        return self._searcher.doc_frequency(field, word)

    def postings(self, field: str, word: str) -> Iterator[Postings]:
        average = self._averages.get(field, 1)
        for segment, reader, first in self._parts:
            lengths = segment.columns.get(f"{field}_length") or [1] * segment.size
            yield Postings(first, *segment.counts(reader, field, word), lengths, average)

    @cached_property
    def facets(self) -> dict[str, Sets]:
        found: dict[str, Sets] = {}
        for segment, _, first in self._parts:
            for group, values in segment.facets.items():
                _add(found.setdefault(group, {}), values, first)
        return found

    @cached_property
    def kinds(self) -> Sets:
        found: Sets = {}
        for segment, _, first in self._parts:
            _add(found, segment.kinds, first)
        return found

    def column(self, name: str) -> "array[Any]":
        if name not in self._columns:
            parts = [segment.columns[name] for segment, _, _ in self._parts]
            self._columns[name] = reduce(add, parts) if parts else array("i")
        return self._columns[name]

    def standing(self, today: int) -> "array[float]":
        day, known = self._standing
        if day != today:
            known = reduce(add, (one.standing(today) for one, _, _ in self._parts), array("d"))
            self._standing = today, known
        return known

    def shown(self, number: int) -> dict[str, Any]:
        return self._searcher.stored_fields(number)["shown"]

    def beginning_with(self, letter: str) -> Iterator[tuple[str, int]]:
        for segment, reader, _ in self._parts:
            yield from segment.beginning_with(reader, letter)


def _add(found: Sets, more: Sets, first: int) -> None:
    for name, bits in more.items():
        found[name] = found.get(name, 0) | bits << first


class Sight:
    """What one reader sees of a view within one search: nothing else is known or completed."""

    def __init__(self, view: View, audiences: frozenset[str], deadline: Deadline) -> None:
        self.view = view
        self.visible = view.open_to(audiences)
        self.deadline = deadline

    # For the understanding of a text.

    def groups(self) -> Collection[str]:
        return self.view.facets

    def values(self, group: str) -> Collection[str]:
        return self.view.facets[group]

    def has_stem(self, word: str) -> bool:
        return bool((self.view.term("body", word) | self.view.term("title", word)) & self.visible)

    def frequencies(self, stems: Iterable[str]) -> dict[tuple[str, str], int]:
        """By field and stem: in how many documents."""
        return {
            (field, one): self.view.frequency(field, one)
            for one in stems
            for field in ("title", "body")
        }

    # For the spelling: a lexicon of words as they were written.

    def is_known(self, word: str) -> bool:
        return self.seen_with(word) > 0

    def seen_with(self, word: str) -> int:
        return (self.view.term("words", word) & self.visible).bit_count()

    def beginning_with(self, letter: str) -> Iterator[tuple[str, int]]:
        return iter(()) if self.deadline.check() else self.view.beginning_with(letter)

    def endings(self, prefix: str) -> list[str]:
        """Words this may become, those in most documents first."""
        longer = {word for word, _ in self.beginning_with(prefix[0]) if word.startswith(prefix)}
        looked_at = sorted(longer - {prefix}, key=lambda word: (len(word), word))
        counted = [(self.seen_with(word), word) for word in looked_at[:ENDINGS_LOOKED_AT]]
        return [word for count, word in sorted(counted, reverse=True) if count][:MOST_ENDINGS]

    # For the ranking: all that it asks of an index.

    def size(self) -> int:
        return self.view.size

    def frequency(self, field: str, word: str) -> int:
        return self.view.frequency(field, word)

    def postings(self, field: str, word: str) -> Iterator[Postings]:
        return self.view.postings(field, word)

    def with_all(self, field: str, words: tuple[str, ...]) -> Container[int]:
        return frozenset(spread(self.view.all_of(field, words) & self.visible))

    def in_a_row(self, words: tuple[str, ...]) -> Container[int]:
        """Stems in a row, wherever in a document."""
        among = self._having(words)
        return frozenset(spread(self.view.phrase("row", words, among, self.deadline)))

    def exactly(self, text: str) -> Iterable[int]:
        return spread(self.view.term("exact", text))

    def is_late(self) -> bool:
        return self.deadline.check()

    # For phrases in quotation marks.

    def quoted(self, words: tuple[str, ...]) -> int:
        """Words as they were written, one after another."""
        if len(words) == 1:
            return self.view.term("words", words[0]) & self.visible
        telling = tuple(stem(word) for word in words if word not in STOP_WORDS)
        return self.view.phrase("words", words, self._having(telling), self.deadline)

    def _having(self, stems: tuple[str, ...]) -> int:
        """All stems, each in title or body: read far sooner than their places are."""
        found = self.visible
        for one in stems:
            found &= self.view.term("title", one) | self.view.term("body", one)
        return found
