"""Nothing tells of a document to a person who may not see it."""

import pytest

from tests.core.search.documents import MEMBER, PUBLIC, STAFF, a_document, asked, keys

EVERYWHERE = "zebra"


@pytest.fixture
def shelf(engine):
    engine.write([
        a_document("open", "Open contracts", "Contract and attrition.",
                   facets={"theme": ("contracts",)}),
        a_document("members", "Member contracts", "Contract and xylophone.", audience={"members"},
                   facets={"theme": ("contracts", "people")}),
        a_document("teased", "Teased contracts", "Contract and quagmire in the body.",
                   audience={"members"}, teaser_audience=PUBLIC, summary="A summary of vellum.",
                   facets={"theme": ("people",)}),
        a_document("hidden", "Zebra contracts", "Contract and zebra.", audience={"staff"},
                   kind="note", codes=("Z 99",), facets={"theme": ("zebra",), "zebra": ("yes",)}),
        a_document("group", "Our papers", "Contract of the group.", audience={"group:12"}),
    ])  # fmt: skip
    return engine


def test_each_reader_finds_what_is_open_to_them(shelf):
    assert set(keys(shelf.search(asked("contract")))) == {"open", "teased"}
    assert set(keys(shelf.search(asked("contract", MEMBER)))) == {"open", "members", "teased"}
    assert set(keys(shelf.search(asked("contract", frozenset({"group:12"}))))) == {"group"}
    assert shelf.search(asked("contract", frozenset())).total == 0


def test_a_facet_counts_only_what_the_reader_sees(shelf):
    assert shelf.search(asked("contract")).facets == {"theme": [("contracts", 1), ("people", 1)]}
    seen = shelf.search(asked("contract", MEMBER)).facets
    assert seen == {"theme": [("contracts", 2), ("people", 2)]}
    assert shelf.search(asked("contract", MEMBER)).kinds == [("practice", 3)]
    assert shelf.search(asked("contract", STAFF)).kinds == [("practice", 3), ("note", 1)]


def test_choosing_a_facet_leaves_the_counts_of_its_other_values(shelf):
    found = shelf.search(asked("", MEMBER, filters={"theme": ("contracts",)}))
    assert found.total == 2
    assert found.facets["theme"] == [("contracts", 2), ("people", 2)]


def test_a_facet_counts_what_the_other_filters_leave(engine):
    engine.write([
        a_document("1", facets={"theme": ("a",), "place": ("ph",)}),
        a_document("2", facets={"theme": ("a",), "place": ("za",)}),
        a_document("3", facets={"theme": ("b",), "place": ("ph",)}),
    ])  # fmt: skip
    found = engine.search(asked("", filters={"theme": ("a",), "place": ("ph",)}))
    assert keys(found) == ["1"]
    assert found.facets == {"theme": [("a", 1), ("b", 1)], "place": [("ph", 1), ("za", 1)]}


def test_kinds_narrow_the_hits_and_keep_the_counts_of_other_kinds(shelf):
    found = shelf.search(asked("contract", STAFF, kinds=frozenset({"note"})))
    assert keys(found) == ["hidden"]
    assert found.kinds == [("practice", 3), ("note", 1)]


@pytest.mark.parametrize(
    "text",
    ["zebra", "zebta", '"zebra contracts"', "theme:zebra", "zebra:yes", "title:zebra", "Z 99",
     "zebra -contract", "-contract zebra"],
)  # fmt: skip
@pytest.mark.parametrize("reader", [PUBLIC, MEMBER])
def test_a_hidden_document_is_never_told(shelf, text, reader):
    found = shelf.search(asked(text, reader))
    assert "hidden" not in keys(found)
    assert EVERYWHERE not in str(found.facets) + str(found.did_you_mean) + str(found.kinds)


def test_no_filter_shows_that_a_hidden_value_exists(shelf):
    hidden = shelf.search(asked("", MEMBER, filters={"theme": ("zebra",)}))
    missing = shelf.search(asked("", MEMBER, filters={"theme": ("nosuch",)}))
    assert (hidden.total, hidden.facets) == (missing.total, missing.facets)


def test_no_suggestion_completes_to_a_hidden_word(shelf):
    assert shelf.suggest("zeb", MEMBER) == []
    assert shelf.suggest("zeb", STAFF) == ["Zebra contracts"]
    assert shelf.search(asked("zeb", MEMBER, while_typing=True)).total == 0
    assert shelf.search(asked("zeb", STAFF, while_typing=True)).total == 1


def test_suggestions_are_titles_that_hold_every_word(shelf):
    assert set(shelf.suggest("contr", PUBLIC)) == {"Open contracts", "Teased contracts"}
    assert shelf.suggest("teased contr", PUBLIC) == ["Teased contracts"]
    assert shelf.suggest("quagm", PUBLIC) == []
    assert shelf.suggest("te", PUBLIC) == []


def test_a_teaser_is_found_by_title_and_summary_and_is_locked(shelf):
    for text in ("teased", "vellum", '"summary of vellum"'):
        [hit] = shelf.search(asked(text)).hits
        assert (hit.key, hit.locked, hit.summary) == ("teased", True, "A summary of vellum.")
        assert "quagmire" not in str(hit)


@pytest.mark.parametrize("text", ["quagmire", "quagmira", '"quagmire in the body"', "quagm"])
def test_a_teaser_does_not_tell_what_its_body_says(shelf, text):
    found = shelf.search(asked(text, while_typing=True))
    assert (found.total, found.did_you_mean) == (0, None)
    assert keys(shelf.search(asked(text, MEMBER, while_typing=True))) == ["teased"]


def test_who_may_read_it_all_finds_it_once_and_open(shelf):
    [hit] = shelf.search(asked("teased", MEMBER)).hits
    assert not hit.locked
    assert keys(shelf.search(asked("quagmire", MEMBER))) == ["teased"]


def test_a_teaser_counts_as_one_document(shelf):
    assert shelf.count() == 5
    assert shelf.search(asked("", STAFF | {"group:12"})).total == 5
