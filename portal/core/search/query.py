"""The query language: words, "phrases", -minus and known field:value filters; it never refuses."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from unicodedata import normalize

from portal.core.search.analyzer import STOP_WORDS, compounds, words

MOST_TERMS = 12
MOST_WORDS = 40  # stop words included
LONGEST = 1000  # characters; what follows is not read

_PART = re.compile(r'(-?)(?:(\w+):)?(?:"([^"]*)"|(\S+))')


@dataclass(frozen=True)
class Parsed:
    """Words are folded; a phrase must be there, word for word."""

    words: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()  # hyphened words once more, as one
    phrases: tuple[tuple[str, ...], ...] = ()
    without: tuple[tuple[str, ...], ...] = ()
    filters: tuple[tuple[str, str], ...] = ()
    no_filters: tuple[tuple[str, str], ...] = ()


def clean(text: str) -> str:
    return normalize("NFC", text[:LONGEST])


def parse(text: str, fields: Collection[str]) -> Parsed:
    """Read a query; `fields` are the filters that exist, any other `field:` is plain words."""
    plain: list[str] = []
    joined: list[str] = []
    phrases: list[tuple[str, ...]] = []
    without: list[tuple[str, ...]] = []
    filters: tuple[list[tuple[str, str]], list[tuple[str, str]]] = ([], [])
    room = MOST_TERMS
    for sign, field, quoted, bare in _PART.findall(clean(text)):
        found = tuple(words(quoted or bare))
        if room <= 0 or not found:
            continue
        if field.casefold() in fields:
            filters[bool(sign)].append((field.casefold(), quoted or bare))
        elif sign:
            without.append(found)
        elif quoted:
            phrases.append(found)
        else:
            found = (*words(field), *found)
            plain += found
            joined += compounds(bare)
        room -= 1 if sign or quoted else sum(word not in STOP_WORDS for word in found)
    return Parsed(
        tuple(_at_most(plain)), tuple(joined[:MOST_TERMS]), tuple(phrases), tuple(without),
        tuple(filters[0]), tuple(filters[1]),
    )  # fmt: skip


def _at_most(plain: list[str]) -> list[str]:
    """As many words as are allowed: the last part read may hold several."""
    kept, room = [], MOST_TERMS
    for word in plain[:MOST_WORDS]:
        room -= word not in STOP_WORDS
        if room >= 0:
            kept.append(word)
    return kept
