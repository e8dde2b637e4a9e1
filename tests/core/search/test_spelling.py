"""Slips are corrected to words the reader can find; words that exist are left alone."""

import pytest

from portal.core.search.spelling import distance
from tests.core.search.documents import MEMBER, a_document, asked, keys


@pytest.fixture
def shelf(engine):
    engine.write([
        a_document("attrition", "Reducing attrition", "Agents leave in the first month."),
        a_document("calibration", "Call calibration", "Score together."),
        a_document("members", "Escalation", "A rota.", audience={"members"}),
    ])  # fmt: skip
    return engine


@pytest.mark.parametrize(
    ("typed", "meant", "found"),
    [
        ("atrition", "attrition", "attrition"), ("attritoin", "attrition", "attrition"),
        ("Atriton", "attrition", "attrition"), ("calibartion", "calibration", "calibration"),
        ("how to reduce atrition?", "how to reduce attrition?", "attrition"),
        ("agent -score atrition", "agent -score attrition", "attrition"),
    ],
)  # fmt: skip
def test_a_slip_is_respelled_and_found(shelf, typed, meant, found):
    results = shelf.search(asked(typed))
    assert results.did_you_mean == meant
    assert keys(results)[0] == found


@pytest.mark.parametrize(
    "typed",
    ["attrition", "reduced", "turnover", "zzqxyw", "hb1234", "xttrition", "the", '"atrition"',
     "-atrition", "loaves"],
)  # fmt: skip
def test_what_is_known_quoted_coded_or_unlike_anything_is_left_alone(shelf, typed):
    assert shelf.search(asked(typed)).did_you_mean is None


def test_a_word_only_others_may_see_is_unknown_and_never_offered(shelf):
    assert shelf.search(asked("escalaton")).did_you_mean is None
    assert shelf.search(asked("escalaton", MEMBER)).did_you_mean == "escalation"


def test_of_several_near_words_the_nearer_then_the_more_frequent_is_meant(engine):
    engine.write([
        a_document("1", body="shift"), a_document("2", body="shifts"),
        a_document("3", body="shirt"), a_document("4", body="shirt"),
    ])  # fmt: skip
    assert engine.search(asked("shiftt")).did_you_mean == "shifts"
    assert engine.search(asked("shint")).did_you_mean == "shirt"


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("same", "same", 0), ("one", "one s", 2), ("form", "from", 1), ("abc", "xbc", 1),
     ("abcd", "bcd", 1), ("kitten", "sitting", 3), ("", "ab", 2)],
)  # fmt: skip
def test_edits_are_counted_and_a_swap_is_one(one, other, edits):
    assert distance(one, other, 3) == edits


def test_counting_stops_when_there_are_too_many_edits():
    assert distance("completely", "different", 2) == 3
