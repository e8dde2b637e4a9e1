"""The diary of searches knows texts and days, and no person."""

from datetime import date

from portal.core.search import diary
from portal.core.search.diary import Asked

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def test_texts_are_counted_folded_with_what_they_found_last(tmp_path):
    diary.note(tmp_path, MONDAY, "Night  BUS?", 0, 4)
    diary.note(tmp_path, TUESDAY, "night bus", 3, 5)
    diary.note(tmp_path, TUESDAY, "zqx", 0, 5)
    diary.note(tmp_path, TUESDAY, " * ", 0, 5)
    assert diary.asked(tmp_path, MONDAY) == [
        Asked("night bus", 2, 3, TUESDAY), Asked("zqx", 1, 0, TUESDAY),
    ]  # fmt: skip
    assert diary.asked(tmp_path, TUESDAY)[0].times == 1


def test_what_is_found_and_hardly_ever_opened_is_passed_over(tmp_path):
    def one(times, hits, opened):
        return Asked("bus", times, hits, MONDAY, opened).is_passed_over

    assert one(3, 1, 0)
    assert one(11, 1, 1)
    assert not one(10, 1, 1)
    assert not one(2, 1, 0)  # says nothing yet
    assert not one(3, 0, 0)  # stands among what was not found
    for _ in range(3):
        diary.note(tmp_path, MONDAY, "bus", 4, 5)
    diary.note_opened(tmp_path, TUESDAY, " Bus? ")
    diary.note_opened(tmp_path, TUESDAY, "tram")
    assert diary.asked(tmp_path, MONDAY) == [Asked("bus", 3, 4, MONDAY, 1)]


def test_addresses_and_telephone_numbers_are_not_written_down(tmp_path):
    diary.note(tmp_path, MONDAY, "ann@firm.example bus +49 (30) 1234-567", 1, 5)
    diary.note(tmp_path, MONDAY, "ann@firm.example", 1, 5)
    assert [one.text for one in diary.asked(tmp_path, MONDAY)] == ["bus"]
    diary.note(tmp_path, MONDAY, "ISO 18295\t7\n8", 1, 5)
    assert {one.text for one in diary.asked(tmp_path, MONDAY)} == {"bus", "iso 18295 7 8"}


def test_what_is_old_is_removed_and_what_is_damaged_passed_over(tmp_path):
    for day in (date(2025, 1, 1), MONDAY):
        diary.note(tmp_path, day, "bus", 1, 5)
    (tmp_path / "notes.tsv").write_text("something else")
    with (tmp_path / "2026-03-02.tsv").open("a") as file:
        file.write("half a li")
    diary.forget(tmp_path, TUESDAY)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026-03-02.tsv", "notes.tsv"]
    assert [one.text for one in diary.asked(tmp_path, date(2020, 1, 1))] == ["bus"]
    assert diary.asked(tmp_path / "missing", MONDAY) == []
