"""Documents as Whoosh rows: one for those who see all of it, one for those who see its teaser.

Whoever may see the document in full is barred from its teaser row, so each reader meets one row
at most and a row's text never holds a word its readers may not see.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from whoosh import fields
from whoosh.columns import NumericColumn

from portal.core.search.analyzer import stems, words
from portal.core.search.document import Document

FORMAT = 1  # raise it when rows change: an index of another format has to be made anew
BETWEEN = "\x1f"  # between a facet and its value, and between texts that no phrase may span
NO_DATE = 0

Row = dict[str, Any]


def schema() -> fields.Schema:
    """Texts come as lists of our own tokens; the analyzers Whoosh brings along stay unused.

    Scores are read from `title` and `body`; places, which take longest to read, stand apart: of
    stems in `row`, of words as they were written in `words`.
    """
    return fields.Schema(
        key=fields.ID,
        kind=fields.ID,
        share=fields.ID,  # "all" or "teaser"
        audience=fields.KEYWORD,
        barred=fields.KEYWORD,
        facet=fields.KEYWORD,
        exact=fields.KEYWORD,
        title=fields.KEYWORD(scorable=True),
        body=fields.KEYWORD(scorable=True),
        row=fields.TEXT,
        words=fields.TEXT,
        date=fields.COLUMN(NumericColumn("i", default=NO_DATE)),
        boost=fields.COLUMN(NumericColumn("f", default=1.0)),
        shown=fields.STORED,
    )


def rows(document: Document) -> Iterator[Row]:
    yield _row(document, document.audience, document.body)
    teased = document.teaser_audience - document.audience
    if teased:
        yield _row(document, teased, None)


def _row(document: Document, audience: frozenset[str], body: str | None) -> Row:
    """`body` is None on a teaser row."""
    texts = [document.title, document.summary, body or ""]
    facets = [
        f"{group}{BETWEEN}{value}" for group, values in document.facets.items() for value in values
    ]
    locked = body is None
    return {
        "key": [document.key],
        "kind": [document.kind],
        "share": ["teaser" if locked else "all"],
        "audience": sorted(audience),
        "barred": sorted(document.audience) if locked else [],
        "facet": facets,
        "exact": sorted(_exact(document)),
        "title": stems(document.title),
        "body": stems(f"{document.summary}\n{body or ''}"),
        "row": [word for text in texts for word in [*stems(text, joined=False), BETWEEN]],
        "words": [word for text in texts for word in [*words(text), BETWEEN]],
        "date": document.date.toordinal() if document.date else NO_DATE,
        "boost": document.boost,
        "shown": _shown(document, body),
    }


def _exact(document: Document) -> set[str]:
    found = {" ".join(words(document.title))}
    for code in document.codes:
        found |= {" ".join(words(code)), "".join(words(code))}
    return found - {""}


def _shown(document: Document, body: str | None) -> Row:
    return {
        "key": document.key, "kind": document.kind, "title": document.title, "url": document.url,
        "summary": document.summary, "body": " ".join((body or "").split()),
        "locked": body is None, "stored": document.stored,
    }  # fmt: skip


def date_of(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal else None
