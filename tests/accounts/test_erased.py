"""Who was erased stays erased, also when an older backup is restored."""

import json

import pytest

from portal.accounts import erased, erasing
from portal.accounts.models import Person
from portal.core import audit, jobs
from portal.core.db import db
from portal.core.states import Refused
from tests.make import make_contact, make_firm, make_person


@pytest.fixture(autouse=True)
def no_list(app):
    erased.place().unlink(missing_ok=True)
    yield
    erased.place().unlink(missing_ok=True)


def erase(person):
    erasing.erase(person)
    db.session.commit()
    jobs.work()


def restored(person, **facts):
    """As an older backup has it: named again, and nobody's erasure known."""
    for name, value in facts.items():
        setattr(person, name, value)
    db.session.commit()


def test_the_list_has_numbers_and_days_and_nothing_that_names_anybody():
    person = make_person(display_name="Rosa Lim", email="rosa@test.example")
    erase(person)
    jobs.work()
    text = erased.place().read_text()
    assert [sorted(json.loads(line)) for line in text.splitlines()] == [
        ["erased_at", "made_at", "person"]
    ]
    assert "rosa" not in text.lower()


def test_a_restored_person_is_erased_again_and_once(tmp_path):
    person = make_person()
    erase(person)
    kept = tmp_path / "list.jsonl"
    kept.write_text(erased.place().read_text())
    restored(person, display_name="Rosa Lim", email="rosa@test.example")
    assert erased.again(kept) == 1
    db.session.expire_all()
    assert (person.display_name, person.email) == ("former user", erasing.address_of(person.id))
    assert erased.again(kept) == 0
    assert list(audit.broken_links()) == []


def test_what_would_stand_against_it_today_does_not_keep_them(tmp_path):
    make_person()
    admin = make_person("admin")
    make_contact(make_firm(), "dues_contact", email="x@test.example")
    assert erasing.why_not(admin)
    erased.note(admin)
    assert erased.again(erased.place()) == 1
    assert db.session.get(Person, admin.id).display_name.startswith("former")


def test_another_person_who_has_the_number_now_is_left_alone():
    person = make_person()
    line = {"person": person.id, "made_at": "2020-01-01T00:00:00+00:00"}
    erased.place().write_text(json.dumps(line) + "\n")
    assert erased.again(erased.place()) == 0


@pytest.mark.parametrize("text", ["hello\n", "[1]\n", '{"person": 1}\n', '{"made_at": "x"}\n'])
def test_a_file_that_is_no_list_is_refused_in_words(text, tmp_path):
    (tmp_path / "x.jsonl").write_text(text)
    with pytest.raises(Refused, match="no list of erasures"):
        erased.again(tmp_path / "x.jsonl")
