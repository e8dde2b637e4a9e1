"""Every rule of every source, each by a small record made by hand."""

from datetime import date

import pytest

from portal.legislation.bills import Bill, Unreadable, number_key, session_key
from portal.legislation.formats import digest
from portal.legislation.rules import Derived, SessionEnd, after_session
from portal.legislation.rules.words import WORDS, why
from portal.legislation.sources import SOURCES, source_of
from portal.legislation.stages import Stage
from tests.legislation import records

pytestmark = pytest.mark.own_database
FILED = ("2026-02-01", "lower", "Filed", "filing")
INTRODUCED = ("2026-02-02", "lower", "Introduced", "introduction")
REFERRED = ("2026-02-03", "lower", "Referred to the Committee on Labor")
REPORTED = ("2026-02-04", "lower", "Ordered to be reported", "reported-out-of-committee")
PASSED = ("2026-02-05", "lower", "Passed House", "passage")
CAME = ("2026-02-06", "upper", "Received in the Senate")
BOTH = ("2026-02-07", "upper", "Passed Senate", "passage")
CHANGED = ("2026-02-07", "upper", "Passed Senate with an amendment", "passage")
SENT = ("2026-02-08", "executive", "Presented", "executive-receipt")
VETOED = ("2026-02-09", "executive", "Vetoed", "executive-veto")
OVER_HOUSE = ("2026-02-10", "lower", "Overridden", "veto-override-passage")
OVER_SENATE = ("2026-02-11", "upper", "Overridden", "veto-override-passage")
LAW = ("2026-02-12", "executive", "Chapter 7", "became-law")


@pytest.fixture(autouse=True)
def empty_tables():
    """These tests touch no database."""


def read(source, record):
    raw = record if isinstance(record, bytes) else records.as_bytes(record)
    (item,) = [SOURCES[source].parse(one) for one in SOURCES[source].split(raw)]
    return item


def stage(source, record, today="2026-11-22"):
    item = read(source, record)
    found = source_of(item.source).derive(item, today)
    return found.stage.value, found.rule


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ((), ("unknown", "none")),
        ((FILED,), ("draft", "os.filed")),
        ((FILED, INTRODUCED), ("introduced", "os.introduced")),
        ((INTRODUCED, REFERRED), ("committee", "os.committee")),
        ((INTRODUCED, REFERRED, REPORTED), ("reported", "os.reported")),
        ((INTRODUCED, (*REPORTED[:3], "placed on the calendar")), ("introduced", "os.introduced")),
        (
            (
                INTRODUCED,
                REFERRED,
                REPORTED,
                ("2026-02-05", "lower", "Recommitted", "referral-committee"),
            ),
            ("committee", "os.committee"),
        ),
        ((INTRODUCED, REFERRED, PASSED), ("passed_first", "os.passed_first")),
        ((INTRODUCED, PASSED, CAME), ("second_chamber", "os.second_chamber")),
        ((INTRODUCED, PASSED, CAME, BOTH), ("passed_second", "os.both_passed")),
        ((INTRODUCED, PASSED, CAME, CHANGED), ("reconciliation", "os.differences")),
        (
            (PASSED, CHANGED, ("2026-02-08", "lower", "Agreed", "concurrence")),
            ("passed_second", "os.both_passed"),
        ),
        ((PASSED, BOTH, SENT), ("to_executive", "os.to_executive")),
        (
            (PASSED, BOTH, SENT, ("2026-02-09", "executive", "Signed", "executive-signature")),
            ("to_executive", "os.signed"),
        ),
        ((PASSED, BOTH, SENT, VETOED), ("vetoed", "os.veto")),
        ((PASSED, BOTH, VETOED, OVER_HOUSE), ("vetoed", "os.veto")),
        ((PASSED, BOTH, VETOED, OVER_HOUSE, OVER_SENATE), ("veto_overridden", "os.override")),
        ((PASSED, BOTH, VETOED, OVER_HOUSE, OVER_SENATE, LAW), ("enacted", "os.became_law")),
        (
            (
                PASSED,
                BOTH,
                SENT,
                ("2026-02-09", "executive", "Items struck", "executive-veto-line-item"),
            ),
            ("to_executive", "os.to_executive"),
        ),
        (
            (INTRODUCED, ("2026-02-03", "lower", "Withdrawn", "withdrawal")),
            ("withdrawn", "os.withdrawal"),
        ),
        (
            (INTRODUCED, ("2026-02-03", "lower", "Third reading failed", "failure")),
            ("failed", "os.failure"),
        ),
        (
            (INTRODUCED, ("2026-02-03", "lower", "Motion to suspend the rules Failed")),
            ("introduced", "os.introduced"),
        ),
        (
            (INTRODUCED, ("2026-02-03", "lower", "To 2027", "carried-over")),
            ("carried_over", "os.carried_over"),
        ),
    ],
)
def test_open_states(actions, expected):
    assert (
        stage("openstates", records.openstates(actions=actions, place="us/state:co")) == expected
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("H Failed Introduction 20-40", ("failed", "wy.failed_vote")),
        ("H COW:Failed 4-50", ("failed", "wy.failed_vote")),
        ("H Did not Consider for Introduction", ("lapsed", "wy.not_considered")),
        ("H Died in Committee Returned Bill", ("lapsed", "wy.not_considered")),
        ("H Motion to Suspend Rules Failed", ("introduced", "os.introduced")),
        ("H Concur:Failed 20-40", ("introduced", "os.introduced")),
    ],
)
def test_wyoming_has_words_of_its_own(words, expected):
    record = records.openstates(actions=(INTRODUCED, ("2026-02-09", "lower", words)))
    item = read("openstates", record)
    found = source_of("openstates").derive(
        __import__("dataclasses").replace(item, place="us-wy"), ""
    )
    assert (found.stage.value, found.rule) == expected


def test_a_line_item_veto_is_a_flag_and_no_veto():
    actions = (
        PASSED,
        BOTH,
        ("2026-02-09", "executive", "Items struck", "executive-veto-line-item"),
        LAW,
    )
    item = read("openstates", records.openstates(actions=actions))
    found = source_of("openstates").derive(item, "")
    assert (found.stage, found.flags) == (Stage.ENACTED, {"line_item_veto"})


def test_an_action_of_the_future_is_kept_and_does_not_count_yet():
    record = records.openstates(actions=(INTRODUCED, LAW), place="us/state:co")
    assert stage("openstates", record, "2026-02-11") == ("introduced", "os.introduced")
    assert len(read("openstates", record).actions) == 2


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (records.legiscan(), ("introduced", "ls.introduced")),
        (records.legiscan(committee={"name": "Labor"}), ("committee", "ls.committee")),
        (records.legiscan(events=(1, 9)), ("committee", "ls.committee")),
        (records.legiscan(events=(1, 9, 10)), ("reported", "ls.reported")),
        (records.legiscan(status=2, events=(1, 2)), ("passed_first", "ls.engrossed")),
        (
            records.legiscan(status=2, events=(1, 9, 2, 9)),
            ("second_chamber", "ls.engrossed_referred"),
        ),
        (records.legiscan(status=3), ("to_executive", "ls.enrolled")),
        (records.legiscan(status=4), ("to_executive", "ls.passed")),
        (records.legiscan(status=4, events=(1, 4, 8)), ("enacted", "ls.chaptered")),
        (records.legiscan(status=4, bill_type="R"), ("enacted", "ls.resolution")),
        (records.legiscan(status=5), ("vetoed", "ls.vetoed")),
        (records.legiscan(status=5, events=(5, 7)), ("veto_overridden", "ls.override")),
        (records.legiscan(status=6), ("failed", "ls.failed")),
        (
            records.legiscan(
                status=6, history=[{"date": "2025-02-02", "action": "Withdrawn by author"}]
            ),
            ("withdrawn", "ls.failed"),
        ),
        (records.legiscan(events=(12,)), ("draft", "ls.draft")),
        (records.legiscan(sine_die=1), ("lapsed", "ls.sine_die")),
        (records.legiscan(status=3, sine_die=1), ("to_executive", "ls.enrolled")),
        (
            records.legiscan(sine_die=1, sasts=[{"type_id": 9, "sast_bill_number": "HB9"}]),
            ("carried_over", "ls.carry_over"),
        ),
        (records.legiscan(status=17), ("unknown", "none")),
    ],
)
def test_legiscan(record, expected):
    assert stage("legiscan", record) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("INTRODUCED", ("introduced", "us.introduced")),
        ("REFERRED", ("committee", "us.referred")),
        ("REPORTED", ("reported", "us.reported")),
        ("PASS_OVER:HOUSE", ("second_chamber", "us.pass_over")),
        ("PASS_BACK:SENATE", ("reconciliation", "us.pass_back")),
        ("CONFERENCE:PASSED:HOUSE", ("reconciliation", "us.conference")),
        ("PASSED:BILL", ("to_executive", "us.passed_bill")),
        ("PASSED:SIMPLERES", ("enacted", "us.resolution")),
        ("PASSED:CONSTAMEND", ("passed_second", "us.constamend")),
        ("PROV_KILL:VETO", ("vetoed", "us.veto")),
        ("VETOED:POCKET", ("vetoed", "us.veto")),
        ("VETOED:OVERRIDE_PASS_OVER:HOUSE", ("vetoed", "us.override_half")),
        ("VETOED:OVERRIDE_FAIL_ORIGINATING:SENATE", ("vetoed", "us.override_failed")),
        ("FAIL:ORIGINATING:SENATE", ("failed", "us.failed")),
        ("ENACTED:TENDAYRULE", ("enacted", "us.enacted")),
        ("SOMETHING:NEW", ("unknown", "none")),
    ],
)
def test_the_congress(status, expected):
    assert stage("congress", records.congress(status=status)) == expected


def test_a_lost_vote_of_procedure_leaves_a_bill_where_it_stood():
    actions = [
        {"acted_at": "2019-03-01", "text": "Reported", "type": "reported", "status": "REPORTED"},
        {
            "acted_at": "2019-03-02",
            "text": "Cloture",
            "type": "vote",
            "status": "PROV_KILL:CLOTUREFAILED",
        },
    ]
    item = read("congress", records.congress(status="PROV_KILL:CLOTUREFAILED", actions=actions))
    found = source_of("congress").derive(item, "")
    assert (found.stage, found.rule, found.flags) == (
        Stage.REPORTED,
        "us.prov_kill",
        {"provisional_kill"},
    )


def test_billstatus_reads_laws_and_both_ways_of_naming():
    law = """<laws><item><type>Public Law</type><number>116-9</number></item></laws>"""
    became = (
        "<actions><item><actionDate>2019-05-01</actionDate><text>Became Public Law</text>"
        "<type>BecameLaw</type></item></actions>"
    )
    raw = records.billstatus(extra=law).replace(
        b"</actions>", became.removeprefix("<actions>").encode(), 1
    )
    item = read("congress", raw)
    assert (item.law, item.key, item.source) == ("Public Law 116-9", "hr12-116", "billstatus")
    assert stage("congress", raw) == ("enacted", "us.enacted")
    old = records.billstatus().replace(b"type>HR</type", b"billType>HR</billType")
    assert (
        read("congress", old.replace(b"number>12</number", b"billNumber>12</billNumber")).key
        == "hr12-116"
    )


def test_xml_with_a_document_type_is_refused():
    bomb = '<!DOCTYPE lol [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    with pytest.raises(Unreadable, match="document type"):
        read("congress", records.billstatus(begin=bomb))


@pytest.mark.parametrize(
    ("status", "history", "expected"),
    [
        ((2, "Introduced"), (), ("introduced", "lg.introduced")),
        ((25, "Laid Over in Committee"), (), ("committee", "lg.committee")),
        ((24, "Reported"), (), ("reported", "lg.reported")),
        ((10, "Enacted (Mayor's Desk for Signature)"), (), ("to_executive", "lg.mayors_desk")),
        ((11, "Vetoed"), (), ("vetoed", "lg.vetoed")),
        (
            (11, "Vetoed"),
            (("2024-03-01T13:00:00Z", "Overridden by Council"),),
            ("veto_overridden", "lg.vetoed"),
        ),
        ((35, "Enacted"), (), ("enacted", "lg.enacted")),
        ((20, "Withdrawn"), (), ("withdrawn", "lg.withdrawn")),
        ((8, "Filed"), (), ("lapsed", "lg.filed")),
        ((5040, "Filed (End of Session)"), (), ("lapsed", "lg.filed_eos")),
        ((99, "Tabled"), (), ("unknown", "none")),
    ],
)
def test_legistar(status, history, expected):
    assert stage("legistar", records.legistar(status=status, history=history)) == expected


def test_a_council_matter_in_the_clock_of_its_hall():
    history = (("2024-02-28T23:25:00Z", "City Charter Rule Adopted"),)
    item = read("legistar", records.legistar(status=(35, "Enacted"), history=history))
    assert [one.on for one in item.actions] == ["2024-02-28"]
    assert [one.name for one in item.sponsors] == ["Ana Doe"]
    assert item.facts == {"unnamed_sponsors": 1}
    assert item.session == "2024-2025"
    assert source_of("legistar").derive(item, "").flags == {"unsigned"}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (records.uk("1R"), ("introduced", "uk.reading")),
        (records.uk("CS"), ("committee", "uk.committee")),
        (records.uk("RS"), ("reported", "uk.report")),
        (records.uk("3R"), ("reported", "uk.third")),
        (records.uk("3R", currentHouse="Lords"), ("passed_first", "uk.third")),
        (records.uk("2R", "Lords"), ("second_chamber", "uk.other_house")),
        (records.uk("COLA", "Commons"), ("reconciliation", "uk.lords_amendments")),
        (records.uk("RA", "Unassigned"), ("to_executive", "uk.awaiting_assent")),
        (records.uk("RA", isAct=True), ("enacted", "uk.act")),
        (records.uk("2R", isDefeated=True), ("failed", "uk.defeated")),
        (records.uk("2R", billWithdrawn="2026-03-01T00:00:00"), ("withdrawn", "uk.withdrawn")),
        (records.uk("ZZ"), ("unknown", "none")),
    ],
)
def test_the_united_kingdom(record, expected):
    assert stage("uk-bills", record) == expected


ENDED = SessionEnd(date(2026, 3, 11), "sine_die")
OPEN = Bill("openstates", "k", "us-wy", "2026", "HB 1", "A bill")


@pytest.mark.parametrize(
    ("before", "end", "as_of", "expected"),
    [
        ("committee", ENDED, date(2026, 3, 11), ("lapsed", "session_ended")),
        ("committee", ENDED, date(2026, 3, 10), ("committee", "said")),
        ("committee", None, date(2026, 3, 12), ("committee", "said")),
        (
            "committee",
            SessionEnd(date(2026, 3, 11), "", carries_over=True),
            date(2026, 3, 12),
            ("carried_over", "session_carries_over"),
        ),
        ("enacted", ENDED, date(2026, 3, 12), ("enacted", "said")),
        ("vetoed", ENDED, date(2026, 3, 12), ("vetoed", "said")),
        ("failed", ENDED, date(2026, 3, 12), ("failed", "said")),
        ("to_executive", ENDED, date(2026, 3, 12), ("to_executive", "said")),
        ("veto_overridden", ENDED, date(2026, 3, 12), ("veto_overridden", "said")),
    ],
)
def test_the_calendar_ends_what_nothing_else_has(before, end, as_of, expected):
    found = after_session(Derived(Stage(before), "said"), OPEN, end, as_of)
    assert (found.stage.value, found.rule) == expected


def test_what_waits_for_assent_is_looked_into_60_days_after_the_session():
    waiting = Derived(Stage.TO_EXECUTIVE, "said")
    assert after_session(waiting, OPEN, ENDED, date(2026, 5, 10)).flags == frozenset()
    assert after_session(waiting, OPEN, ENDED, date(2026, 5, 11)).flags == {"check_outcome"}


@pytest.mark.parametrize(
    ("spelled", "key"),
    [
        ("S. 2495", "S2495"),
        ("S 2495", "S2495"),
        ("s2495", "S2495"),
        ("HB0003", "HB3"),
        ("HB 3", "HB3"),
        ("H.R. 4954 (119th)", "HR4954"),
        ("Int 0584-2024", "INT584-2024"),
        ("PR51", "PR51"),
        ("S1826C", "S1826C"),
        ("\uff28\uff22 \uff11\uff12", "HB12"),
        ("B 10-38", "B10-38"),
        ("1", "1"),
        ("B\u20111", "B-1"),
    ],
)
def test_a_number_however_it_is_spelled(spelled, key):
    assert number_key(spelled) == key


def test_a_session_however_it_is_spelled():
    assert session_key(" 43rd\u00a0 Parliament/ ") == "43rd parliament"


def test_a_touched_time_stamp_or_another_order_of_keys_is_no_other_content():
    first = {"a": " x ", "b": [1, 2], "LastModified": "1", "c": {"updated_at": "1", "d": None}}
    second = {"c": {"d": None, "updated_at": "2"}, "b": [1, 2], "a": "x"}
    assert digest(records.as_bytes(first)) == digest(records.as_bytes(second))
    assert digest(records.as_bytes(first)) != digest(records.as_bytes(second | {"b": [2, 1]}))


@pytest.mark.parametrize(
    ("source", "raw", "words"),
    [
        ("openstates", b"{half", "whole JSON"),
        ("openstates", b"{}", "has no"),
        ("openstates", b"[3]", "object should be"),
        ("legiscan", b'{"status": "ERROR"}', "an error"),
        ("legiscan", b"{}", "neither"),
        ("congress", b"<a>", "whole XML"),
        ("legistar", b"{}", "neither"),
        ("uk-bills", b"{}", "billId"),
    ],
)
def test_what_is_no_record_is_refused_in_words(source, raw, words):
    with pytest.raises(Unreadable, match=words):
        read(source, raw)


def test_a_mark_of_order_and_other_line_ends_are_nothing():
    raw = b"\xef\xbb\xbf" + records.as_bytes(records.uk()).replace(b", ", b",\r\n")
    assert read("uk-bills", raw).key == "4001"


def test_every_rule_is_said_in_words():
    assert why("os.veto", "2026-02-09: Vetoed") == (
        "the executive vetoed it (2026-02-09: Vetoed). Rule os.veto."
    )
    assert why("source says referred", "") == "source says referred."
    assert all(words and not words.endswith(".") for words in WORDS.values())
