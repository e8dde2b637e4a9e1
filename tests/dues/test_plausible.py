"""A tariff by which nobody can be priced is refused where it is written, and never adopted."""

import json
from datetime import date

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.dues.models import Tariff, TariffDraft
from portal.dues.plausible import why_not_priced
from tests.dues.books import FEE, SEATS, book, flat
from tests.dues.test_tariffs import RULES, adopt, finance, make_draft

__all__ = ["finance"]
HEAD = {
    "code": "2027", "currency": "EUR", "effective_from": "2027-01-01", "period": "fixed",
    "proration": "days", "tax_percent": "0", "group": "each_entity",
}  # fmt: skip
TABLE = book()["rules"][0]
YEAR = {str(month): "1" for month in range(1, 13)}


@pytest.mark.parametrize(("facts", "words"), [
    ({"group": {"kind": "zzz"}}, "group.kind needs"),
    ({"group": "each_entity"}, "group.kind needs"),
    ({"group": {"kind": "affiliate_share", "percent": 300}}, "group.percent needs"),
    ({"lobbying_percent": "x"}, "lobbying_percent needs"), ({"cap": "200"}, "cap needs a share"),
    ({"lobbying_percent": 150}, "a number from 0 to 100"),
    ({"tax_percent": 300}, "tax_percent needs"),
    ({"cut_in_day": "x"}, "cut_in_day needs"), ({"cut_in_day": 45}, "from 1 to 31"),
    ({"proration": "schedule", "schedule": {"1": "1/2"}}, "no part for month 2"),
    ({"proration": "schedule"}, "no part for month 1"),
    ({"schedule": YEAR | {"13": "1"}}, "schedule needs"),
    ({"schedule": YEAR | {"1": "7"}}, "0 to 2"),
    ({"rules": [{"kind": "discount", "classes": "*"}]}, "takes nothing off"),
    ({"rules": [{"kind": "discount", "classes": "*", "percent": "0"}]}, "takes nothing off"),
    ({"rules": [{"kind": "discount", "classes": "*", "amount": 0}]}, "takes nothing off"),
    ({"rules": [{"kind": "discount", "classes": "*", "amount": 5, "percent": 5}]}, "says both"),
    ({"rules": [{"kind": "discount", "classes": "*", "percent": 150}]}, "from 0 to 100"),
    ({"rules": [{"kind": "early_payment", "classes": "*", "days": 9}]}, "takes nothing off"),
    ({"rules": [flat(5) | {"tax_percent": "x"}]}, "tax_percent: "),
    ({"rules": [{"kind": "trial", "classes": "*", "months": 0, "amount": 5}]}, "from 1 to 24"),
    ({"rules": [{"kind": "trial", "classes": "*", "months": 25, "amount": 5}]}, "from 1 to 24"),
    ({"rules": [SEATS | {"tiers": [[0, None, 5]]}]}, "says both price and tiers"),
])  # fmt: skip
def test_what_prices_nobody_is_neither_brought_in_nor_adopted(browser, finance, facts, words):
    answer = browser.post(
        "/staff/dues/tariffs/import", status=200, text=json.dumps(book() | facts)
    )
    assert words in answer.text
    assert not db.session.scalars(select(TariffDraft)).all()
    assert words in adopt(browser, make_draft(book() | facts), status=200).text
    assert not db.session.scalars(select(Tariff)).all()


@pytest.mark.parametrize(("facts", "words"), [
    ({"tax_percent": "300"}, "from 0 to 100"), ({"lobbying_percent": "150"}, "from 0 to 100"),
    ({"group": "affiliate_share", "group_percent": "300"}, "from 0 to 100"),
    ({"start": "02-30"}, "a day that every year has"),
    ({"carry_over_from": "02-29"}, "a day that every year has"),
    ({"schedule": "1: 7"}, "with parts from 0 to 2"),
    ({"schedule": "13: 1"}, "a line for each month"),
    ({"months": "40", "period": "anniversary"}, "1 to 36 months"),
])  # fmt: skip
def test_a_head_that_prices_nobody_is_refused_at_the_field(browser, finance, facts, words):
    answer = browser.post("/staff/dues/tariffs/new", status=200, **HEAD | facts)
    assert words in answer.text


@pytest.mark.parametrize(("kind", "facts", "words"), [
    ("discount", {"percent": "150"}, "from 0 to 100"),
    ("discount", {"percent": "0"}, "Takes nothing off"),
    ("discount", {"percent": "", "amount": "0"}, "Takes nothing off"),
    ("discount", {"percent": ""}, "Enter it, or: or an amount"),
    ("discount", {"amount": "5"}, "Says both percent and amount"),
    ("early_payment", {"percent": "101"}, "from 0 to 100"),
    ("flat", {"tax_percent": "101"}, "to 100"),
    ("trial", {"months": "0"}, "from 1 to 24"), ("trial", {"months": "25"}, "from 1 to 24"),
    ("seats", {"tiers-0-low": "1", "tiers-0-price": "9"}, "Says both price and tiers"),
])  # fmt: skip
def test_a_rule_that_prices_nobody_is_refused_at_the_field(browser, finance, kind, facts, words):
    url = f"/staff/dues/tariffs/draft/{make_draft(book(rules=[])).id}/rules/{kind}"
    assert words in browser.post(url, status=200, **RULES[kind] | facts).text


@pytest.mark.parametrize(("rules", "words"), [
    ([FEE, SEATS], "no dues for any class"),
    ([TABLE | {"bands": [[1, 25, None], [26, None, None]]}],
     "class Front-office provider: The price"),
    ([flat(5), TABLE | {"bands": [[1, None, None]]}], "class Front-office provider"),
    ([{"kind": "volume", "classes": "*", "metric": "seats", "tiers": [[5, 9, 5]], "at_most": 4}],
     "class Front-office provider: The tariff has no band for this seats"),
])  # fmt: skip
def test_a_tariff_that_prices_no_firm_of_a_class_is_not_adopted(browser, finance, rules, words):
    assert words in adopt(browser, make_draft(book(*rules)), status=200).text
    assert not db.session.scalars(select(Tariff)).all()


@pytest.mark.parametrize("rules", [
    [flat(5, "consultant"), FEE, SEATS], [flat(0)],
    [TABLE | {"bands": [[1, 25, None], [26, 50, 5], [51, None, None]]}],
    [{"kind": "bands", "classes": "*", "metric": "seats", "bands": [[500, 900, 1]]},
     {"kind": "graduated", "classes": "*", "metric": "staff", "tiers": [[0, 10, 5]]}],
    [{"kind": "per_unit", "classes": "*", "metric": "heads", "price": 5, "at_most": "0.5"}],
    [{"kind": "kept_price", "classes": "*", "amount": 5, "if": "founders", "until": "2028-12-31"}],
])  # fmt: skip
def test_a_class_without_a_rule_and_a_band_without_a_price_are_meant(browser, finance, rules):
    adopt(browser, make_draft(book(*rules)))
    assert db.session.scalars(select(Tariff)).one().effective_from == date(2027, 1, 1)


@pytest.mark.parametrize("facts", [
    {"proration": "schedule", "schedule": YEAR},
    {"proration": "halves", "first_payment_periods": 2},
    {"period": {"kind": "anniversary", "months": 36}}, {"group": {"kind": "aggregate"}},
])  # fmt: skip
def test_a_firm_of_each_class_is_priced_whatever_the_period(facts):
    trial = {"kind": "trial", "classes": "*", "months": 24, "amount": 5}
    assert why_not_priced(book(flat(5), trial, **facts)) == ""
