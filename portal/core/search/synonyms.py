"""Words that mean the same: groups of terms, looked up when a query is made."""

from collections import defaultdict
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

from portal.core.search.analyzer import stem, words

ONE_WAY = "->"
UNLESS = "not with "


class Meaning(NamedTuple):
    text: str  # as the file writes it
    words: tuple[str, ...]
    note: str = ""  # for the reader, when it is searched as well
    unless: str = ""  # a filter value with which it is not


class Synonyms:
    """Lines of terms with commas between, each finding the others; `a -> b, c` works one way.

    After `|` stands a sentence for the reader, or `not with` and a value of a filter. `#` begins a
    remark. A single letter never stands for anything.
    """

    def __init__(self, text: str = "") -> None:
        self._others: dict[tuple[str, ...], list[Meaning]] = defaultdict(list)
        self._stems: set[str] = set()
        self._longest = 0
        for line in text.splitlines():
            self._read(line.split("#")[0])

    def _read(self, line: str) -> None:
        line, *more = line.split("|")
        first, arrow, rest = line.replace("→", ONE_WAY).partition(ONE_WAY)
        note, unless = _conditions(more)
        sources = _meanings(first)
        for source in sources:
            key = tuple(stem(word) for word in source.words)
            self._stems.update(key)
            if len("".join(source.words)) > 1:
                targets = _meanings(rest) if arrow else sources
                others = [one for one in targets if one != source]
                told = [one._replace(note=note, unless=unless) for one in others]
                self._others[key] += told
                self._longest = max(self._longest, len(key))
                self._read_joined(source, [source._replace(unless=unless), *told])

    def _read_joined(self, source: Meaning, meant: list[Meaning]) -> None:
        """`callcentre` is what `call centre` is."""
        if len(source.words) > 1:
            joined = stem("".join(source.words))
            self._stems.add(joined)
            self._others[(joined,)] += [one for one in meant if one not in self._others[(joined,)]]

    def expand(
        self, asked: tuple[str, ...], chosen: Collection[str] = frozenset()
    ) -> list[Meaning]:
        """What else the asked words, or runs of them, may be called; the longest run wins.

        `chosen` are the values of the filters in use.
        """
        stemmed = [stem(word) for word in asked]
        found: dict[Meaning, None] = {}
        at = 0
        while at < len(stemmed):
            run = self._run(stemmed, at)
            found |= dict.fromkeys(self._others.get(tuple(stemmed[at : at + run]), ()))
            at += max(run, 1)
        return [one for one in found if one.unless not in chosen or not one.unless]

    def knows(self, word: str) -> bool:
        """A word of the trade, then, even where no document has it: no slip to correct."""
        return stem(word) in self._stems

    def _run(self, stemmed: list[str], at: int) -> int:
        """How many words from here are a known term; 0 when they are none."""
        lengths = range(min(self._longest, len(stemmed) - at), 0, -1)
        return next((n for n in lengths if tuple(stemmed[at : at + n]) in self._others), 0)


Source = Callable[[], Synonyms]  # as they are now: staff may have edited them


def from_file(path: Path) -> Source:
    made = Synonyms(path.read_text("utf-8"))
    return lambda: made


def _conditions(parts: list[str]) -> tuple[str, str]:
    """The note and the filter value of a line."""
    note = unless = ""
    for part in parts:
        if part.strip().startswith(UNLESS):
            unless = part.strip().removeprefix(UNLESS).strip()
        else:
            note = part.strip()
    return note, unless


def _meanings(line: str) -> list[Meaning]:
    terms = [term.strip() for term in line.split(",")]
    return [Meaning(term, tuple(words(term))) for term in terms if words(term)]
