"""What a text asks for: read, respelled where nobody could find a word, and planned."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from portal.core.search.analyzer import STOP_WORDS, stem, words
from portal.core.search.document import Hit, Query
from portal.core.search.query import LONGEST, MOST_TERMS, Parsed, clean, parse
from portal.core.search.ranking import Plan, plan
from portal.core.search.rows import Row, date_of, page_at
from portal.core.search.snippets import Marker
from portal.core.search.spelling import Lexicon, respell
from portal.core.search.synonyms import Synonyms

SHORTEST_PREFIX = 3
MOST_TITLES = 8  # suggested
MOST_ENDINGS = 50
ENDINGS_LOOKED_AT = 200
TITLE = "title"  # a filter that every index has


class Reader(Lexicon, Protocol):
    """An index as one reader sees it."""

    def groups(self) -> Collection[str]: ...
    def values(self, group: str) -> Collection[str]: ...
    def has_stem(self, word: str) -> bool: ...
    def endings(self, prefix: str) -> list[str]: ...
    def frequencies(self, stems: Iterable[str]) -> dict[tuple[str, str], int]: ...


@dataclass(frozen=True)
class Understood:
    parsed: Parsed
    plan: Plan
    endings: tuple[str, ...] = ()
    did_you_mean: str | None = None


def understand(query: Query, synonyms: Synonyms, reader: Reader) -> Understood:
    fields = {TITLE, *reader.groups()}
    text = clean(query.text, None if query.is_whole else LONGEST)
    parsed = _read(text, fields, query, reader)
    last = parsed.words[-1:] if query.while_typing else ()
    long_enough = last and len(last[0]) >= SHORTEST_PREFIX
    endings = tuple(reader.endings(last[0])) if long_enough else ()
    open_ended = last if endings else ()
    joined = [one for one in parsed.joined if reader.has_stem(stem(one))]
    strange = [
        word for word in parsed.words
        if word not in open_ended and not synonyms.knows(word) and not reader.has_stem(stem(word))
        and not any(word in one for one in joined)  # of off-shore, where offshore is known
    ]  # fmt: skip
    better, changes = respell(text, strange, reader)
    if changes:
        parsed = _read(better, fields, query, reader)
    typed = {value for _, value in parsed.filters}
    values = typed.union(*query.filters.values())
    planned = plan(parsed, synonyms, endings, values)
    return Understood(parsed, planned, endings, better if changes else None)


def _read(text: str, fields: Collection[str], query: Query, reader: Reader) -> Parsed:
    if query.is_whole:
        return parse(text, fields, most_words=None)
    return _most_telling(_only_known(parse(text, fields), reader), reader)


def _only_known(parsed: Parsed, reader: Reader) -> Parsed:
    """A filter for a value that nothing has is looked for as words: `place:Philippines`."""
    kept: list[tuple[str, str]] = []
    more: list[str] = []
    for group, typed in parsed.filters:
        if group == TITLE or meant(reader.values(group), typed) in reader.values(group):
            kept.append((group, typed))
        else:
            more += words(typed)
    return replace(parsed, words=(*parsed.words, *more), filters=tuple(kept))


def _most_telling(parsed: Parsed, reader: Reader) -> Parsed:
    """Of a long text the rarest terms: the first ones may be mere politeness."""
    terms = [word for word in dict.fromkeys(parsed.words) if word not in STOP_WORDS]
    if len(terms) <= MOST_TERMS:
        return parsed
    known = reader.frequencies({stem(word) for word in terms})
    seen = {
        word: max(known.get((field, stem(word)), 0) for field in ("title", "body"))
        for word in terms
    }
    kept = set(sorted(terms, key=lambda word: (not seen[word], seen[word]))[:MOST_TERMS])
    read = tuple(word for word in parsed.words if word in kept or word in STOP_WORDS)
    return replace(parsed, words=read)


def meant(values: Collection[str], typed: str) -> str:
    """The value of a facet that was typed, whatever its capitals, gaps, hyphens or accents."""
    if (folded := " ".join(words(typed))) in values:
        return folded
    wanted = _plain(typed)
    return next((one for one in values if _plain(one) == wanted), typed)


def _plain(value: str) -> str:
    return "_".join(value.casefold().replace("-", " ").replace("_", " ").split())


def chosen(query: Query, parsed: Parsed, reader: Reader) -> dict[str, tuple[str, ...]]:
    """The filters chosen and those typed, but for `title:`."""
    filters = dict(query.filters)
    for group, typed in parsed.filters:
        if group != TITLE:
            filters[group] = (*filters.get(group, ()), meant(reader.values(group), typed))
    return {group: values for group, values in filters.items() if values}


def hit(shown: Row, marker: Marker, score: float, ordinal: int) -> Hit:
    """What is shown of a row that was found."""
    snippet = marker.snippet(shown["body"])
    is_of_body = any(marked for _, marked in snippet)
    if not is_of_body and shown["summary"]:
        snippet = marker.snippet(shown["summary"])
    starts = shown["pages"] if is_of_body else ()
    return Hit(
        key=shown["key"], kind=shown["kind"], title=shown["title"], url=shown["url"],
        summary=shown["summary"], title_marked=marker.mark(shown["title"]), snippet=snippet,
        score=score, locked=shown["locked"], date=date_of(ordinal), stored=shown["stored"],
        page=page_at(starts, marker.place(shown["body"])) if starts else None,
    )  # fmt: skip
