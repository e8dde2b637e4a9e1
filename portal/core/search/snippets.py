"""The passage a hit was found by: raw pieces of text, with those to mark told apart."""

import re
from collections.abc import Iterable
from typing import NamedTuple
from unicodedata import combining, normalize

from markupsafe import Markup, escape

from portal.core.search.analyzer import fold, stem
from portal.core.search.document import Piece

LENGTH = 220  # characters of a snippet
LEAD = 30  # of them before the first marked word
SCANNED = 100_000  # characters of a text that are looked through
MOST_SPOTS = 400
BEFORE: Piece = ("… ", False)
AFTER: Piece = (" …", False)


def _plain_letters() -> dict[int, str]:
    """Accented letters and what they are without, one for one, so that places stay the same."""
    found = {}
    for code in range(0xC0, 0x250):
        base = [one for one in normalize("NFKD", chr(code)) if not combining(one)]
        if len(base) == 1:
            found[code] = base[0]
    return found


_PLAIN = _plain_letters()
_ACCENTED = re.compile("[\u00c0-\u024f]")
_REST = re.compile(r"[^\W_]*(?:['’][^\W_]+)*")  # of a word that has begun


def _end_of_word(text: str, at: int) -> int:
    rest = _REST.match(text, at, SCANNED)
    return rest.end() if rest else at


class Spot(NamedTuple):
    start: int
    end: int
    stem: str


class Marker:
    """Finds the words of one query in texts."""

    def __init__(self, stems: frozenset[str], words: frozenset[str] = frozenset()) -> None:
        self._stems = stems
        self._words = words
        # Only what begins like a stem is analysed: whole bodies would cost more than the search.
        starts = {one[: max(2, min(4, len(one) - 1))] for one in stems} | words
        begins = "|".join(re.escape(one) for one in sorted(starts, key=len, reverse=True))
        self._begins = re.compile(begins) if starts else None

    def spots(self, text: str) -> list[Spot]:
        if self._begins is None:
            return []
        plain = (text.translate(_PLAIN) if _ACCENTED.search(text) else text).lower()
        found: list[Spot] = []
        over = 0  # the end of the last word
        for begun in self._begins.finditer(plain, 0, SCANNED):
            at = begun.start()
            if at < over or (at and plain[at - 1].isalnum()):
                continue
            over = _end_of_word(plain, begun.end())
            word = fold(plain[at:over][:64])
            if stem(word) in self._stems or word in self._words:
                found.append(Spot(at, over, stem(word)))
                if len(found) == MOST_SPOTS:
                    break
        return found

    def mark(self, text: str) -> tuple[Piece, ...]:
        return _pieces(text, self.spots(text), 0, len(text))

    def place(self, text: str) -> int:
        """Where in the text its snippet's first passage is."""
        best = _window(self.spots(text), LENGTH // 2, frozenset())
        return best[0].start if best else 0

    def snippet(self, text: str) -> tuple[Piece, ...]:
        """The best passage, or the best two where the second holds other words of the query."""
        spots = self.spots(text)
        best = _window(spots, LENGTH // 2, frozenset())
        second = _window(spots, LENGTH // 2, frozenset(spot.stem for spot in best))
        if not second:
            wide = _window(spots, LENGTH, frozenset())
            return _passage(text, spots, wide[0].start if wide else 0, LENGTH)
        first, last = sorted((best[0].start, second[0].start))
        if last - first < LENGTH // 2:
            return _passage(text, spots, first, LENGTH)
        half = LENGTH // 2
        return _joined(_passage(text, spots, first, half), _passage(text, spots, last, half))


def _joined(first: tuple[Piece, ...], second: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Two passages with one sign of omission between them, not one for each."""
    is_cut = first[-1] == AFTER and second[0] == BEFORE
    return (*first[:-1], (" … ", False), *second[1:]) if is_cut else first + second


def _window(spots: list[Spot], size: int, seen: frozenset[str]) -> list[Spot]:
    """The spots of the first stretch that holds most different words not yet seen."""
    best: list[Spot] = []
    most = 0
    for n, first in enumerate(spots):
        if first.stem in seen:
            continue
        inside = [spot for spot in spots[n : n + 20] if spot.end <= first.start + size - LEAD]
        fresh = len({spot.stem for spot in inside} - seen)
        if fresh > most:
            best, most = inside, fresh
    return best


def _passage(text: str, spots: list[Spot], at: int, size: int) -> tuple[Piece, ...]:
    start = max(0, at - LEAD)
    if start:
        gap = text.find(" ", start, at)
        start = gap + 1 if gap >= 0 else at
    end = min(len(text), start + size)
    if end < len(text):
        gap = text.rfind(" ", start + 1, end)
        end = gap if gap > at else end
    before = (BEFORE,) if start else ()
    after = (AFTER,) if end < len(text) else ()
    return (*before, *_pieces(text, spots, start, end), *after)


def _pieces(text: str, spots: list[Spot], start: int, end: int) -> tuple[Piece, ...]:
    made: list[Piece] = []
    for spot in spots:
        if start <= spot.start and spot.end <= end:
            made += [(text[start : spot.start], False), (text[spot.start : spot.end], True)]
            start = spot.end
    made.append((text[start:end], False))
    return tuple(piece for piece in made if piece[0])


def as_html(pieces: Iterable[Piece]) -> Markup:
    """Escaped, the marked pieces in `<mark>`."""
    made = [
        Markup("<mark>{}</mark>").format(text) if hit else escape(text) for text, hit in pieces
    ]
    return Markup("").join(made)
