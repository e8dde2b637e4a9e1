"""README tells an auditor every name that `portal quote` reads and answers."""

import re
from pathlib import Path

from portal.dues import cases, tariff_heads
from portal.dues.pricing import quote_file
from portal.dues.rule_kinds import BASIC, KINDS, UNASKED
from portal.dues.shapes import ROUNDINGS
from tests.dues.books import book, case, flat

EARLY = {"kind": "early_payment", "classes": "*", "percent": "5", "days": 14}


def told():
    text = Path(__file__).parents[2].joinpath("README.md").read_text()
    section = text.partition("## For auditors")[2].partition("`portal import-bills")[0]
    return set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", section))))


def test_every_name_that_a_quote_reads_is_told():
    asks = [ask.name for kind in KINDS.values() for ask in kind.asks]
    asks += [ask.name for more in UNASKED.values() for ask in more]
    periods = [name for needs in tariff_heads.PERIODS.values() for name in needs]
    read = {
        *KINDS, *asks, *BASIC, *ROUNDINGS, *tariff_heads.KNOWN, *tariff_heads.PERIODS, *periods,
        *tariff_heads.GROUPS, *tariff_heads.PRORATIONS, *cases.NEEDS, *cases.CHANGE, *cases.TAX,
        "tariff", "cases", "classes", "id", "kind", "percent",
    }  # fmt: skip
    assert read - told() == set()


def test_every_name_that_a_quote_answers_is_told():
    tariff = book(flat(100000), EARLY, lobbying_percent="8")
    (answer,) = quote_file({"tariff": tariff, "cases": [case()]})["cases"]
    assert {*answer, "not_quotable", "code"} - {"lines"} - told() == set()
    assert set(answer["lines"][0]) - told() == set()
