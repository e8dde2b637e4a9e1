"""The practices that come with the portal: as many, and as long, as was promised."""

from collections import Counter

import pytest

from portal.core.markdown import plain
from portal.library.front_matter import STATUSES, VISIBILITIES, BadFile, parse
from portal.library.models import PracticeStatus, Visibility
from portal.library.taxonomy import FOLDER

FILES = sorted((FOLDER / "library").glob("*/*.md"))


def practice(path):
    return parse(path.stem, path.parent.name, path.read_text(encoding="utf-8"))


def test_there_are_forty_of_the_kinds_that_were_planned():
    fronts = [practice(path).front for path in FILES]
    assert sorted(one["id"] for one in fronts) == [f"A{n:02}" for n in range(1, 41)]
    assert Counter(one["kind"] for one in fronts) == {
        "guide": 11, "case_study": 7, "toolkit": 6, "template": 5, "checklist": 4,
        "benchmark": 3, "policy_brief": 3, "white_paper": 1,
    }  # fmt: skip
    outcomes = Counter(one.get("outcome") for one in fronts)
    assert outcomes == {"positive": 4, "negative": 3, "mixed": 3, None: 30}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_has_500_to_1200_words(path):
    assert 500 <= len(plain(practice(path).body).split()) <= 1200


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_is_labelled_as_invented_and_names_its_interest(path):
    front = practice(path).front
    assert front["demo"] is True
    assert front["interest"]["author"]


def test_files_know_the_words_of_the_rows():
    assert set(STATUSES) == {one.value for one in PracticeStatus}
    assert set(VISIBILITIES) == {one.value for one in Visibility}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("kind: case_study", "kind: [guide]", "line 5: kind"),
        ("status: published", "status: finished", "line 23: status"),
        ("visibility: public", "visibility: everyone", "line 24: visibility"),
        ("version: 1", "version: one", "line 26: version"),
        ("review_due: '2027-09-03'", "review_due: soon", "line 32: review_due"),
        ("related:", "related: A05\nmore:", "line 33: related"),
        ("language: en", "channels: [{a: b}]", "line 22: channels"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_its_line(old, new, fault):
    path = FOLDER / "library" / "selection" / "we-chose-on-price.md"
    text = path.read_text(encoding="utf-8")
    with pytest.raises(BadFile, match=fault):
        parse(path.stem, "selection", text.replace(old, new, 1))


def of_ref(ref):
    return next(one for one in map(practice, FILES) if one.front["id"] == ref)


@pytest.mark.parametrize("ref", ["A14", "A37"])
def test_a_worked_example_of_a_benchmark_belongs_to_no_published_cell(ref):
    lines = of_ref(ref).body.splitlines()
    [example] = [line for line in lines if line.startswith("**When ") and "too large" in line]
    assert "figures that belong to no cell below" in example
    assert "Visayas" not in example


def test_what_a_practice_says_of_the_law_of_india_has_its_source():
    of_india = next(one for one in of_ref("A33").front["sources"] if "India" in one["title"])
    assert of_india["year"] == 2020
    assert "rules of several states" not in of_ref("A33").body
