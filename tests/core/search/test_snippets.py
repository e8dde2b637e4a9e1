"""The passage shown is the telling one, its words marked, everything escaped."""

import pytest

from portal.core.search import as_html
from portal.core.search.analyzer import stem
from portal.core.search.snippets import Marker
from tests.core.search.documents import a_document, asked

FILLER = "Nothing of interest stands here and goes on for a while. " * 20


def marker(*words):
    return Marker(frozenset(stem(word) for word in words))


def text_of(pieces):
    return "".join(text for text, _ in pieces)


def marked(pieces):
    return [text for text, is_marked in pieces if is_marked]


def test_the_words_found_are_marked_in_all_their_forms(engine):
    engine.write([a_document("one", "Contracts’ ends", "Contracting in Bogotá’s centre.")])
    [hit] = engine.search(asked("contract bogota center")).hits
    assert marked(hit.title_marked) == ["Contracts"]
    assert marked(hit.snippet) == ["Contracting", "Bogotá’s", "centre"]
    assert hit.title == text_of(hit.title_marked)


def test_synonyms_and_corrected_words_are_marked_too(engine):
    engine.write([a_document("one", body="The turnover of agents is an issue.")])
    assert marked(engine.search(asked("attrition")).hits[0].snippet) == ["turnover"]
    assert marked(engine.search(asked("turnovr agnets")).hits[0].snippet) == ["turnover", "agents"]


def test_what_a_document_says_is_escaped_and_only_the_mark_is_markup(engine):
    engine.write([a_document("one", "<b>Exit</b>", '<script>alert("exit")</script> & more')])
    [hit] = engine.search(asked("exit")).hits
    assert as_html(hit.title_marked) == "&lt;b&gt;<mark>Exit</mark>&lt;/b&gt;"
    assert "<script>" not in as_html(hit.snippet)
    assert "<mark>exit</mark>" in as_html(hit.snippet)


def test_the_passage_is_short_cut_at_words_and_holds_the_word():
    pieces = marker("zebra").snippet(f"{FILLER}Then a zebra comes. {FILLER}")
    text = text_of(pieces)
    assert marked(pieces) == ["zebra"]
    assert len(text) <= 224
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert all(word.strip(".") in f"{FILLER} Then a zebra comes" for word in text[2:-2].split())


def test_two_passages_are_shown_when_the_words_stand_far_apart():
    pieces = marker("zebra", "quagga").snippet(f"A zebra. {FILLER} A quagga. {FILLER}")
    assert marked(pieces) == ["zebra", "quagga"]
    assert len(text_of(pieces)) <= 228


def test_one_sign_of_omission_stands_between_two_passages():
    text = f"{FILLER} A zebra. {FILLER} A quagga. {FILLER}"
    said = text_of(marker("zebra", "quagga").snippet(text))
    assert said.count("…") == 3
    assert " …… " not in said
    assert " … … " not in said


def test_the_passage_with_most_of_the_words_is_shown():
    text = f"A zebra. {FILLER} A quagga beside a zebra. {FILLER}"
    assert marked(marker("zebra", "quagga").snippet(text)) == ["quagga", "zebra"]


def test_the_summary_is_shown_when_only_it_or_the_title_was_meant(engine):
    engine.write([a_document("one", "Exit", FILLER, summary="How to leave well.")])
    [hit] = engine.search(asked("exit")).hits
    assert text_of(hit.snippet) == "How to leave well."


@pytest.mark.parametrize("text", ["", " ", "a", "é" * 500, "x" * 5000, "🙂" * 300, "\x00zebra"])
def test_any_text_gives_a_passage_of_itself(text):
    found = text_of(marker("zebra").snippet(text)).removesuffix(" …")
    assert found in text


def test_marks_stay_in_place_in_long_accented_text():
    text = "é" * 3 + " İstanbul ǅ " + "Ünal zébra " * 3
    assert marked(marker("zebra").mark(text)) == ["zébra"] * 3
    assert text_of(marker("zebra").mark(text)) == text


def test_nothing_is_marked_when_nothing_was_asked():
    assert Marker(frozenset()).mark("Some text") == (("Some text", False),)
