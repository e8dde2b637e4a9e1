"""Words that mean the same: groups of terms, looked up when a query is made."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from portal.core.search.analyzer import stem, words

ONE_WAY = "->"


class Meaning(NamedTuple):
    text: str  # as the file writes it
    words: tuple[str, ...]


class Synonyms:
    """Lines of terms with commas between, each finding the others; `a -> b, c` works one way.

    `#` begins a remark. A single letter never stands for anything.
    """

    def __init__(self, text: str = "") -> None:
        self._others: dict[tuple[str, ...], list[Meaning]] = defaultdict(list)
        self._stems: set[str] = set()
        self._longest = 0
        for line in text.splitlines():
            self._read(line.split("#")[0])

    def _read(self, line: str) -> None:
        first, arrow, rest = line.replace("→", ONE_WAY).partition(ONE_WAY)
        sources = _meanings(first)
        for source in sources:
            key = tuple(stem(word) for word in source.words)
            self._stems.update(key)
            if len("".join(source.words)) > 1:
                targets = _meanings(rest) if arrow else sources
                self._others[key] += [one for one in targets if one != source]
                self._longest = max(self._longest, len(key))

    def expand(self, asked: tuple[str, ...]) -> list[Meaning]:
        """What else the asked words, or runs of them, may be called; the longest run wins."""
        stemmed = [stem(word) for word in asked]
        found: dict[Meaning, None] = {}
        at = 0
        while at < len(stemmed):
            run = self._run(stemmed, at)
            found |= dict.fromkeys(self._others.get(tuple(stemmed[at : at + run]), ()))
            at += max(run, 1)
        return list(found)

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


def _meanings(line: str) -> list[Meaning]:
    terms = [term.strip() for term in line.split(",")]
    return [Meaning(term, tuple(words(term))) for term in terms if words(term)]
