"""A hit in a file names its page; hits can be put in other orders than the best first."""

from datetime import date

import pytest

from portal.core.search.document import PAID
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


def test_of_equals_the_fresh_the_useful_and_what_is_not_overdue_come_first(engine, at):
    at(2026, 9, 1)
    engine.write([
        a_document("old", date=date(2020, 1, 1)),
        a_document("overdue", date=date(2026, 8, 1), review_due=date(2026, 8, 31)),
        a_document("reviewed", date=date(2020, 1, 1), reviewed_on=date(2026, 8, 1),
                   review_due=date(2026, 9, 1)),
        a_document("useful", date=date(2026, 8, 1), useful=40),
    ])  # fmt: skip
    hits = engine.search(asked("page")).hits
    assert [hit.key for hit in hits] == ["useful", "reviewed", "overdue", "old"]
    assert hits[0].score / hits[-1].score < 1.15
    at(2026, 9, 2)  # now the other is overdue too: reckoned when it is asked
    assert engine.search(asked("page")).hits[1].score < hits[1].score


def test_what_was_paid_for_comes_last_in_every_order(engine):
    engine.write([
        a_document("paid", "Page", date=date(2026, 9, 1), useful=90, boost=PAID,
                   reviewed_on=date(2026, 9, 1)),
        a_document("organic", "A whole other page", "one page " * 9),
    ])  # fmt: skip
    for sort in ("relevance", "newest", "reviewed", "useful"):
        assert keys(engine.search(asked("page", sort=sort))) == ["organic", "paid"]
    assert keys(engine.search(asked(""))) == ["organic", "paid"]


@pytest.mark.parametrize(
    ("fact", "most"),
    [({"date": date(2026, 9, 1)}, 1.10), ({"useful": 10**6}, 1.05),
     ({"review_due": date(2026, 8, 31)}, 0.95)],
)  # fmt: skip
def test_no_fact_beside_the_text_weighs_more_than_it_may(engine, at, fact, most):
    at(2026, 9, 1)
    engine.write([a_document("plain"), a_document("with", **fact)])
    scores = {hit.key: hit.score for hit in engine.search(asked("page")).hits}
    assert scores["with"] / scores["plain"] == pytest.approx(most)


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
