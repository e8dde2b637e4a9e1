"""The query language: words, "phrases", -minus and known field:value filters; it never refuses."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from unicodedata import normalize

from portal.core.search.analyzer import compounds, words

MOST_TERMS = 12
MOST_WORDS = 100  # read, of which the most telling terms are looked for
CODE = "id"  # what follows it is found by itself: every document has its code
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


def clean(text: str, longest: int | None = LONGEST) -> str:
    return normalize("NFC", text[:longest])


def parse(text: str, fields: Collection[str], most_words: int | None = MOST_WORDS) -> Parsed:
    """Read a clean query; `fields` are filters that exist, any other `field:` is plain words."""
    plain: list[str] = []
    joined: list[str] = []
    phrases: list[tuple[str, ...]] = []
    without: list[tuple[str, ...]] = []
    filters: tuple[list[tuple[str, str]], list[tuple[str, str]]] = ([], [])
    for sign, field, quoted, bare in _PART.findall(text):
        found = tuple(words(quoted or bare))
        if not found:
            continue
        if field.casefold() in fields:
            filters[bool(sign)].append((field.casefold(), quoted or bare))
        elif sign:
            without.append(found)
        elif quoted:
            phrases.append(found)
        else:
            plain += [*(() if field.casefold() == CODE else words(field)), *found]
            joined += compounds(bare)
    most = MOST_TERMS
    return Parsed(
        tuple(plain[:most_words]), tuple(joined[:most]), tuple(phrases[:most]),
        tuple(without[:most]), tuple(filters[0][:most]), tuple(filters[1][:most]),
    )  # fmt: skip
