"""Text into words and stems: the one analysis that every engine's index and query share."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

import snowballstemmer

from portal.core.search.stop_words import STOP_WORDS

LONGEST_WORD = 64

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
_COMPOUND = re.compile(r"[^\W_]+(?:-[^\W_]+)+")

# Both spellings of the Atlantic get one stem; inflections of these roots follow their root.
_ROOTS = {
    "labour": "labor", "behaviour": "behavior", "favour": "favor", "colour": "color",
    "honour": "honor", "neighbour": "neighbor", "endeavour": "endeavor", "licence": "license",
    "defence": "defense", "offence": "offense", "judgement": "judgment",
}  # fmt: skip
_ROOT = re.compile(f"({'|'.join(_ROOTS)})")
_WHOLE = {"centre": "center", "theatre": "theater", "programme": "program", "metre": "meter"}
_ISE = re.compile(r"(\w{4,})is(e|es|ed|er|ers|ing|ation|ations)$")
_YSE = re.compile(r"(\w{3,})ys(e|es|ed|er|ers|ing)$")


class Token(NamedTuple):
    word: str  # folded
    start: int
    end: int


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Lower case; no accent, apostrophe or possessive ending: `Bogotá’s` is `bogota`."""
    plain = normalize("NFKD", _POSSESSIVE.sub("", word)).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def tokens(text: str) -> Iterator[Token]:
    """The words of a text (composed, as `normalize("NFC", …)` gives it) and where they stand."""
    for found in _WORD.finditer(text):
        word = fold(found[0][:LONGEST_WORD])
        if word:
            yield Token(word, found.start(), found.end())


def words(text: str) -> list[str]:
    """Every word, folded and in order, unstemmed: for phrases and for spelling."""
    found = (fold(word[:LONGEST_WORD]) for word in _WORD.findall(normalize("NFC", text)))
    return [word for word in found if word]


class Analysis(NamedTuple):
    words: list[str]
    stems: list[str]  # without stop words, in order
    joined: list[str]  # stems of the hyphened words once more, as one


def analysis(text: str) -> Analysis:
    """All that an index keeps of a text, read once."""
    found = words(text)
    stemmed = [stem(word) for word in found if word not in STOP_WORDS]
    return Analysis(found, stemmed, [stem(word) for word in compounds(normalize("NFC", text))])


def compounds(text: str) -> list[str]:
    """`on-site` as `onsite`, so that each finds the other."""
    found = _COMPOUND.findall(text) if "-" in text else ()
    return [fold(word.replace("-", "")[:LONGEST_WORD]) for word in found]


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    # A stemmer keeps the word it works on: a fresh one is cheap and safe among threads.
    return snowballstemmer.stemmer("english").stemWord(_american(word)) or word


def _american(word: str) -> str:
    single = word.removesuffix("s")
    if single in _WHOLE:
        return _WHOLE[single]
    word = _ROOT.sub(lambda found: _ROOTS[found[0]], word, count=1)
    return _YSE.sub(r"\1yz\2", _ISE.sub(r"\1iz\2", word))
