"""What comes first, and what is found at all."""

from datetime import date

import pytest

from tests.core.search.documents import MEMBER, a_document, asked, keys


def test_a_word_in_the_title_comes_before_the_same_word_in_the_body(engine):
    engine.write([
        a_document("body", "Leaving early", "Why attrition costs more than it seems."),
        a_document("title", "Attrition", "Why people leave costs more than it seems."),
    ])  # fmt: skip
    assert keys(engine.search(asked("attrition"))) == ["title", "body"]


def test_lengths_are_counted_to_the_word(engine):
    engine.write([
        a_document("shorter", body="attrition " + "night bus " * 100),
        a_document("longer", body="attrition extra " + "night bus " * 100),
    ])  # fmt: skip
    assert keys(engine.search(asked("attrition"))) == ["shorter", "longer"]


def test_a_document_with_all_words_comes_before_one_with_the_rarer_word_alone(engine):
    engine.write([
        a_document("both", body="The exit plan names who hands over what."),
        a_document("one", body="Plan the shifts of the week, then plan the breaks."),
        a_document("other", body="The exit is on the left."),
    ])  # fmt: skip
    found = engine.search(asked("exit plan"))
    assert keys(found)[0] == "both"
    assert found.total == 3


def test_words_in_a_row_count_for_more_than_the_same_words_apart(engine):
    engine.write([
        a_document("row", body="The knowledge transfer went well last year in all of it."),
        a_document("apart", body="The transfer of all the knowledge went well last year."),
    ])  # fmt: skip
    assert keys(engine.search(asked("knowledge transfer"))) == ["row", "apart"]


def test_all_words_in_the_title_beat_many_of_them_in_the_body(engine):
    engine.write([
        a_document("body", "A page", "Night bus, night bus, and again the night bus to Cebu."),
        a_document("title", "The night bus", "How people get home."),
    ])  # fmt: skip
    assert keys(engine.search(asked("night bus"))) == ["title", "body"]


@pytest.mark.parametrize("asked_for", ["A37", "a37", "HB 1234", "hb1234", "Night shifts"])
def test_a_code_or_a_whole_title_comes_first(engine, asked_for):
    body = f"{asked_for} " * 30
    engine.write([
        a_document("loud", "A37 HB 1234 HB1234 night shifts and more", body),
        a_document("meant", "Night shifts", codes=("A37", "HB 1234")),
    ])  # fmt: skip
    assert keys(engine.search(asked(asked_for)))[0] == "meant"


def test_a_long_question_finds_what_some_of_its_words_say(engine):
    engine.write([
        a_document("meant", "Reducing attrition", "The first ninety days decide who stays."),
        a_document("other", "Vendor scoring", "A sheet for choosing."),
    ])  # fmt: skip
    question = "what can a team leader do so that we do not see attrition in the first 90 days?"
    assert keys(engine.search(asked(question))) == ["meant"]


def test_a_question_of_stop_words_alone_finds_them(engine):
    engine.write([a_document("who", "The Who", "Live."), a_document("other", "Live music")])
    assert keys(engine.search(asked("the who"))) == ["who"]


def test_of_many_with_some_stop_words_the_one_with_all_comes_first(engine):
    engine.write([
        a_document("all", body="Who we are. " + "Night bus. " * 30),
        *(a_document(f"n{n}", body="We are.") for n in range(350)),
    ])  # fmt: skip
    assert keys(engine.search(asked("who we are")))[:2] == ["all", "n349"]


@pytest.mark.parametrize(
    ("written", "asked_for"),
    [
        ("Contracting", "contracts"), ("Bogotá", "bogota"), ("Bogota", "BOGOTÁ"),
        ("the client’s silos", "clients"), ("call_centre.routing", "routing"),
        ("labour", "labor"), ("centers", "centre"), ("organisation", "organization"),
        ("analyse", "analyzing"), ("on-site", "onsite"), ("onsite", "on-site"),
        ("ISO 18295", "18295"), ("ﬁle", "file"), ("follow-up 24/7", "24/7"),
    ],
)  # fmt: skip
def test_spellings_and_endings_find_one_another(engine, written, asked_for):
    engine.write([a_document("one", body=f"Here is {written} in a row.")])
    assert keys(engine.search(asked(asked_for))) == ["one"]


def test_synonyms_are_found_after_the_word_itself(engine):
    engine.write([
        a_document("other", body="Why staff turnover hurts."),
        a_document("itself", body="Why staff attrition hurts."),
        a_document("phrase", body="Why early leavers hurt."),
        a_document("apart", body="Early on, nobody."),
    ])  # fmt: skip
    found = engine.search(asked("attrition"))
    assert keys(found)[0] == "itself"
    assert set(keys(found)) == {"itself", "other", "phrase"}
    assert found.also_searched == ("turnover", "early leavers")


def test_synonyms_of_several_words_stand_for_their_acronym_and_back(engine):
    engine.write([
        a_document("short", body="Watch the AHT closely."),
        a_document("long", body="Watch the average handling times closely."),
    ])  # fmt: skip
    assert set(keys(engine.search(asked("AHT")))) == {"short", "long"}
    assert set(keys(engine.search(asked("average handling time")))) == {"short", "long"}


def test_a_name_of_several_words_is_found_when_it_is_written_as_one(engine):
    engine.write([
        a_document("whole", body="The early leavers of May."), a_document("apart", body="Early."),
        a_document("other", body="Turnover in May."),
    ])  # fmt: skip
    found = engine.search(asked("earlyleavers"))
    assert set(keys(found)) == {"whole", "other"}
    assert found.did_you_mean is None
    assert found.also_searched == ("early leavers", "attrition", "turnover")


def test_a_hyphened_word_that_is_known_as_one_is_not_respelled_by_its_parts(engine):
    engine.write([
        a_document("offshore", body="An offshore site."), a_document("share", body="A share."),
    ])  # fmt: skip
    found = engine.search(asked("off-shore"))
    assert (keys(found), found.did_you_mean) == (["offshore"], None)


def test_an_arrow_works_one_way_and_single_letters_stand_for_nothing(engine):
    engine.write([
        a_document("loss", body="Customer loss."), a_document("churn", body="Churn."),
        a_document("letter", body="A single letter."),
    ])  # fmt: skip
    assert set(keys(engine.search(asked("churn")))) == {"churn", "loss"}
    assert keys(engine.search(asked('"customer loss"'))) == ["loss"]
    assert "letter" not in keys(engine.search(asked("x")))


def test_a_note_stands_by_what_is_searched_as_well_unless_a_filter_says_otherwise(engine):
    engine.write([
        a_document("leave", body="Why people walk out.", facets={"theme": ("people",)}),
        a_document("sales", body="Yield of the year.", facets={"theme": ("tax",)}),
    ])  # fmt: skip
    found = engine.search(asked("yield"))
    assert set(keys(found)) == {"leave", "sales"}
    assert found.notes == ("Read as people who leave.",)
    chosen = engine.search(asked("yield", filters={"theme": ("tax",)}))
    assert (keys(chosen), chosen.notes, chosen.also_searched) == (["sales"], (), ())
    assert engine.search(asked("yield theme:tax")).notes == ()


def test_nothing_asked_shows_the_newest_first(engine):
    engine.write([
        a_document("old", date=date(2024, 1, 1)), a_document("new", date=date(2026, 1, 1)),
        a_document("undated"),
    ])  # fmt: skip
    assert keys(engine.search(asked(""))) == ["new", "old", "undated"]
    assert engine.search(asked("")).hits[0].date == date(2026, 1, 1)


def test_the_newest_can_be_asked_for_among_what_was_found(engine):
    engine.write([
        a_document("old", "Attrition", date=date(2024, 1, 1)),
        a_document("new", body="attrition", date=date(2026, 1, 1)), a_document("other"),
    ])  # fmt: skip
    assert keys(engine.search(asked("attrition", sort="newest"))) == ["new", "old"]


def test_a_document_may_be_held_back_but_never_pushed(engine):
    engine.write([a_document("held", "Attrition", boost=0.9), a_document("other", "Attrition")])
    assert keys(engine.search(asked("attrition"))) == ["other", "held"]
    with pytest.raises(ValueError, match="hold the other documents back"):
        a_document("pushed", boost=1.1)


def test_pages_follow_one_another_without_gap_or_repeat(engine):
    engine.write(a_document(f"n{n}", body="attrition " * (n % 5 + 1)) for n in range(45))
    pages = [keys(engine.search(asked("attrition", page=page))) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [20, 20, 5, 0]
    assert len({key for page in pages for key in page}) == 45
    assert engine.search(asked("attrition", page=10**9)).total == 45


def test_an_unfinished_word_is_completed_while_typing_only(engine):
    engine.write([a_document("one", body="Workforce management and outsourcing.")])
    assert keys(engine.search(asked("outsourci", while_typing=True))) == ["one"]
    assert engine.search(asked("ou", while_typing=True)).total == 0
    assert engine.search(asked("manage workfo")).total == 1
    assert engine.search(asked("zz workfo", MEMBER)).hits == ()
