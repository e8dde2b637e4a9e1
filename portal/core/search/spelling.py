"""Did you mean: the nearest word this reader could find, for a word nothing they may see holds."""

from collections.abc import Iterable
from typing import Protocol

from portal.core.search.analyzer import STOP_WORDS, tokens

SHORTEST = 4  # letters; a shorter word is more often an acronym than a slip
TWO_EDITS_FROM = 7  # in a shorter word two edits more often bend a right word than mend a slip
TRIED = 50  # candidates at one distance whose documents are looked up


class Lexicon(Protocol):
    """The words of an index as one reader sees it."""

    def is_known(self, word: str) -> bool: ...
    def seen_with(self, word: str) -> int: ...
    def beginning_with(self, letter: str) -> Iterable[tuple[str, int]]: ...


def letters(word: str) -> int:
    """The set of a word's letters as bits: a cheap first look before counting edits."""
    found = 0
    for letter in word:
        found |= 1 << (ord(letter) & 63)
    return found


def respell(text: str, asked: Iterable[str], lexicon: Lexicon) -> tuple[str, dict[str, str]]:
    """The text with its unknown words corrected, and which became what."""
    changes = {}
    for word in dict.fromkeys(asked):
        better = None if lexicon.is_known(word) else nearest(word, lexicon)
        if better:
            changes[word] = better
    for token in reversed(list(tokens(text))):
        if token.word in changes:
            text = text[: token.start] + changes[token.word] + text[token.end :]
    return text, changes


def nearest(word: str, lexicon: Lexicon) -> str | None:
    """One edit away, of a long word else two, same first letter; the one in most documents."""
    if len(word) < SHORTEST or word in STOP_WORDS or not word.isalpha():
        return None
    most = 2 if len(word) >= TWO_EDITS_FROM else 1
    near: dict[int, list[str]] = {1: [], 2: []}
    own = letters(word)
    for other, its in lexicon.beginning_with(word[0]):
        if abs(len(other) - len(word)) <= most and (own ^ its).bit_count() <= 2 * most:
            edits = distance(word, other, most)
            if 0 < edits <= most and other not in STOP_WORDS:
                near[edits].append(other)
    for candidates in near.values():
        found = [(lexicon.seen_with(one), one) for one in candidates[:TRIED]]
        seen, best = max(found, key=lambda one: (one[0], one[1]), default=(0, ""))
        if seen:
            return best
    return None


def distance(one: str, other: str, most: int) -> int:
    """Edits from one to the other, two swapped neighbours count once; most + 1 when above."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        new = [i]
        for j, its in enumerate(other, 1):
            least = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                least = min(least, before[j - 2] + 1)
            new.append(least)
        if min(new) > most:
            return most + 1
        before, row = row, new
    return row[-1]
