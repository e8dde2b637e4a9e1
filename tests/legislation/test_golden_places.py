"""What lists of whole countries must yield, counted beforehand: South Africa, the Philippines."""

import csv
import json
import os
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from portal.legislation.bills import number_key, session_key
from portal.legislation.formats import table
from portal.legislation.sources import source_of
from tests.legislation.taking import CONTENT

pytestmark = pytest.mark.own_database
SAMPLES = Path(os.environ["BILL_SAMPLES"])


@pytest.fixture(autouse=True)
def empty_tables():
    """These tests touch no database."""


def south_africa():
    file = SAMPLES / "za-pmg" / "current_status.csv"
    found = table.joined([(file.name, file.read_bytes())])
    return [table.parse(raw) for _, raw in found]


def test_golden_36_stages_of_south_africa():
    bills = south_africa()
    assert Counter(one.status for one in bills) == {
        "Act": 30, "President": 24, "Intro": 23, "NCOP": 9, "NA": 7, "Withdrawn": 5, "PC": 2,
        "Unknown": 2, "SC": 1,
    }  # fmt: skip
    assert Counter(source_of("csv").derive(one, "").stage.value for one in bills) == {
        "enacted": 30, "to_executive": 24, "introduced": 23, "second_chamber": 10, "reported": 7,
        "withdrawn": 5, "committee": 2, "unknown": 2,
    }  # fmt: skip


def test_golden_36_letters_after_a_number_of_south_africa_are_versions_of_one_bill():
    bills = {one.title: one for one in south_africa()}
    assert len({one.key for one in bills.values()}) == len(bills) == 103
    assert (bills["7B-2011"].identifier, bills["7B-2011"].session) == ("B7-2011", "2011")
    assert bills["B6H-2010"].identifier == "B6-2010"
    assert bills["PM3-2013"].identifier == "PMB3-2013"


def test_golden_36_acts_and_the_employment_tax_incentive_bill():
    with (SAMPLES / "za-pmg" / "bill_assent_dates.csv").open("rb") as file:
        assents = table.rows(file.read(), ",")
    assert (len(assents), sum(bool(one["ActNo"]) for one in assents)) == (160, 144)
    listed = json.loads((SAMPLES / "za-pmg" / "all_bills.json").read_text())
    assert (len(listed), sum(len(one["versions"]) for one in listed)) == (261, 630)
    assert len({(one["bill_number"], one["bill_name"]) for one in listed}) == 258
    (found,) = [one for one in listed if one["bill_name"] == "Employment Tax Incentive Bill"]
    assert number_key(found["bill_number"]) == "BILL46"


def test_the_congresses_of_the_philippines_end_when_their_record_says():
    with (CONTENT / "sessions.csv").open(encoding="utf-8", newline="") as file:
        ours = {
            one["session"]: (one["name"], one["ends_on"])
            for one in csv.DictReader(file)
            if one["place"] == "ph"
        }
    theirs = {}
    for path in sorted((SAMPLES / "ph-open-congress" / "data" / "congress").glob("*.toml")):
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        name = read["name"].removesuffix(" of the Philippines")
        theirs[session_key(str(read["congress_number"]))] = (name, read.get("end_date", ""))
    assert len(theirs) == 13
    assert ours == theirs
