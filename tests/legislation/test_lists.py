"""Lists of bills as tables: a mapping says what their columns mean."""

import json

import pytest

from portal.legislation.bills import Unreadable
from portal.legislation.formats import table
from portal.legislation.rules.words import WORDS
from portal.legislation.sources import source_of

pytestmark = pytest.mark.own_database
MAPPING = {
    "place": "za",
    "licence": "made by hand",
    "columns": ["No", "Name", "Where"],
    "dates": ["%d/%m/%Y"],
    "session": {"value": "2026"},
    "title": "Name",
    "status": "Where",
    "numbers": [{"column": "No", "pattern": r"(B\d+)", "as": "{0}"}],
    "unnumbered": ["Name", "Who"],
    "introduced_on": "Day",
    "sponsors": ["Who"],
    "events": {
        "columns": ["Bill", "When", "What"],
        "key": ["Bill"],
        "on": "When",
        "text": ["What"],
    },
    "rules": [
        {
            "of": "events",
            "column": "What",
            "has": "assent",
            "stage": "enacted",
            "rule": "x.assent",
        },
        {"column": "Where", "begins": "Com", "stage": "committee", "rule": "x.committee"},
        {"column": "Where", "is": "", "stage": "introduced", "rule": "x.blank"},
    ],
}


@pytest.fixture(autouse=True)
def empty_tables():
    """These tests touch no database."""


def bills(text, events="", **changes):
    mapping = MAPPING | {"events": MAPPING["events"] | {"key": ["No"]}} | changes
    mapping["events"] = mapping["events"] | {"columns": ["No", "When", "What"]}
    files = [("list.csv", text.encode()), ("events.csv", events.encode())]
    return [table.parse(raw) for _name, raw in table.joined(files, ("own", mapping))]


def test_a_row_becomes_a_bill_with_its_stage_and_events():
    first, second, third = bills(
        "\ufeffNo,Name,Where,Day,Who\r\nB7,Rest Act,Committee,01/02/2026,Doe\r\n"
        "B8,Night Act,-,,\r\n-,Shift Act,n/a,,Roe\r\n",
        "No,When,What\r\nB8,03/02/2026,Royal assent\r\nB8,02/02/2026,Debated\r\n",
    )
    assert (first.identifier, first.title, first.introduced_on) == ("B7", "Rest Act", "2026-02-01")
    assert [one.name for one in first.sponsors] == ["Doe"]
    assert [(one.on, one.text) for one in second.actions] == [
        ("2026-02-02", "Debated"), ("2026-02-03", "Royal assent"),
    ]  # fmt: skip
    found = [source_of("csv").derive(one, "") for one in (first, second, third)]
    assert [(one.stage.value, one.rule) for one in found] == [
        ("committee", "x.committee"), ("enacted", "x.assent"), ("introduced", "x.blank"),
    ]  # fmt: skip
    assert found[0].evidence == "Where: Committee"
    assert third.identifier.startswith("Unnumbered ")


def test_rows_of_the_same_title_by_two_members_are_two_bills():
    one, two, again = bills("No,Name,Where,Day,Who\n-,A,,,Doe\n-,A,,,Roe\n-,A,,,Doe\n")
    assert one.key == again.key != two.key


@pytest.mark.parametrize(
    ("text", "changes", "words"),
    [
        ("Number,Name\nB7,A\n", {}, "No mapping knows these columns"),
        ("No,Name,Where\nB7,A,Lost\nB8,B,Lost\n", {}, "“Lost” \\(2\\)"),
        ("No,Name,Where,Day\nB7,A,Com,2026-02-30\n", {}, "is no date as this list writes them"),
        ("No,Name,Where\n-,A,Com\n", {"unnumbered": None}, "has no number"),
        ('No,Name,Where\nB7,"A,Com\n', {}, "broken at line"),
    ],
)  # fmt: skip
def test_what_a_list_does_not_say_is_refused_in_words(text, changes, words):
    with pytest.raises(Unreadable, match=words):
        bills(text, **changes)


def test_a_mapping_that_takes_what_it_does_not_know_as_unknown():
    rules = [
        *MAPPING["rules"],
        {"column": "Where", "has": "", "stage": "unknown", "rule": "x.else"},
    ]
    (one,) = bills("No,Name,Where\nB7,A,Lost\n", rules=rules)
    assert source_of("csv").derive(one, "").stage == "unknown"


def test_a_mapping_of_ones_own_says_what_it_lacks(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"place": "za"}))
    with pytest.raises(Unreadable, match="no licence, columns"):
        table.own_mapping(path)
    path.write_text(json.dumps(MAPPING))
    assert table.own_mapping(path) == ("mine", MAPPING)


def test_the_mappings_that_come_with_the_portal_have_words_for_their_rules():
    for mapping in table.mappings().values():
        assert {one["rule"] for one in mapping["rules"]} <= set(WORDS)
