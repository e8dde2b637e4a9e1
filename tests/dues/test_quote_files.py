"""`portal quote`: a wrong case is answered by a sentence, a wrong tariff refused by one."""

import contextlib
import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.dues.needs import Unreadable
from portal.dues.pricing import quote_file
from tests.dues.books import FEE, SEATS, book, case, change, flat
from tests.test_commands import Portal

GOOD = case(60, id="good", seats=8, changes=[change("2026-12-01", 130)])
TAX = {"dues": {"outcome": "reverse_charge", "percent": "0", "text": "Reverse charge"}}
WHOLE = case(
    60, id="whole", facts=["sme"], chapters=["north"], donation=500, cap=10**9, renews=True,
    others={"contact_centre_fte": "3"}, basis={"contact_centre_fte": "audited"}, taxes=TAX,
    anchor_on="2026-01-01", ends_on="2026-12-31", trial_from="2025-12-01", trial_credited=0,
    reinstates=True, is_affiliate=False, trial=False, changes=[change("2026-12-01", 130)],
)  # fmt: skip
EVERY = book(
    *book()["rules"], FEE, SEATS, flat(52300, "consultant"),
    {"kind": "discount", "classes": "*", "percent": "10", "if": "sme", "until": "2027-12-31"},
    {"kind": "trial", "classes": "*", "months": 6, "amount": 100},
    {"kind": "chapter_fee", "classes": "*", "amount": 100, "chapter": "north"},
    tax_percent="21", lobbying_percent="8", group={"kind": "affiliate_share", "percent": "25"},
    first_payment_periods=1, cut_in_day=15, cap="1/10",
)  # fmt: skip


def answers(*cases, tariff=EVERY):
    return quote_file({"tariff": tariff, "cases": list(cases)})["cases"]


@pytest.mark.parametrize(("wrong", "words"), [
    ("a", "is no object"), (None, "is no object"),
    ({"joined_on": "2026-01-01"}, "names no class of members"),
    (case(60, **{"class": "zzz"}), "class needs a class of members"),
    (case(60, **{"class": ["consultant"]}), "class needs"),
    (case(60, metrics=[1]), "metrics needs numbers"),
    (case(-1), "metrics needs numbers"), (case(True), "metrics needs numbers"),
    (case("1e999999999"), "metrics needs numbers"),
    (case("1e9_9_9_9_9_9_9_9"), "metrics needs numbers"), (case("many"), "metrics needs numbers"),
    (case(float("inf")), "metrics needs numbers"),
    (case(60, seats="8"), "seats needs a whole number"), (case(60, seats=None), "not decided"),
    (case(60, seats=10**400), "seats needs"), (case(60, seat=8), "is “seats” meant?"),
    (case(60, joined_on="20260817"), "joined_on needs a day"),
    (case(60, joined_on=None), "must be a date"),
    (case(60, joined_on="9999-01-01"), "joined_on needs a day"),
    (case(60, ends_on="2025-12-31"), "ends_on lies before its joined_on"),
    (case(60, anchor_on="x"), "anchor_on needs"), (case(60, donation=-1), "donation needs"),
    (case(60, cap=1.5), "cap needs"), (case(60, facts="not_sme"), "facts needs a list"),
    (case(60, chapters="northern"), "chapters needs a list"),
    (case(60, renews="no"), "renews needs true or false"), (case(60, others=3), "others needs"),
    (case(60, basis={"x": 1}), "basis needs"), (case(60, trial_credited="x"), "trial_credited"),
    (case(60, changes={"on": "2026-12-01"}), "changes needs a list"),
    (case(60, changes=["x"]), "changes needs a list"),
    (case(60, changes=[{"seats": 9}]), "A change of the case cannot be read: on needs a day"),
    (case(60, changes=[change("2026-12-01", 90, seat=9)]), "is “seats” meant?"),
    (case(60, changes=[change("2026-12-01", **{"class": "zzz"})]), "class needs"),
    (case(60, taxes=3), "taxes needs"), (case(60, taxes={"due": {}}), "is “dues” meant?"),
    (case(60, taxes={"dues": {"outcome": "none"}}), "outcome needs"),
    (case(60, taxes={"dues": {"outcome": []}}), "outcome needs"),
    (case(60, taxes={"dues": {"outcome": "exempt"}}), "percent needs"),
    (case(60, taxes={"dues": TAX["dues"] | {"percent": "300"}}), "percent needs"),
    (case(60, taxes={"dues": TAX["dues"] | {"words": "x"}}), "not known"),
])  # fmt: skip
def test_a_wrong_case_is_answered_in_a_sentence_and_the_others_are_priced(wrong, words):
    first, answer, last = answers(GOOD, wrong, GOOD)
    assert first == last
    assert first["net"] > 0
    assert words in answer["not_quotable"]
    assert answer["not_quotable"].endswith((".", "?"))


def test_a_case_that_says_everything_is_priced():
    (answer,) = answers(WHOLE)
    assert [line["tax_outcome"] for line in answer["lines"]][:1] == ["reverse_charge"]
    assert answer["id"] == "whole"


BANDS = book()["rules"][0]
PERIOD = {"kind": "fixed", "start": "01-01"}


@pytest.mark.parametrize(("facts", "words"), [
    ({"period": "fixed"}, "fixed or anniversary"),
    ({"period": PERIOD | {"start": "02-30"}}, "period.start needs a day that every year has"),
    ({"period": PERIOD | {"start": "1 April"}}, "period.start needs"),
    ({"period": PERIOD | {"carry_over_from": "13-45"}}, "period.carry_over_from needs"),
    ({"period": PERIOD | {"months": 12}}, "fixed period says “months”"),
    ({"period": {"kind": "anniversary", "months": 12.7}}, "period.months needs a whole number"),
    ({"period": {"kind": "anniversary", "months": "twelve"}}, "period.months needs"),
    ({"period": {"kind": "anniversary", "months": 0}}, "from 1 to 36"),
    ({"first_payment_periods": 0}, "first_payment_periods needs"),
    ({"currency": "EURO"}, "not a currency"), ({"currency": None}, "not a currency"),
    ({"currency": ["EUR"]}, "not a currency"),
    ({"effective_from": None}, "effective_from needs a day"),
    ({"tax_percent": "abc"}, "tax_percent needs"), ({"tax_percent": True}, "tax_percent needs"),
    ({"proratoin": "months"}, "is “proration” meant?"), ({"proration": ["days"]}, "not known"),
    ({"public": {"exits": "x"}}, "is “exit” meant?"), ({"public": {"exit": 3}}, "public needs"),
    ({"lobbying_text": "8 %"}, "lobbying_text needs"), ({"rules": None}, "no tariff"),
    ({"rules": [BANDS | {"classes": None}]}, "Rule 1, bands: its classes"),
    ({"rules": [BANDS | {"classes": "provider_front"}]}, "its classes"),
    ({"rules": [BANDS | {"classes": [["x"]]}]}, "its classes"),
    ({"rules": [FEE, BANDS | {"bands": None}]}, "Rule 2, bands does not say: bands"),
    ({"rules": [BANDS | {"bands": [[1, 25]]}]}, "Rule 1, bands, bands:"),
    ({"rules": [BANDS | {"bands": [[1, 25, 1], [28, 50, 2]]}]}, "Rule 1, bands: The tariff's"),
    ({"rules": [flat(250.5)]}, "Rule 1, flat, amount: 250.5 is no amount"),
    ({"rules": [flat(10**15)]}, "is no amount"), ({"rules": [flat(5) | {"id": 3}]}, "id needs"),
    ({"rules": [SEATS | {"includes": 99}]}, "is “included” meant?"),
    ({"rules": [SEATS | {"included": 10**9}]}, "from 0 to 1000000"),
])  # fmt: skip
def test_a_wrong_tariff_is_refused_in_a_sentence_that_names_the_field(facts, words):
    with pytest.raises(Unreadable) as refused:
        answers(GOOD, tariff=book() | facts)
    assert words in str(refused.value)


@pytest.mark.parametrize(("told", "words"), [
    ([], "a tariff and a list of cases"), ({"cases": []}, "a tariff and a list of cases"),
    ({"tariff": book()}, "no cases"), ({"tariff": book(), "cases": {"a": GOOD}}, "no cases"),
    ({"tariff": book(), "case": [GOOD]}, "is “cases” meant?"),
    ({"tariff": 3, "cases": []}, "no tariff"),
])  # fmt: skip
def test_what_is_no_file_of_cases_is_refused_in_a_sentence(told, words):
    with pytest.raises(Unreadable) as refused:
        quote_file(told)
    assert words in str(refused.value)


def test_the_command_ends_with_one_line_for_a_wrong_tariff_and_answers_round_a_wrong_case(
    tmp_path,
):
    file, portal = tmp_path / "asked.json", Portal(tmp_path)
    file.write_text(json.dumps({"tariff": book(tax_percent="x"), "cases": [GOOD]}))
    said = portal.run("quote", file, code=1)
    assert "tax_percent needs a number from 0 to 100" in said
    assert len(said.strip().splitlines()) == 1
    file.write_text("[" * 100_000)
    assert "cannot be read as JSON" in portal.run("quote", file, code=1)
    file.write_text(json.dumps({"tariff": book(), "cases": [case(60), {"id": "bad"}]}))
    good, bad = json.loads(portal.run("quote", file))["cases"]
    assert (good["net"], bad["id"]) == (241800, "bad")
    assert "class" in bad["not_quotable"]


ODD = ["02-29", "1/2", "0", "12", 13, "2026-02-30", "9999-12-31", "*", [[1, None, None]], [], {}]
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.lists(st.integers(), max_size=3) | st.dictionaries(st.text(max_size=3), st.none())
    | st.sampled_from(ODD)
)  # fmt: skip


def places_in(told, before=()):
    pairs = told.items() if isinstance(told, dict) else enumerate(told)
    for key, value in pairs:
        yield (*before, key)
        if isinstance(value, dict | list):
            yield from places_in(value, (*before, key))


FILE = {"tariff": EVERY, "cases": [WHOLE]}


@given(st.sampled_from(list(places_in(FILE))), LEAVES)
def test_no_value_in_any_place_makes_it_stumble(place, value):
    told = copy.deepcopy(FILE)
    within = told
    for key in place[:-1]:
        within = within[key]
    within[place[-1]] = value
    with contextlib.suppress(Unreadable):
        for answer in quote_file(json.loads(json.dumps(told)))["cases"]:
            assert ("total" in answer) is ("not_quotable" not in answer)
