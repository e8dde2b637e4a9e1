"""Words, "phrases", -minus and known filters; whatever else is typed is plain words."""

import time
from dataclasses import replace

import pytest

from portal.core.search.query import Parsed, parse
from tests.core.search.documents import a_document, asked, keys

FIELDS = {"theme", "title"}


@pytest.fixture
def shelf(engine):
    engine.write([
        a_document("living", "The living contract", "A contract that is alive.",
                   facets={"theme": ("contracts",), "place": ("Metro Manila",)}),
        a_document("apart", "Contracts", "Living with a contract at night.",
                   facets={"theme": ("contracts",)}),
        a_document("night", "Night work", "Shuttle and pay.", facets={"theme": ("people",)},
                   codes=("A37",)),
    ])  # fmt: skip
    return engine


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"living contract"', {"living"}),
        ('"living contracts"', set()),
        ('night "living contract"', {"living"}),
        ("contract -night", {"living"}),
        ('contract -"living contract"', {"apart"}),
        ("-contract", {"night"}),
        ("theme:people", {"night"}),
        ("THEME:People", {"night"}),
        ("contract theme:people", set()),
        ("-theme:people", {"living", "apart"}),
        ('place:"metro manila"', {"living"}),
        ("title:contract", {"living", "apart"}),
        ("title:living contract", {"living"}),
        ("-title:contract", {"night"}),
        ("theme:nowhere", set()),
        ("unknown:night", {"apart", "night"}),
        ("place:metro-manila", {"living"}),
        ("contract place:metro_manila", {"living"}),
        ("theme:night", {"apart", "night"}),
        ("id:A37", {"night"}),
        ("ID:a37", {"night"}),
    ],
)
def test_the_language_finds_what_it_says(shelf, text, expected):
    assert set(keys(shelf.search(asked(text)))) == expected


def test_a_phrase_does_not_run_from_the_title_into_the_summary(engine):
    engine.write([a_document("one", "The end", summary="Game over", body="Again")])
    assert engine.search(asked('"the end"')).total == 1
    assert engine.search(asked('"end game"')).total == 0


def test_a_filter_typed_and_a_filter_chosen_widen_one_another(shelf):
    found = shelf.search(asked("theme:people", filters={"theme": ("contracts",)}))
    assert found.total == 3


def test_of_a_long_text_the_twelve_rarest_words_of_the_index_are_looked_for(engine):
    engine.write([a_document(f"n{n}", body=" ".join(f"word{m}" for m in range(n, 20)))
                  for n in range(20)])  # fmt: skip
    long = " ".join(f"never{n} the word{n}" for n in reversed(range(20)))
    assert set(engine.search(asked(long)).terms) == {f"word{n}" for n in range(12)}
    everything = replace(asked(long), is_whole=True)
    assert {f"word{n}" for n in range(20)} <= set(engine.search(everything).terms)


def test_no_more_than_twelve_of_anything_else_are_read():
    assert len(parse("-a " * 50, FIELDS).without) == 12
    assert len(parse('"a" ' * 50, FIELDS).phrases) == 12
    assert len(parse("theme:a " * 50, FIELDS).filters) == 12


def test_an_unbalanced_quotation_mark_is_no_phrase():
    assert parse('exit "plan b', FIELDS) == Parsed(words=("exit", "plan", "b"))


def test_hyphened_words_are_also_asked_for_joined():
    assert parse("on-site", FIELDS) == Parsed(words=("on", "site"), joined=("onsite",))


WEIRD = [
    "", " ", "*", "***", "-", "--", '"', '""', '"""', '-"', ":", "theme:", "title:", "-theme:",
    'theme:""', 'title:"', "(a OR b", "a AND", "NOT", "[1 TO 2]", "a~2", "a^9", "/x/", "\\", "a\\",
    "\x00", "a\x00b", "\ud800", "🙂", "🙂 night", "\u202enight", "ﷺ" * 50, "́" * 90, "½ ² ﬁ",
    "a" * 10_000, "x " * 5_000, '"a ' * 3_000, "night:" * 2_000, "-" * 10_000,
    " ".join(f"{chr(97 + n % 26)}{n}*" for n in range(200)), "日本語 العربية עברית",
]  # fmt: skip


@pytest.mark.parametrize("text", WEIRD, ids=lambda text: ascii(text[:12]))
def test_any_text_is_answered_and_soon(shelf, text):
    began = time.process_time()
    for while_typing in (False, True):
        shelf.search(asked(text, while_typing=while_typing, filters={"theme": (text,)}))
        shelf.search(asked(text, while_typing=while_typing))
    shelf.suggest(text, frozenset({"public"}))
    assert time.process_time() - began < 5  # for five questions


@pytest.mark.parametrize("filters", [{"nosuch": ("x",)}, {"theme": ("nosuch",)}])
def test_a_filter_that_does_not_exist_finds_nothing(shelf, filters):
    assert shelf.search(asked("contract", filters=filters)).total == 0


def test_a_filter_without_values_filters_nothing(shelf):
    assert shelf.search(asked("contract", filters={"theme": ()})).total == 2
