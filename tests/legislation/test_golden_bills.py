"""What real files of real bodies must yield, counted beforehand: as of 22 November 2026."""

import json
import os
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from portal.legislation.bills import Bill, localized, number_key
from portal.legislation.changes import changes
from portal.legislation.formats import Meeting, RollCall, digest, openstates, table
from portal.legislation.rules import SessionEnd, after_session
from portal.legislation.sources import SOURCES, source_of

pytestmark = pytest.mark.own_database
SAMPLES = Path(os.environ["BILL_SAMPLES"])
AS_OF = date(2026, 11, 22)
HOMES = {
    "ocd-division/country:us": ("us", "America/New_York"),
    "ocd-division/country:us/state:wy": ("us-wy", "America/Denver"),
    "us": ("us", "America/New_York"),
    "us-ga": ("us-ga", "America/New_York"),
    "us-ny-new-york": ("us-ny-new-york", "America/New_York"),
    "uk": ("uk", "Europe/London"), "ca-on": ("ca-on", "America/Toronto"),
    "in": ("in", "Asia/Kolkata"),
}  # fmt: skip
ENDS = {
    ("us", "116"): date(2021, 1, 3), ("us", "119"): date(2027, 1, 3),
    ("us-wy", "2026"): date(2026, 3, 11), ("us-ny-new-york", "2024-2025"): date(2025, 12, 31),
    ("ca-on", "41-2"): date(2018, 3, 15), ("ca-on", "42-1"): date(2021, 9, 12),
    ("ca-on", "42-2"): date(2022, 5, 3), ("in", "17th Lok Sabha"): date(2024, 6, 5),
}  # fmt: skip


@pytest.fixture(autouse=True)
def empty_tables():
    """These tests touch no database."""


@cache
def items(source, folder):
    """Every record below a folder, in order of file names."""
    found = []
    for path in sorted((SAMPLES / folder).rglob("*")):
        if path.suffix in SOURCES[source].endings:
            for record in SOURCES[source].split(path.read_bytes()):
                item = SOURCES[source].parse(record)
                if isinstance(item, Bill):
                    slug, zone = HOMES.get(item.place, (item.place, "UTC"))
                    item = localized(replace(item, place=slug), zone)
                if item is not None:
                    found.append(item)
    return found


@cache
def bills(source, folder):
    """By number; of several records of one bill the last."""
    return {one.identifier: one for one in items(source, folder) if isinstance(one, Bill)}


def derived(bill):
    found = source_of(bill.source).derive(bill, AS_OF.isoformat())
    end = ENDS.get((bill.place, bill.session))
    return after_session(found, bill, SessionEnd(end, "ended") if end else None, AS_OF)


def stages(found):
    return Counter(derived(one).stage.value for one in found.values())


def at(found, stage):
    return sorted(name for name, one in found.items() if derived(one).stage == stage)


CONGRESS_119 = ("openstates", "openstates-us-119/bills")
WYOMING = ("openstates", "openstates-wy-2026/bills")
GEORGIA = ("legiscan", "legiscan-ga-2023-2024")
CONGRESS_116 = ("congress", "us-congress-116/json")
NEW_YORK = ("legistar", "nyc-legistar/introduction")


def test_golden_01_stages_of_the_119th_congress():
    assert stages(bills(*CONGRESS_119)) == {
        "enacted": 6, "vetoed": 2, "second_chamber": 19, "reported": 10, "committee": 176,
        "introduced": 3,
    }  # fmt: skip


def test_golden_02_enacted_in_the_119th():
    assert at(bills(*CONGRESS_119), "enacted") == [
        "HJRES 142", "HJRES 25", "HJRES 87", "HR 517", "HR 7148", "HR 998",
    ]  # fmt: skip


def test_golden_03_two_vetoes_whose_overrides_failed():
    found = bills(*CONGRESS_119)
    assert at(found, "vetoed") == ["HR 131", "HR 504"]
    assert [len(found[name].actions) for name in ("HR 131", "HR 504")] == [31, 37]
    assert all(
        "override_pending" not in derived(found[name]).flags for name in ("HR 131", "HR 504")
    )


def test_golden_04_introduced_without_a_committee():
    assert at(bills(*CONGRESS_119), "introduced") == ["S 3012", "S 3031", "S 4127"]


def test_golden_05_and_06_the_call_center_bills():
    senate, house = (bills(*CONGRESS_119)[name] for name in ("S 2495", "HR 4954"))
    assert (len(senate.actions), len(senate.sponsors), senate.latest_action_on) == (
        2,
        2,
        "2025-07-29",
    )
    assert [one.name for one in senate.sponsors if one.role == "primary"] == ["Ruben Gallego"]
    assert derived(senate).stage == "committee"
    assert [(one.identifier, one.relation) for one in senate.related] == [("HR 4954", "companion")]
    assert (len(house.actions), len(house.sponsors), house.latest_action_on) == (
        2,
        15,
        "2025-08-12",
    )


def test_golden_07_titles_that_occur_twice_are_companions():
    found = bills(*CONGRESS_119)
    titles = Counter(one.title for one in found.values())
    twice = {name: [n for n, one in found.items() if one.title == name]
             for name, count in titles.items() if count == 2}  # fmt: skip
    assert len(twice) == 4
    assert sorted(twice["QUIET Act"]) == ["HR 1027", "S 3354"]
    for pair in twice.values():
        first, second = (found[name] for name in pair)
        assert (second.identifier, "companion") in {
            (r.identifier, r.relation) for r in first.related
        }
    assert sum(r.relation == "companion" for one in found.values() for r in one.related) == 188


def test_golden_08_the_longest_the_most_supported_the_latest():
    found = bills(*CONGRESS_119)
    assert len(found["HR 7148"].actions) == max(len(one.actions) for one in found.values()) == 45
    assert len(found["HR 4398"].sponsors) == 136
    latest = max(found.values(), key=lambda one: one.latest_action_on)
    assert (latest.identifier, latest.latest_action_on) == ("S 4199", "2026-08-05")


@pytest.mark.parametrize(
    ("name", "actions", "stage"),
    [("HR8823", (4, 13), ("reported", "second_chamber")),
     ("S3794", (2, 5), ("committee", "reported")), ("S4199", (2, 3), ("committee", "reported"))],
)  # fmt: skip
def test_golden_09_revisions(name, actions, stage):
    first, second = items("openstates", f"openstates-us-119/revisions/{name}")
    assert (len(first.actions), len(second.actions)) == actions
    assert (derived(first).stage, derived(second).stage) == stage
    kinds = Counter(one.kind for one in changes(first, second))
    assert kinds["action_added"] == actions[1] - actions[0]


def test_golden_10_days_in_the_zone_of_their_place():
    federal = [one for bill in bills(*CONGRESS_119).values() for one in bill.actions]
    assert len(federal) == 947
    assert all(
        one.on == one.at[:10] for one in federal if "T04:00:00" in one.at or "T05:00:00" in one.at
    )
    wyoming = [one for bill in bills(*WYOMING).values() for one in bill.actions]
    assert (len(wyoming), sum(one.on != one.at[:10] for one in wyoming)) == (1847, 404)


def test_golden_11_stages_of_wyoming():
    found = bills(*WYOMING)
    assert stages(found) == {
        "enacted": 57,
        "vetoed": 3,
        "withdrawn": 1,
        "failed": 47,
        "lapsed": 53,
    }
    assert sum(derived(one).rule == "os.became_law" for one in found.values()) == 55
    assert at(found, "withdrawn") == ["HB0137"]


def test_golden_12_vetoes_and_signed_resolutions():
    found = bills(*WYOMING)
    assert at(found, "vetoed") == ["HB0178", "SF0101", "SF0119"]
    signed = [name for name, one in found.items() if derived(one).rule == "os.resolution_signed"]
    assert sorted(signed) == ["SJ0006", "SJ0009"]


def test_golden_13_house_bills_that_became_law():
    law = [name for name in at(bills(*WYOMING), "enacted") if not name.startswith("SJ")]
    house = [number_key(name)[2:] for name in law if name.startswith("HB")]
    assert sorted(map(int, house)) == [
        3, 5, 9, 26, 35, 36, 41, 43, 45, 80, 87, 105, 106, 111, 122, 126, 128,
    ]  # fmt: skip
    assert sum(name.startswith("SF") for name in law) == 38


def test_golden_14_a_lost_concurrence_is_a_step_not_an_end():
    found = bills(*WYOMING)
    lost = [name for name, one in found.items()
            if any("Concur:Failed" in action.text for action in one.actions)]  # fmt: skip
    assert sorted(lost) == ["HB0036", "HB0045", "HB0111", "SF0088"]
    assert {derived(found[name]).stage.value for name in lost} == {"enacted"}
    assert derived(found["HB0157"]).stage == "lapsed"


def test_golden_15_hb0003():
    one = bills(*WYOMING)["HB0003"]
    votes = [call for call in wyoming_votes() if call.identifier == "HB0003"]
    assert (len(one.actions), len(votes), len(one.versions)) == (23, 6, 8)
    assert one.actions[-1].at.startswith("2026-03-06T22:11:48")


@cache
def wyoming_votes():
    found = items("openstates", "openstates-wy-2026/votes")
    return [one for one in found if isinstance(one, RollCall)]


def test_golden_16_votes():
    calls = wyoming_votes()
    assert (len(calls), len({one.identifier for one in calls})) == (518, 134)
    assert Counter(one.vote.result for one in calls) == {"pass": 479, "fail": 39}
    assert Counter(one.vote.body for one in calls) == {"lower": 282, "upper": 236}
    assert len({one.vote.key for one in calls}) == 518


def test_golden_17_split_names_are_joined_and_agree_with_the_counts():
    rows = voters = mismatched = 0
    for path in sorted((SAMPLES / "openstates-wy-2026/votes").glob("*.json")):
        record = json.loads(path.read_text())
        rows += len(record["votes"])
        mismatched += "counts" in record and len(record["votes"]) != sum(
            one["value"] for one in record["counts"]
        )
    for one in wyoming_votes():
        voters += len(one.vote.voters)
        assert not one.vote.is_mismatched
    assert (rows, voters, mismatched) == (17_908, 16_857, 218)
    assert any(
        name in {"Ide", "Yin"} for one in wyoming_votes() for name, _option in one.vote.voters
    )


def test_golden_18_the_first_vote_of_hb0003():
    first = min((one for one in wyoming_votes() if one.identifier == "HB0003"),
                key=lambda one: one.vote.on)  # fmt: skip
    assert (first.vote.counts["yes"], first.vote.counts["no"]) == (51, 11)
    assert "51-11" in first.vote.motion


def test_golden_19_to_21_georgia():
    found = bills(*GEORGIA)
    assert Counter(one.status_code for one in found.values()) == {"1": 35, "2": 2, "4": 19}
    assert stages(found) == {"lapsed": 37, "enacted": 19}
    assert len(found["HB82"].actions) == max(len(one.actions) for one in found.values()) == 24
    assert (found["HB82"].effective_on, found["HB30"].effective_on) == ("2024-05-15", "2024-01-31")
    assert (len(found["HB4"].actions), len(found["HB4"].sponsors)) == (4, 6)
    assert sum(not one.committee for one in found.values()) == 24
    recommitted = [one for one in found.values()
                   if one.actions[-1].text == "House Withdrawn, Recommitted"]  # fmt: skip
    assert [derived(one).stage.value for one in recommitted] == ["lapsed"] * 2
    assert sum(len(one.sponsors) for one in found.values()) == 234
    assert sum(len(one.versions) for one in found.values()) == 103
    assert sum(len(one.votes) for one in found.values()) == 52


def test_golden_22_the_116th_congress():
    found = bills(*CONGRESS_116)
    assert Counter(one.identifier.split()[0] for one in found.values()) == {
        "HR": 178, "S": 107, "SJRES": 6, "HJRES": 2,
    }  # fmt: skip
    assert stages(found) == {"enacted": 9, "vetoed": 7, "failed": 2, "lapsed": 275}
    assert sum(len(one.actions) for one in found.values()) == 2090
    assert sum(one.role == "co" for bill in found.values() for one in bill.sponsors) == 7301


def test_golden_23_and_24_cosponsors():
    found = bills(*CONGRESS_116)
    house, senate = found["HR 3219"], found["S 1792"]
    assert (len(house.standing) - 1, len(house.actions), house.latest_action_on) == (
        137,
        6,
        "2019-06-13",
    )
    assert (len(senate.standing) - 1, len(senate.actions)) == (18, 2)
    assert ("S 1792", "identical") in {(one.identifier, one.relation) for one in house.related}
    assert len(found["HR 1044"].sponsors) - 1 == 311
    assert len(found["HJRES 46"].sponsors) - 1 == 233
    gone = {(bill.identifier, one.withdrawn_on) for bill in found.values()
            for one in bill.sponsors if one.withdrawn_on}  # fmt: skip
    assert gone == {("HR 1080", "2019-04-29"), ("HR 3632", "2019-09-18")}


def test_golden_25_laws_with_and_without_a_number():
    found = bills(*CONGRESS_116)
    law = {name: found[name].law for name in at(found, "enacted")}
    assert [name for name, number in law.items() if not number] == ["S 1014"]
    assert (law["HR 7010"], law["HR 1773"]) == ("Public Law 116-142", "Public Law 116-195")
    assert len(found["HR 2740"].actions) == 342
    assert len(found["HR 6395"].titles) == 84
    assert "override_pending" in derived(found["HR 6395"]).flags


def test_golden_26_the_xml_is_a_second_record_of_the_same_bills():
    xml = bills("congress", "us-congress-116/billstatus-xml")
    both = bills(*CONGRESS_116)
    assert len(xml) == 116
    assert set(xml) <= set(both)
    assert sum(len(one.actions) != len(both[name].actions) for name, one in xml.items()) == 79
    assert sum(len(one.actions) for one in xml.values()) == 1173


def test_golden_27_to_29_new_york():
    found = bills(*NEW_YORK)
    assert stages(found) == {"enacted": 77, "lapsed": 258, "withdrawn": 2, "to_executive": 1}
    rules = Counter(derived(one).rule for one in found.values())
    assert (rules["lg.filed_eos"], rules["session_ended"]) == (234, 24)
    assert at(found, "withdrawn") == ["Int 0496-2024", "Int 0946-2024"]
    assert at(found, "to_executive") == ["Int 1049-2024"]
    assert "check_outcome" in derived(found["Int 1049-2024"]).flags
    flags = Counter(flag for one in found.values() for flag in derived(one).flags)
    assert (flags["unsigned"], flags["overridden"]) == (71, 3)
    assert sum(bool(one.law) for one in found.values()) == 77
    override = found["Int 0276-2024"]
    assert (override.law, len(override.actions)) == ("Local Law 2026/052", 14)
    vote = next(one for one in override.votes if one.motion == "Overridden by Council")
    assert (vote.counts["yes"], vote.counts["no"], vote.on) == (46, 5, "2026-01-29")
    assert sum(one.facts.get("unnamed_sponsors", 0) for one in found.values()) == 50
    assert found["Int 1049-2024"].sponsors == ()
    assert (len(found["Int 0020-2024"].sponsors), len(found["Int 0020-2024"].actions)) == (15, 12)
    assert len(found["Int 0004-2024"].sponsors) == 18
    assert len(found["Int 0557-2024"].actions) == 17
    assert sum(len(one.papers) for one in found.values()) == 3165
    assert sum(len(vote.voters) for one in found.values() for vote in one.votes) == 4867


def test_golden_30_five_of_the_steps_of_new_york_are_touched_time_stamps():
    steps = touched = 0
    for folder in sorted((SAMPLES / "nyc-legistar/revisions").iterdir()):
        records = [path.read_bytes() for path in sorted(folder.glob("*.json"))]
        for before, after in pairwise(records):
            steps += 1
            if digest(before) == digest(after):
                touched += 1
                was, now = (SOURCES["legistar"].parse(one) for one in (before, after))
                assert changes(was, now) == []
    assert (steps, touched) == (336, 5)


def test_golden_31_meetings_of_new_york():
    found = [one for one in items("legistar", "nyc-legistar/events") if isinstance(one, Meeting)]
    assert Counter(one.status for one in found) == {"confirmed": 130, "deferred": 17}
    begins = sorted(one.begins_at for one in found)
    assert (begins[0], begins[-1][:10]) == ("2025-01-09T13:00:00-05:00", "2025-12-19")
    assert sum(len(one.items) for one in found) == 1322


def test_golden_32_the_call_center_bills_of_new_york():
    found = bills(*NEW_YORK)
    waiting, chat = found["Int 0584-2024"], found["Int 0583-2024"]
    assert waiting.title == "Providing an estimated wait time to 311 call center customers."
    assert (derived(waiting).stage, waiting.law) == ("enacted", "Local Law 2024/072")
    assert derived(chat).stage == "lapsed"


def lists(folder):
    files = [(one.name, one.read_bytes()) for one in sorted((SAMPLES / folder).glob("*.csv"))]
    return [localized(table.parse(raw), "UTC") for _name, raw in table.joined(files)]


def test_golden_33_ontario():
    found = {(one.session, one.identifier): one for one in lists("ca-on-ola")}
    assert stages(found) == {"enacted": 278, "failed": 45, "withdrawn": 2, "lapsed": 421}
    law = Counter(one.session for one in found.values() if derived(one).stage == "enacted")
    assert law == {"42-1": 139, "41-2": 91, "42-2": 48}
    assert [session for session, number in sorted(found) if number == "1"] == [
        "41-2",
        "42-1",
        "42-2",
    ]
    assert (len(found), len({number for _session, number in found})) == (746, 387)
    assert sum(len(one.sponsors) > 1 for one in found.values()) == 62
    assents = [one.on for bill in found.values() for one in bill.actions
               if bill.session == "42-2" and one.text.startswith("Royal Assent")]  # fmt: skip
    assert max(assents) == "2022-04-28"
    assert sum(len(one.actions) for one in found.values()) == 4770


def test_golden_34_replaying_the_weeks_of_westminster_changes_nothing():
    found = items("uk-bills", "uk-bills-api-trimmed")
    first = {}
    for one in found:
        assert changes(first.setdefault(one.key, one), one) == []
    assert (len(found), len(first)) == (360, 36)
    acts = {one.key for one in first.values() if derived(one).stage == "enacted"}
    assert acts == {"3810", "3783", "3946", "3972", "3755", "4095", "3894"}


def test_golden_35_private_members_bills_of_india():
    found = lists("in-private-member-bills")
    assert Counter(one.status for one in found) == {"Pending": 502, "": 222, "Lapsed": 5}
    days = sorted(one.introduced_on for one in found)
    assert (len(found), days[0], days[-1]) == (729, "2019-06-21", "2023-08-04")
    assert len({one.key for one in found}) == 728
    assert "The Right to Disconnect Bill, 2019" in {one.title for one in found}
    assert {derived(one).rule for one in found} == {"session_ended", "in.lapsed"}


def test_golden_37_samples_of_legiscan():
    found = items("legiscan", "legiscan-sample-wy-etc")
    made = {(one.place, one.identifier): one for one in found if isinstance(one, Bill)}
    assert {derived(one).rule for (place, _), one in made.items() if place == "us-ar"} == {
        "ls.chaptered"
    }
    alaska = [made["us-ak", name] for name in ("HB1", "HB2", "HB3")]
    assert [(one.status_code, len(one.actions)) for one in alaska] == [
        ("2", 27),
        ("1", 11),
        ("2", 36),
    ]
    calls = {one.vote.key: one for one in found if isinstance(one, RollCall)}
    assert sorted(calls) == ["154366", "154367", "154371"]
    tallies = [
        (one.vote.counts.get("yes"), one.vote.counts.get("no", 0)) for one in calls.values()
    ]
    assert tallies == [(30, 0), (27, 3), (22, 8)]
    assert not {one.refers for one in calls.values()} & {one.key for one in made.values()}


def test_open_states_samples_of_guam_have_a_place_and_no_action():
    found = items("openstates", "openstates-gu-sample")
    assert [one.place for one in found] == ["ocd-division/country:us/territory:gu"] * 5
    assert {derived(one).stage.value for one in found} == {"unknown"}
    assert openstates.SOURCE == "openstates"
