"""One part of a Whoosh index as it is remembered: sets of documents as bits, and postings."""

import time
from array import array
from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from threading import Lock
from typing import Any, NamedTuple

from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.reading import IndexReader, TermNotFound

from portal.core.search.ranking import standing
from portal.core.search.rows import BETWEEN
from portal.core.search.spelling import letters
from portal.core.search.whoosh_fields import places_of

# Kept per segment; when there are more, all are forgotten and read again as they are asked for.
MOST_SETS = 1_000
MOST_POSTINGS = 2_000_000
STANDING = ("boost", "date", "reviewed", "useful", "due")
COLUMNS = (*STANDING, "title_length", "body_length")

Sets = dict[str, int]


class Deadline:
    """The time a search may work, however busy the machine is. Once it has passed it stays so."""

    def __init__(self, seconds: float) -> None:
        self._at = time.thread_time() + seconds
        self.passed = False

    def check(self) -> bool:
        self.passed = self.passed or time.thread_time() >= self._at
        return self.passed


class Counts(NamedTuple):
    documents: MutableSequence[int]
    counts: MutableSequence[float]


def gather(numbers: Iterable[int], size: int) -> int:
    """The set of these numbers, all below `size`."""
    made = bytearray(size // 8 + 1)
    for number in numbers:
        made[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(made, "little")


def spread(bits: int) -> Iterator[int]:
    """The numbers of a set, rising."""
    for place, byte in enumerate(bits.to_bytes(bits.bit_length() // 8 + 1, "little")):
        for n in range(8) if byte else ():
            if byte >> n & 1:
                yield place * 8 + n


class Segment:
    """It never changes, so threads may share it; each brings the reader it has open."""

    def __init__(self, reader: IndexReader) -> None:
        # Filled on first use; two threads may both make an entry, and make the same.
        self._sets: dict[tuple[str, str], int] = {}
        self._counts: dict[tuple[str, str], Counts] = {}
        self._kept = 0
        self._beginnings: dict[str, list[tuple[str, int]]] = {}
        self._standing: tuple[int, array[float]] = 0, array("d")
        self.size = reader.doc_count_all()
        self.columns = {name: _column(reader, name, self.size) for name in COLUMNS}
        self.lengths = {field: sum(self.columns[f"{field}_length"]) for field in ("title", "body")}
        self.kinds = {name: self.term(reader, "kind", name) for name in _terms(reader, "kind")}
        self.facets: dict[str, Sets] = {}
        for term in _terms(reader, "facet"):
            group, _, value = term.partition(BETWEEN)
            self.facets.setdefault(group, {})[value] = self.term(reader, "facet", term)

    def term(self, reader: IndexReader, field: str, text: str) -> int:
        """The documents with a term, as a set."""
        known = self._sets.get((field, text))
        if known is None:
            if len(self._sets) >= MOST_SETS:
                self._sets = {}
            numbers = (
                self.counts(reader, field, text).documents
                if field in {"title", "body"}
                else _documents(reader, field, text)
            )
            known = self._sets[field, text] = gather(numbers, self.size)
        return known

    def counts(self, reader: IndexReader, field: str, text: str) -> Counts:
        """The documents with a term, and how often each has it."""
        known = self._counts.get((field, text))
        if known is None:
            known = _read_counts(reader, field, text)
            self._kept += len(known.documents)
            if self._kept > MOST_POSTINGS:
                self._counts, self._kept = {}, len(known.documents)
            self._counts[field, text] = known
        return known

    def standing(self, today: int) -> "array[float]":
        """What the score of each document is multiplied by on a day, as an ordinal."""
        day, known = self._standing
        if day != today:
            known = array("d", (
                standing(boost, written, reviewed, useful, due, today)
                for boost, written, reviewed, useful, due
                in zip(*(self.columns[name] for name in STANDING), strict=True)
            ))  # fmt: skip
            self._standing = today, known
        return known

    def beginning_with(self, reader: IndexReader, letter: str) -> list[tuple[str, int]]:
        """Words as they were written, each with its letters as bits."""
        if letter not in self._beginnings:
            found = (term.decode() for term in reader.expand_prefix("words", letter))
            self._beginnings[letter] = [(word, letters(word)) for word in found]
        return self._beginnings[letter]


def in_a_row(
    reader: IndexReader, field: str, words: tuple[str, ...], among: int, deadline: Deadline
) -> list[int]:
    """Which documents of a set have the words one after another; too late, those found so far."""
    try:
        matchers = [reader.postings(field, word) for word in words]
    except TermNotFound:
        return []
    found = []
    for n, document in enumerate(spread(among)):
        if not n % 64 and deadline.check():
            break
        starts: set[int] | None = None
        for place, matcher in enumerate(matchers):
            here = {one - place for one in _places(matcher, document)}
            starts = here if starts is None else starts & here
            if not starts:
                break
        if starts:
            found.append(document)
    return found


def _places(matcher: Any, document: int) -> Sequence[int]:
    if matcher.is_active():
        matcher.skip_to(document)
    if not matcher.is_active() or matcher.id() != document:
        return []
    return places_of(matcher.value())


def _documents(reader: IndexReader, field: str, text: str) -> Iterable[int]:
    try:
        return reader.postings(field, text).all_ids()
    except TermNotFound:
        return ()


def _read_counts(reader: IndexReader, field: str, text: str) -> Counts:
    found = Counts(array("I"), array("f"))
    try:
        matcher = reader.postings(field, text)
    except TermNotFound:
        return found
    for documents, counts in _blocks(matcher):
        found.documents.extend(documents)
        found.counts.extend(counts)
    return found


def _blocks(matcher: Any) -> Iterator[tuple[Iterable[int], Iterable[float]]]:
    """A list of postings by the blocks in which it lies on disk, some hundred at a time."""
    is_whole = isinstance(matcher, W3LeafMatcher)  # short lists, and those with gaps, are not
    while matcher.is_active():
        one = (matcher.id(),), (matcher.weight(),)  # now the block is read
        yield (matcher._ids, matcher._weights) if is_whole else one
        matcher._next_block() if is_whole else matcher.next()


def _terms(reader: IndexReader, field: str) -> list[str]:
    return [term.decode() for term in reader.lexicon(field)]


def _column(reader: IndexReader, field: str, size: int) -> "array[Any]":
    column = reader.column_reader(field)
    return array("d" if field == "boost" else "i", (column[n] for n in range(size)))


class Segments:
    """Those in use, by their name and how many of their documents are deleted."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], Segment] = {}
        self._lock = Lock()

    def of(self, readers: list[IndexReader]) -> list[Segment]:
        with self._lock:
            keys = [(one.segment().segment_id(), one.doc_count()) for one in readers]
            self._known = {
                key: self._known.get(key) or Segment(reader)
                for key, reader in zip(keys, readers, strict=True)
            }
            return [self._known[key] for key in keys]
