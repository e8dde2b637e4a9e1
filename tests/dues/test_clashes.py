"""Two rules of a tariff that contradict each other are refused; a tariff in force goes on."""

import json
from datetime import date

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.dues.clashes import clash
from portal.dues.models import Tariff, TariffDraft
from portal.dues.pricing import quote
from tests.dues.books import FEE, SEATS, book, case, flat, make_tariff
from tests.dues.test_tariffs import adopt, make_draft
from tests.make import make_person
from tests.test_commands import Portal

FRONT, BACK = ["provider_front"], ["provider_back", "technology"]
TWICE = book(*book()["rules"], FEE | {"id": "fee"}, flat(900, "consultant") | {"id": "fee"})
SEATS_TWICE = book(*book()["rules"], SEATS, SEATS | {"classes": BACK, "price": 5000})


@pytest.fixture
def finance(browser, at):
    at(2026, 6, 1)
    return browser.sign_in(make_person("finance"))


@pytest.mark.parametrize(("rules", "words"), [
    (TWICE["rules"], "Rule 3, flat, has the id “fee” of rule 2, joining_fee"),
    (SEATS_TWICE["rules"], "Rule 3, seats, prices the seats of provider back, as rule 2, seats"),
    ([SEATS, SEATS], "seats of every class"),
    ([SEATS | {"classes": BACK}, SEATS], "seats of provider back"),
    ([SEATS | {"classes": BACK}, SEATS | {"classes": ["technology"]}], "seats of technology"),
    ([SEATS | {"classes": BACK}, SEATS | {"classes": FRONT}], ""),
    ([flat(1, "consultant"), flat(2, "technology"), flat(3, "technology"), FEE, FEE], ""),
    ([FEE | {"id": "a"}, FEE | {"id": "b"}, FEE], ""),
    ([FEE | {"id": ""}, FEE | {"id": ""}], ""),
    ([], ""),
])  # fmt: skip
def test_two_rules_of_one_id_and_two_prices_of_one_seat_contradict_each_other(rules, words):
    assert words in clash(rules)
    assert bool(clash(rules)) == bool(words)


def test_a_rule_that_contradicts_another_is_refused_where_it_is_written(browser, finance):
    draft = make_draft(book(*book()["rules"], SEATS | {"classes": FRONT}))
    url = f"/staff/dues/tariffs/draft/{draft.id}"
    told = {"included": "2", "price": "50.00"}
    answer = browser.post(f"{url}/rules/seats", status=200, **told).text
    assert "Rule 3, seats, prices the seats of provider front" in answer
    assert 'value="50.00"' in answer
    db.session.refresh(draft)
    assert len(draft.book["rules"]) == 2
    browser.post(f"{url}/rules/seats", classes=BACK, **told)
    assert "seats of provider front" in browser.post(
        f"{url}/rules/2/edit", status=200, classes=[*FRONT, *BACK], **told
    ).text  # fmt: skip
    db.session.refresh(draft)
    assert draft.book["rules"][2]["classes"] == BACK


def test_a_draft_of_old_is_mended_rule_by_rule_and_adopted_after(browser, finance):
    draft = make_draft(SEATS_TWICE)
    assert "Rule 3, seats, prices the seats" in adopt(browser, draft, status=200).text
    url = f"/staff/dues/tariffs/draft/{draft.id}"
    browser.post(f"{url}/rules/levy", amount="30", decision="GM 7")  # what else it says is free
    browser.post(f"{url}/rules/2/remove")
    adopt(browser, draft)
    assert db.session.scalars(select(Tariff)).one().code == "2027"


@pytest.mark.parametrize("the_book", [TWICE, SEATS_TWICE])
def test_a_tariff_with_such_rules_is_not_brought_in_nor_quoted(
    browser, finance, tmp_path, the_book
):
    answer = browser.post("/staff/dues/tariffs/import", status=200, text=json.dumps(the_book)).text
    assert "Rule 3, " in answer
    assert not db.session.scalars(select(TariffDraft)).all()
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"tariff": the_book, "cases": [case(60)]}))
    assert "Rule 3, " in Portal(tmp_path).run("quote", file, code=1)


def test_a_tariff_in_force_goes_on_pricing_what_it_was_adopted_for(app):
    made = make_tariff(book=SEATS_TWICE, effective_from=date(2020, 1, 1))
    found = quote(made.whole_book, case(60, seats=7))
    assert found.net == 241800 + 2 * 9500
