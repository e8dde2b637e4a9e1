"""A hit in a file names its page; hits can be put in other orders than the best first."""

from datetime import date

import pytest

from tests.core.search.documents import PUBLIC, a_document, asked, keys

PAGES = (
    "The plan.\nWho does what.",
    "  ",
    "Night shifts need a shuttle \0 home.",
    "Costs rise with attrition.",
)


def test_a_hit_in_a_file_says_on_which_page_it_was_found(engine):
    engine.write([a_document("file", "Toolkit.pdf", pages=PAGES, summary="A file of Alpha")])
    pages = {
        word: engine.search(asked(word)).hits[0].page for word in ("plan", "shuttle", "costs")
    }
    assert pages == {"plan": 1, "shuttle": 3, "costs": 4}
    assert engine.search(asked("alpha")).hits[0].page is None
    assert engine.search(asked("toolkit")).hits[0].page is None


def test_a_locked_file_does_not_say_on_which_page_anything_is(engine):
    engine.write([
        a_document("file", "Toolkit.pdf", pages=PAGES, audience={"members"},
                   teaser_audience=PUBLIC),
    ])  # fmt: skip
    assert engine.search(asked("shuttle")).total == 0
    assert engine.search(asked("toolkit")).hits[0].page is None


def test_a_document_is_a_text_or_pages():
    with pytest.raises(ValueError, match="either"):
        a_document("both", body="Text", pages=PAGES)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("newest", ["b", "a", "c"]), ("reviewed", ["a", "b", "c"]), ("useful", ["c", "b", "a"])],
)
def test_hits_come_in_the_order_asked_for(engine, sort, expected):
    engine.write([
        a_document("a", date=date(2025, 1, 1), reviewed_on=date(2026, 3, 1), useful=1),
        a_document("b", date=date(2026, 1, 1), reviewed_on=date(2026, 2, 1), useful=2),
        a_document("c", useful=3),
    ])  # fmt: skip
    assert keys(engine.search(asked("page", sort=sort))) == expected
