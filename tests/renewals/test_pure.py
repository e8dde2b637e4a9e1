"""The pure parts: every state machine, the ladders, the comparison, the projection."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from portal.members.policy import Policy
from portal.renewals.ahead import Kind, Known, Unpaid, coming
from portal.renewals.ladders import (
    LEADS_TO,
    SHIPPED,
    Case,
    Ladder,
    Stage,
    latest_step,
    reached,
    stage,
)
from portal.renewals.pipeline import KINDS, WORDS, Facts, stage_on
from portal.renewals.pipeline import Stage as Pipe
from portal.renewals.reconciling import Charge, difference

DUE = date(2027, 1, 31)
INVOICE = SHIPPED.of(Ladder.INVOICE)
YEAR = Facts(date(2026, 12, 31), date(2027, 1, 30), 90, 180)


def test_G42_the_ladder_counts_from_the_day_it_is_due():
    days = {step.code: DUE + timedelta(days=step.days) for step in INVOICE}
    assert days == {
        "coming_due": date(2027, 1, 24), "due": DUE, "reminder": date(2027, 3, 2),
        "second_reminder": date(2027, 3, 17), "collection": date(2027, 4, 1),
        "general_meeting": date(2027, 5, 1),
    }  # fmt: skip
    assert [step.days for step in SHIPPED.of(Ladder.CARD)] == [0, 1, 7, 14]
    assert {step.code for step in SHIPPED.steps if step.task} == {
        "second_reminder", "collection", "general_meeting", "person"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2027, 1, 23), None), (date(2027, 1, 24), "coming_due"),
     (date(2027, 1, 30), "coming_due"),
     (DUE, "due"), (date(2027, 3, 1), "due"), (date(2027, 3, 2), "reminder"),
     (date(2027, 3, 31), "second_reminder"), (date(2028, 1, 1), "general_meeting")],
)  # fmt: skip
def test_only_the_latest_step_that_has_come_is_sent(day, code):
    found = latest_step(INVOICE, DUE, day)
    assert (found.code if found else None) == code


def test_a_step_on_the_day_on_which_the_invoice_was_sent_says_nothing_new():
    assert latest_step(INVOICE, DUE, date(2027, 1, 25), known_since=date(2027, 1, 25)) is None
    assert latest_step(INVOICE, DUE, DUE, known_since=date(2027, 1, 25)).code == "due"


def later(case, days):
    """The same case once its ladder has come to a day."""
    come = reached(INVOICE, DUE, DUE + timedelta(days=days))
    return replace(case, reached=max(case.reached, come, key=LEADS_TO.index))


# What happens to an unpaid invoice, and the stage it then has, for every stage before.
START = {
    Stage.NONE: Case(100, Stage.NONE), Stage.REMINDED: later(Case(100, Stage.NONE), 30),
    Stage.ESCALATED: later(Case(100, Stage.NONE), 60),
    Stage.PROPOSED: later(Case(100, Stage.NONE), 90),
    Stage.SUSPENDED: later(Case(100, Stage.NONE, is_suspended=True), 95),
    Stage.DROPPED: later(Case(0, Stage.NONE, is_dropped=True), 95),
    Stage.CLEARED: later(Case(0, Stage.NONE), 40),
    Stage.PAUSED: later(Case(100, Stage.NONE, is_paused=True), 40),
}  # fmt: skip
EVENTS = {
    "paid": lambda case: replace(case, owed=0),
    "paused": lambda case: replace(case, is_paused=True),
    "pause over": lambda case: replace(case, is_paused=False),
    "day 60": lambda case: later(case, 60),
    "day 90": lambda case: later(case, 90),
    "the body says yes": lambda case: replace(case, is_suspended=True),
    "the body says no": lambda case: replace(case, is_excused=True, is_suspended=False),
    "dropped": lambda case: replace(case, owed=0, is_dropped=True),
}
N, R, E, P, S, D, C, W = (
    Stage.NONE, Stage.REMINDED, Stage.ESCALATED, Stage.PROPOSED, Stage.SUSPENDED, Stage.DROPPED,
    Stage.CLEARED, Stage.PAUSED,
)  # fmt: skip
AFTER = {  # in the order of START
    "paid": (C, C, C, C, C, D, C, C),
    "paused": (W, W, W, W, W, D, C, W),
    "pause over": (N, R, E, P, S, D, C, R),
    "day 60": (E, E, E, P, S, D, C, W),
    "day 90": (P, P, P, P, S, D, C, W),
    "the body says yes": (S, S, S, S, S, D, C, W),
    "the body says no": (N, R, E, E, E, D, C, W),
    "dropped": (D, D, D, D, D, D, D, D),
}


@pytest.mark.parametrize(("before", "event"), list(product(START, EVENTS)))
def test_every_stage_of_dunning_after_every_event(before, event):
    assert stage(START[before]) is before
    wanted = AFTER[event][list(START).index(before)]
    assert stage(EVENTS[event](START[before])) is wanted


@pytest.mark.parametrize(
    ("facts", "day", "found"),
    [
        (YEAR, date(2026, 10, 2), Pipe.NOT_OPEN),
        (YEAR, date(2026, 10, 3), Pipe.OFFERED),
        (replace(YEAR, is_invoiced=True, owed=5, due_on=date(2026, 12, 1)), date(2026, 12, 1),
         Pipe.INVOICED),
        (replace(YEAR, is_invoiced=True, owed=5, due_on=date(2026, 12, 1)), date(2026, 12, 2),
         Pipe.OVERDUE),
        (replace(YEAR, is_invoiced=True, owed=5), date(2026, 12, 31), Pipe.INVOICED),
        (replace(YEAR, is_invoiced=True, owed=5), date(2027, 1, 1), Pipe.GRACE),
        (YEAR, date(2027, 1, 30), Pipe.GRACE),
        (YEAR, date(2027, 1, 31), Pipe.LAPSED),
        (YEAR, date(2027, 6, 29), Pipe.LAPSED),
        (YEAR, date(2027, 6, 30), Pipe.CLOSED),
        (replace(YEAR, is_invoiced=True), date(2027, 6, 30), Pipe.PAID),
        (replace(YEAR, has_next=True), date(2026, 11, 1), Pipe.RENEWED),
        (replace(YEAR, has_next=True, owed=5), date(2027, 1, 1), Pipe.PROVISIONAL),
        (replace(YEAR, leaves_on=date(2026, 12, 31)), date(2026, 11, 1), Pipe.LEAVING),
        (replace(YEAR, leaves_on=date(2027, 12, 31)), date(2026, 11, 1), Pipe.OFFERED),
    ],
)  # fmt: skip
def test_a_renewal_is_at_one_stage_on_each_day(facts, day, found):
    assert stage_on(facts, day) is found


def test_every_stage_of_the_pipeline_has_words():
    assert set(WORDS) == set(Pipe)
    assert set(KINDS) <= set(Pipe)


def charge(minor, rule="bands", first=date(2026, 1, 1), income="dues"):
    return Charge(income, first, date(2026, 12, 31), rule, minor)


def test_what_agrees_leaves_nothing_to_do():
    assert difference([charge(100), charge(50, "seats")], {1: [charge(50, "seats"), charge(100)]}
                      ).is_nothing  # fmt: skip


def test_a_line_that_was_never_issued_is_missing():
    found = difference([charge(100), charge(20, "seats")], {1: [charge(100)]})
    assert (found.missing, found.wrong) == ((charge(20, "seats"),), ())


def test_a_wrong_line_takes_its_invoice_back_and_what_was_right_on_it_is_issued_again():
    found = difference([charge(100), charge(20, "seats")], {1: [charge(90), charge(20, "seats")]})
    assert (found.missing, found.wrong) == ((charge(20, "seats"), charge(100))[::-1], (1,))


def test_a_stray_and_a_double_invoice_are_credited():
    found = difference([charge(100)], {1: [charge(100)], 2: [charge(100)], 3: [charge(7, "x")]})
    assert (found.missing, found.wrong) == ((), (2, 3))


def test_lines_of_nothing_are_neither_missing_nor_wrong():
    assert difference([charge(0)], {1: [charge(0, "seats")]}).is_nothing


@pytest.mark.parametrize("seed", range(20))
def test_reconciling_twice_changes_nothing(seed):
    should = [charge(100 + n * (seed % 3), f"r{n}") for n in range(seed % 4)]
    issued = {n: [charge(100 + n, f"r{n % 2}")] for n in range(seed % 5)}
    first = difference(should, issued)
    kept = {n: lines for n, lines in issued.items() if n not in first.wrong}
    assert difference(should, kept | {99: list(first.missing)}).is_nothing


KNOWN = Known(1, "Salmon", date(2026, 12, 31), date(2027, 1, 30), Policy())


def test_the_calendar_says_what_comes_and_why():
    found = coming([KNOWN], [], date(2026, 10, 3), days=300)
    assert [(one.on, one.what) for one in found] == [
        (date(2026, 10, 3), "Renewal opens"),
        (date(2026, 11, 2), "Renewal invoice goes out"),
        (date(2026, 12, 24), "Coming due: invoice of the renewal"),
        (date(2026, 12, 31), "Due today: invoice of the renewal"),
        (date(2027, 1, 1), "Grace begins"),
        (date(2027, 1, 30), "Reminder: invoice of the renewal"),
        (date(2027, 1, 31), "Membership lapses"),
        (date(2027, 2, 14), "Second reminder: invoice of the renewal"),
        (date(2027, 3, 1), "A decision about this invoice: invoice of the renewal"),
        (date(2027, 3, 31), "What the general meeting is asked: invoice of the renewal"),
        (date(2027, 6, 30), "Coming back now means joining anew"),
    ]
    assert all(one.why for one in found)
    soon = coming([KNOWN], [], date(2026, 10, 4), days=90)
    assert [one.what for one in soon if one.kind is Kind.RENEWAL] == [
        "Renewal invoice goes out", "Grace begins"
    ]  # fmt: skip


def test_after_a_pause_the_latest_step_comes_alone_unless_it_was_sent():
    paused = Unpaid(
        1, "Salmon", "TH-1", DUE, is_paused=True, paused_until=DUE + timedelta(days=50)
    )
    days = [(one.on - DUE).days for one in coming([], [paused], DUE, 200)]
    assert days == [51, 60, 90]
    sent = replace(paused, told=frozenset({"second_reminder"}))
    assert [(one.on - DUE).days for one in coming([], [sent], DUE, 200)] == [60, 90]


def test_of_an_invoice_that_a_lapsed_firm_never_had_nobody_is_reminded():
    found = coming([KNOWN], [], KNOWN.grace_until + timedelta(days=1), 90)
    assert [one.what for one in found] == ["Membership lapses"]


def test_after_a_charge_or_the_last_day_of_a_firm_nobody_is_reminded():
    unpaid = Unpaid(1, "Salmon", "TH-1", DUE)
    for more in ({"charged_on": DUE}, {"leaves_on": DUE + timedelta(days=20)}):
        found = coming([], [replace(unpaid, **more)], DUE, 200)
        assert [one.on for one in found] == [DUE]


def test_what_a_card_pays_in_time_goes_on_and_does_not_lapse():
    found = coming([replace(KNOWN, has_card=True)], [], date(2026, 12, 1), 200)
    assert [(one.on, one.what) for one in found if one.kind is not Kind.REMINDER] == [
        (date(2026, 12, 31), "Card charged: renewal invoice"),
        (date(2027, 1, 1), "Next term begins"),
    ]


def test_what_is_settled_comes_no_more():
    day = date(2026, 11, 1)
    assert coming([replace(KNOWN, has_next=True)], [], day, 300) == []
    leaving = coming([replace(KNOWN, leaves_on=KNOWN.end)], [], day, 300)
    assert [one.what for one in leaving] == ["Last day of membership"]
    assert "Renewal opens" not in {
        one.what for one in coming([replace(KNOWN, is_open=True)], [], date(2026, 9, 1), 400)
    }
    unpaid = Unpaid(1, "Salmon", "TH-1", DUE)
    assert len(coming([], [unpaid], date(2027, 1, 1), 200)) == len(INVOICE)
    assert coming([], [replace(unpaid, is_paused=True)], date(2027, 1, 1), 200) == []
