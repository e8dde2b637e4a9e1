"""Every kind of rule is told in words that a member can read."""

import pytest

from portal.dues.tariff_words import tariff_words
from portal.dues.tariffs import KINDS
from tests.dues.books import FEE, SEATS, book, flat

TIERS = [[1, 5, 9500], [6, None, 6500]]
RULES = {
    "bands": (
        book()["rules"][0] | {"max": 300000},
        "rounded to a whole number, halves up, at most EUR\xa03,000.00 contact centre",
    ),
    "flat": (flat(52300, "consultant"), "EUR\xa0523.00 a period"),
    "per_unit": (
        {"metric": "seats", "price": 1200, "min": 60000, "max": 362700, "at_most": 6},
        "EUR\xa012.00 for each of seats, at least EUR\xa0600.00, "
        "at most EUR\xa03,627.00; no more than 6",
    ),
    "base_plus": (
        {"metric": "headcount", "price": 100, "base": 50000, "included": 10, "max": 90000},
        "EUR\xa0500.00 with 10 headcount included, EUR\xa01.00 for each above, "
        "at most EUR\xa0900.00",
    ),
    "graduated": (
        {"metric": "headcount", "tiers": TIERS, "min": 9900},
        "each tier's units at its own price, at least EUR\xa099.00",
    ),
    "volume": (
        {"metric": "headcount", "tiers": TIERS, "min": 9900, "max": 90000},
        "all units at the price of the tier reached, at least EUR\xa099.00, "
        "at most EUR\xa0900.00",
    ),
    "joining_fee": (FEE, "once, never in part"),
    "reinstatement_fee": ({"amount": 5000}, "after the membership lapsed"),
    "chapter_fee": ({"amount": 100, "chapter": "ph"}, "for members of ph"),
    "levy": ({"amount": 100, "decision": "GM 4"}, "decision GM 4"),
    "donation": ({}, "may be left out"),
    "seats": (SEATS, "5 included, each further one EUR\xa095.00"),
    "discount": ({"percent": "10", "if": "small_firm", "until": "2026-12-31"}, "10 % off"),
    "kept_price": (
        {"amount": 90000, "if": "founders", "until": "2028-12-31"},
        "EUR\xa0900.00 a period for founders, instead of the dues Until 2028-12-31",
    ),
    "early_payment": (
        {"percent": "5", "days": 14, "if": "small_firm", "is_on_top": True},
        "5 % off the dues for small firm when paid in 14 days of the invoice; on top of any",
    ),
    "trial": ({"amount": 49500, "months": 6}, "for 6 months, then the dues"),
    "allowance": ({"of": "event_passes", "granted": 4}, "4 included in each term"),
}  # fmt: skip


def test_there_is_a_sentence_for_every_kind():
    assert set(RULES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_is_told(kind):
    rule, sentence = RULES[kind]
    told = tariff_words(book({"classes": "*"} | rule | {"kind": kind})).rules[0]
    assert sentence in f"{told.who} {told.measure}".replace("Contact centre FTE", "contact centre")


def test_seats_in_tiers_and_prices_nobody_decided():
    told = tariff_words(
        book({"kind": "seats", "classes": "*", "included": 5, "tiers": TIERS},
             {"kind": "per_unit", "classes": "*", "metric": "n", "price": None})
    ).rules  # fmt: skip
    assert "6 to more at EUR\xa065.00" in told[0].who
    assert "not decided" in told[1].who


def test_a_least_and_a_most_of_seats_are_of_all_of_them():
    (told,) = tariff_words(book(SEATS | {"min": 20000, "max": 30000})).rules
    assert told.who.endswith(
        "each further one EUR\xa095.00, at least EUR\xa0200.00, at most EUR\xa0300.00 "
        "for all of them"
    )


def test_what_only_some_tariffs_say():
    facts = dict(
        tariff_words(
            book(
                group={"kind": "affiliate_share", "percent": "25"}, first_payment_periods=2,
                cut_in_day=15, lobbying_percent="18", proration="schedule",
            )
        ).facts
    )  # fmt: skip
    assert facts["Groups"] == "The parent pays whole, affiliates 25 %"
    assert facts["First payment"] == "Covers 2 periods"
    assert "day 15" in facts["Cut-in"]
    assert "18 %" in facts["Lobbying"]
    aggregate = dict(tariff_words(book(group={"kind": "aggregate"})).facts)
    assert "One fee" in aggregate["Groups"]
