"""Documents as rows of an index: one for who sees all of it, one for who sees its teaser.

Whoever may see the document in full is barred from its teaser row, so each reader meets one row
at most and a row's text never holds a word its readers may not see.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import Any

from portal.core.search.analyzer import Analysis, analysis, words
from portal.core.search.document import Document

FORMAT = 4  # raise it when rows change: an index of another format has to be made anew
BETWEEN = "\x1f"  # between a facet and its value, and between texts that no phrase may span
NO_DATE = 0
SORTS = {"newest": "date", "reviewed": "reviewed", "useful": "useful"}  # by which field

Row = dict[str, Any]


def rows(document: Document) -> Iterator[Row]:
    title, summary = analysis(document.title), analysis(document.summary)
    text = document.text
    whole = [title, summary, analysis(text)]
    yield _row(document, document.audience, text, whole)
    teased = document.teaser_audience - document.audience
    if teased:
        yield _row(document, teased, None, [title, summary, analysis("")])


def _row(
    document: Document, audience: frozenset[str], body: str | None, texts: list[Analysis]
) -> Row:
    """`body` is None on a teaser row; `texts` are title, summary and body as they are indexed."""
    facets = [
        f"{group}{BETWEEN}{value}" for group, values in document.facets.items() for value in values
    ]
    locked = body is None
    title = texts[0].stems + texts[0].joined
    both = [texts[1].stems, texts[2].stems, texts[1].joined, texts[2].joined]
    stems = list(chain.from_iterable(both))
    return {
        "key": [document.key],
        "kind": [document.kind],
        "share": ["teaser" if locked else "all"],
        "audience": sorted(audience),
        "barred": sorted(document.audience) if locked else [],
        "facet": facets,
        "exact": sorted(_exact(document)),
        "title": title,
        "body": stems,
        "title_length": len(title),
        "body_length": len(stems),
        "row": [word for text in texts for word in (*text.stems, BETWEEN)],
        "words": [word for text in texts for word in (*text.words, BETWEEN)],
        "date": _ordinal(document.date),
        "reviewed": _ordinal(document.reviewed_on),
        "due": _ordinal(document.review_due),
        "useful": document.useful,
        "boost": document.boost,
        "shown": _shown(document, body),
    }


def _exact(document: Document) -> set[str]:
    found = {" ".join(words(document.title))}
    for code in document.codes:
        found |= {" ".join(words(code)), "".join(words(code))}
    return found - {""}


def _shown(document: Document, body: str | None) -> Row:
    pages = document.pages if body is not None else ()
    return {
        "key": document.key, "kind": document.kind, "title": _plain(document.title),
        "url": document.url, "summary": _plain(document.summary), "body": _plain(body or ""),
        "locked": body is None, "stored": document.stored, "pages": _starts(pages),
    }  # fmt: skip


def _plain(text: str) -> str:
    """One line of it, without what no database keeps."""
    return " ".join(text.replace("\0", " ").split())


def _starts(pages: tuple[str, ...]) -> list[int]:
    """Where each page begins in the text as it is shown."""
    found, at = [], 0
    for page in pages:
        found.append(at)
        length = len(_plain(page))
        at += length + 1 if length else 0
    return found


def page_at(starts: list[int], place: int) -> int | None:
    """The number of the page, from 1, that a place in the shown text is on."""
    return bisect_right(starts, place) or None


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else NO_DATE


def date_of(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal else None
