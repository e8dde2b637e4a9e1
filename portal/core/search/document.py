"""What is searched, what is asked and what is found: the words every search engine shares."""

import datetime
from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from portal.core.states import Refused

Piece = tuple[str, bool]  # raw text, and whether it is to be marked; whoever shows it escapes it
Sort = Literal["relevance", "newest", "reviewed", "useful"]
UNCOUNTED = "author"  # a filter that is typed, never offered: it has too many values
Progress = Callable[[int, int | None], None]  # documents written, of how many where known
PAID = 1e-6  # the boost of what somebody paid to have here: it comes after all else, in any order


class Unavailable(Refused):
    """The index cannot be opened or is held by another writer."""


def known_length(documents: Iterable[object]) -> int | None:
    """How many there are, for the bar; unknown while they are read as they are needed."""
    return len(documents) if isinstance(documents, Sized) else None


@dataclass(frozen=True)
class Document:
    """One thing that can be found, with everybody who may find it.

    Who shares an entry with `audience` finds all of it. Who only shares one with
    `teaser_audience` finds it by title and summary and sees no more: a locked hit. `codes` are
    short names asked for exactly (`A37`, `HB 1234`). `stored` comes back with the hit, to locked
    readers too. `boost` holds a document back: its score is multiplied by it, at most 1. `pages`
    are a file's text in place of a `body`: its hit says on which page it was found.
    """

    key: str
    kind: str
    title: str
    body: str
    url: str
    audience: frozenset[str]
    teaser_audience: frozenset[str] = frozenset()
    summary: str = ""
    codes: tuple[str, ...] = ()
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    date: datetime.date | None = None
    reviewed_on: datetime.date | None = None
    review_due: datetime.date | None = None
    useful: int = 0  # how many readers said so
    boost: float = 1.0
    stored: dict[str, Any] = field(default_factory=dict)
    pages: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.pages) if self.pages else self.body

    def __post_init__(self) -> None:
        if not 0 < self.boost <= 1:
            raise ValueError("a boost is above 0 and at most 1: hold the other documents back")
        if self.pages and self.body:
            raise ValueError("a document has either a body or pages")


@dataclass(frozen=True)
class Query:
    """What a person asks. Values of one filter widen it, several filters narrow the result."""

    text: str
    audiences: frozenset[str]
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: frozenset[str] | None = None
    page: int = 1
    page_size: int = 20
    sort: Sort = "relevance"
    while_typing: bool = False  # the last word may be unfinished
    is_whole: bool = False  # every word counts, however many: for measuring, never for strangers


@dataclass(frozen=True)
class Hit:
    key: str
    kind: str
    title: str
    url: str
    summary: str
    title_marked: tuple[Piece, ...]
    snippet: tuple[Piece, ...]
    score: float
    locked: bool  # only title and summary are open to this reader
    date: datetime.date | None
    stored: dict[str, Any]
    page: int | None = None  # of a file, from 1: where the snippet is from


@dataclass(frozen=True)
class Results:
    """One page of hits with figures over all of them.

    A facet's counts ignore its own filter, so that they say what choosing another value would
    find. `did_you_mean` is the text with unknown words respelled; the hits already include it.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    is_estimate: bool = False
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    kinds: list[tuple[str, int]] = field(default_factory=list)
    did_you_mean: str | None = None
    also_searched: tuple[str, ...] = ()  # synonyms
    notes: tuple[str, ...] = ()  # of the synonyms, for the reader
    timed_out: bool = False
    terms: tuple[str, ...] = ()  # the stems that were looked for


class Engine(Protocol):
    """What every engine does, and the one test suite holds them to."""

    def search(self, query: Query, synonyms: Any = None) -> Results: ...
    def suggest(
        self, prefix: str, audiences: frozenset[str], kinds: frozenset[str] | None = None
    ) -> list[str]: ...
    def write(self, documents: Iterable[Document], removed_keys: Iterable[str] = ()) -> None: ...
    def rebuild(self, documents: Iterable[Document], progress: Progress) -> None: ...
    def count(self) -> int: ...
    def is_healthy(self) -> str | None: ...
    def close(self) -> None: ...
