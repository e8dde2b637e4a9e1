"""The ladders of reminders: adopted from a day on, and each day goes by those that hold on it."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.association.models import Association
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.filters import day as on_paper
from portal.core.states import Refused
from portal.dues.queries import bill
from portal.dues.queries.late import interest_to_date
from portal.members.models import Decision
from portal.notices.models import Notice
from portal.renewals import actions, queries
from portal.renewals.ahead import Kind, Unpaid, coming
from portal.renewals.jobs import look_after_memberships
from portal.renewals.ladders import (
    LEADS_TO,
    SHIPPED,
    Ladder,
    Ladders,
    Stage,
    Step,
    acting_days,
    in_effect,
    interest_from,
    latest_step,
    reached,
    times,
    to_come,
)
from portal.renewals.models import LadderTable
from tests.dues.books import make_invoice
from tests.dues.test_races import adopted_at_once
from tests.make import make_contact, make_firm, make_person, save

DUE = date(2027, 1, 31)
DAY = timedelta(days=1)
INVOICE = Ladder.INVOICE


def shipped(**days):
    """The steps that the portal came with, some of them on other days; None takes one away."""
    return tuple(
        replace(one, days=days.get(one.code, one.days))
        for one in SHIPPED.steps
        if days.get(one.code, one.days) is not None
    )


def other(begins, **days):
    return [SHIPPED, Ladders(begins, shipped(**days))]


def days(over_time, **facts):
    return [
        ((on - DUE).days, step.code)
        for on, step in to_come(times(over_time, INVOICE), DUE, **facts)
    ]


def test_steps_are_read_back_as_they_were_kept():
    assert tuple(Step.kept(one.row()) for one in SHIPPED.steps) == SHIPPED.steps


def test_a_step_moved_later_comes_once_and_one_moved_earlier_on_the_first_day_of_its_ladder():
    later = other(DUE + 40 * DAY, reminder=50)
    assert [code for _on, code in days(later)].count("reminder") == 1
    assert (30, "reminder") in days(later)
    sooner = other(DUE + 20 * DAY, reminder=10)
    assert days(sooner)[1:4] == [(0, "due"), (20, "reminder"), (45, "second_reminder")]


def test_what_falls_on_the_day_on_which_other_steps_begin_goes_by_those():
    assert (30, "reminder") not in days(other(DUE + 30 * DAY, reminder=33))
    assert (33, "reminder") in days(other(DUE + 30 * DAY, reminder=33))
    assert (30, "reminder") in days(other(DUE + 31 * DAY, reminder=33))


def test_a_step_that_is_taken_away_comes_no_more_and_a_new_one_does():
    gone = other(DUE + 10 * DAY, collection=None, general_meeting=120)
    assert days(gone)[-2:] == [(45, "second_reminder"), (120, "general_meeting")]
    more = Step(INVOICE, 75, "one-more", "Once more", "Please.")
    with_it = [SHIPPED, Ladders(DUE + 61 * DAY, (*SHIPPED.steps, more))]
    assert days(with_it)[-3:] == [(60, "collection"), (75, "one-more"), (90, "general_meeting")]


def at_random(dice):
    """Steps of eight sorts, some of them, each on a day of its own."""
    codes = dice.sample("abcdefgh", dice.randint(1, 6))
    on = dice.sample(range(-10, 60), len(codes))
    steps = [Step(INVOICE, day, code, code, code, interest=dice.random() < 0.3)
             for day, code in zip(on, codes, strict=True)]  # fmt: skip
    return tuple(steps)


def versions_at_random(dice):
    begins = sorted(dice.sample(range(-20, 70), dice.randint(0, 3)))
    first = Ladders(date.min, at_random(dice))
    return [first, *(Ladders(DUE + day * DAY, at_random(dice)) for day in begins)]


@pytest.mark.parametrize("seed", range(60))
def test_what_is_foreseen_is_what_every_night_would_send(seed):
    dice = random.Random(seed)
    over_time = versions_at_random(dice)
    paused = dice.choice([None, DUE + dice.randint(-15, 50) * DAY])
    issued = dice.choice([None, DUE - dice.randint(0, 12) * DAY])
    told, sent = set(), []
    for n in range(-40, 120):
        day = DUE + n * DAY
        step = latest_step(in_effect(over_time, day).of(INVOICE), DUE, day, issued)
        if step and step.code not in told and not (paused and day <= paused):
            told.add(step.code)
            sent.append((n, step.code))
    resumes = paused + DAY if paused else date.min
    assert days(over_time, known_since=issued, resumes=resumes) == sent


@pytest.mark.parametrize("seed", range(60))
def test_interest_begins_on_the_first_day_whose_ladder_says_so(seed):
    over_time = versions_at_random(random.Random(seed))

    def runs(day):
        steps = in_effect(over_time, day).of(INVOICE)
        return any(one.interest and DUE + one.days * DAY <= day for one in steps)

    first = next((day for n in range(-40, 160) if runs(day := DUE + n * DAY)), None)
    assert interest_from(times(over_time, INVOICE), DUE) == first


def test_who_acts_when_and_how_far_it_has_come_follow_from_the_steps():
    assert acting_days(SHIPPED.of(INVOICE)) == [(45, None)]
    moved = Ladders(DUE, shipped(collection=20, second_reminder=None)).of(INVOICE)
    assert acting_days(moved) == [(20, 30), (90, None)]
    found = [reached(moved, DUE, DUE + n * DAY) for n in (19, 20, 30, 90)]
    assert found == [Stage.NONE, Stage.ESCALATED, Stage.ESCALATED, Stage.PROPOSED]
    assert {one.leads_to for one in SHIPPED.steps} == set(LEADS_TO)


def test_the_calendar_goes_by_the_steps_of_each_day():
    unpaid = Unpaid(1, "Salmon", "TH-1", DUE)
    found = coming([], [unpaid], DUE, 200, ladders=other(DUE + 40 * DAY, collection=50))
    assert [(one.on - DUE).days for one in found] == [0, 30, 45, 50, 90]
    told = replace(unpaid, told=frozenset({"second_reminder", "reminder", "due"}))
    moved = other(DUE + 40 * DAY, second_reminder=55)
    assert [(one.on - DUE).days for one in coming([], [told], DUE, 200, ladders=moved)] == [60, 90]


@pytest.fixture
def invoice(at):
    """Due on 31 January 2027, issued in December."""
    at(2026, 12, 1, 9)
    firm = make_firm(name="Salmon")
    make_contact(firm, "dues_contact", email="dues@test.example")
    return make_invoice(firm, due_in=61)


def adopt(begins, steps=None, **moved):
    decision = save(
        Decision(body="board", decided_on=date(2026, 11, 2), title="Reminders", text="So.")
    )
    made = actions.adopt_ladders(steps or shipped(**moved), begins, decision)
    db.session.commit()
    return made


def go(at, day):
    at(day.year, day.month, day.day, 9)


def nights(at, first, last):
    """What every night sends, by day and code."""
    for n in range((last - first).days + 1):
        go(at, first + n * DAY)
        look_after_memberships()
    db.session.expire_all()
    found = db.session.query(Notice).filter(Notice.key.like("dunning:%")).order_by(Notice.id)
    return [(one.at.date(), one.key.split(":")[3]) for one in found]


def test_every_night_sends_what_the_calendar_foretold_across_other_steps(at, invoice):
    adopt(DUE + 35 * DAY, second_reminder=33, collection=50, general_meeting=None)
    first = DUE - 10 * DAY
    go(at, first)
    foreseen = [one for one in queries.foreseen(first) if one.kind is Kind.REMINDER]
    sent = nights(at, first, first + 90 * DAY)
    assert [((on - DUE).days, code) for on, code in sent] == [
        (-7, "coming_due"), (0, "due"), (30, "reminder"), (35, "second_reminder"),
        (50, "collection"),
    ]  # fmt: skip
    assert [one.on for one in foreseen] == [on for on, _code in sent]
    assert queries.foreseen(first + 90 * DAY) == []


def test_after_other_steps_began_nobody_is_foretold_what_they_had(at, invoice):
    nights(at, DUE + 29 * DAY, DUE + 31 * DAY)
    adopt(DUE + 33 * DAY, reminder=40)
    go(at, DUE + 34 * DAY)
    found = [one for one in queries.foreseen(DUE + 34 * DAY) if one.kind is Kind.REMINDER]
    assert [(one.on - DUE).days for one in found] == [45, 60, 90]
    sent = [code for _on, code in nights(at, DUE + 34 * DAY, DUE + 41 * DAY)]
    assert sent == ["due", "reminder"]


def test_interest_runs_from_the_step_of_the_ladder_that_holds_then(at, invoice):
    db.session.get(Association, 1).interest_percent = "8"
    steps = [replace(one, interest=one.code == "second_reminder") for one in SHIPPED.steps]
    go(at, DUE + 10 * DAY)
    adopt(DUE + 20 * DAY, steps)

    def since(n):
        go(at, DUE + n * DAY)
        db.session.expire_all()
        found = interest_to_date(bill(invoice))
        return found and (found.from_on - DUE).days

    assert (since(44), since(50)) == (None, 45)
    adopt(DUE + 51 * DAY, [replace(one, interest=False) for one in SHIPPED.steps])
    assert since(60) == 45  # what began goes on
    later = make_invoice(invoice.organization, due_in=1)
    assert interest_to_date(bill(later)) is None


def test_what_waits_for_one_of_us_goes_by_the_steps_that_hold_today(browser, at, invoice):
    go(at, DUE)
    adopt(DUE + 20 * DAY, collection=15, second_reminder=None)
    for n, waits in ((19, False), (20, True), (30, False), (90, True)):
        day = DUE + n * DAY
        go(at, day)
        assert bool(db.session.execute(queries.to_act_on(day)).all()) is waits
        browser.sign_in(make_person("membership"))
        page = browser.get("/staff/members/arrears")
        assert ("Decide how it is collected" in page) is (n == 20)
        assert ("Escalated" in page) is (n in {20, 30})


PAGE = "/staff/members/ladders/adopt"
DECIDED = {
    "decision": "0", "body": "board", "decided_on": "2026-11-20", "title": "Reminders", "text": "",
    "effective_from": "2027-01-01",
}  # fmt: skip


def row(n, **facts):
    usual = {"ladder": "", "days": "", "subject": "", "says": "", "task": "", "leads_to": "none",
             "code": ""}  # fmt: skip
    return {f"steps-{n}-{name}": str(value) for name, value in (usual | facts).items()}


def filled(steps=SHIPPED.steps, *more):
    rows = [{name: value for name, value in one.row().items() if value is not False}
            for one in steps]  # fmt: skip
    told = [*rows, *more, {}]
    return {name: value for n, one in enumerate(told) for name, value in row(n, **one).items()}


@pytest.fixture
def officer(browser, at):
    at(2026, 12, 1)
    return browser.sign_in(make_person("membership"))


def test_an_officer_writes_the_next_steps_and_has_them_adopted(browser, officer):
    page = browser.get("/staff/members/ladders")
    assert "As the portal came" in page
    assert "Second reminder" in browser.get(PAGE)  # the form begins with what holds
    new = {"ladder": "invoice", "days": 75, "subject": "One more", "says": "Please pay.",
           "task": "Visit the firm", "leads_to": "escalated"}  # fmt: skip
    browser.post(PAGE, **DECIDED, **filled(shipped(reminder=25), new))
    (made,) = db.session.scalars(queries.ladder_tables())
    found = {one["code"]: one["days"] for one in made.steps}
    assert (found["reminder"], found["one-more-75"], len(found)) == (25, 75, 12)
    assert made.decision.title == "Reminders"
    page = browser.get("/staff/members/ladders")
    assert f"From {on_paper(date(2027, 1, 1))}" in page
    assert "Visit the firm" in page
    assert page.count("In effect") == 1
    assert db.session.query(AuditEvent).filter_by(verb="ladders.adopted").count() == 1
    assert queries.ladders_on([date(2026, 12, 31), date(2027, 1, 1)]) == {
        date(2026, 12, 31): SHIPPED, date(2027, 1, 1): Ladders(
            date(2027, 1, 1), tuple(map(Step.kept, made.steps))
        ),
    }  # fmt: skip
    assert "Visit the firm" in browser.get(PAGE)


NEW = {"ladder": "invoice", "days": 75, "subject": "One more", "says": "Please pay."}


@pytest.mark.parametrize(
    ("more", "day", "why"),
    [
        (NEW | {"days": ""}, "2027-01-01", "Enter the days, like 30"),
        (NEW | {"days": "soon"}, "2027-01-01", "Not a valid integer"),
        (NEW | {"days": 900}, "2027-01-01", "Enter days from -90 to 730"),
        (NEW | {"subject": ""}, "2027-01-01", "Enter the subject of the mail"),
        (NEW | {"says": ""}, "2027-01-01", "Enter what the mail says"),
        (NEW | {"ladder": "card", "interest": "y"}, "2027-01-01", "Interest runs on an invoice"),
        (NEW | {"ladder": "card", "days": -1}, "2027-01-01", "on day 0 or later"),
        (NEW | {"days": 90}, "2027-01-01", "Two steps fall on one day"),
        (NEW | {"code": "reminder"}, "2027-01-01", "Two steps are the same one"),
        (NEW, "2026-12-01", "begin tomorrow or later"),
    ],
)  # fmt: skip
def test_steps_that_cannot_be_read_or_would_change_the_past_are_refused(
    browser, officer, more, day, why
):
    told = DECIDED | filled(SHIPPED.steps, more) | {"effective_from": day}
    answer = browser.post(PAGE, status=200, **told)
    assert why in answer.text
    assert not db.session.scalars(queries.ladder_tables()).all()


def test_a_day_has_one_version_and_none_is_without_steps(officer):
    adopt(date(2027, 1, 1))
    with pytest.raises(Refused, match="begin on that day already"):
        adopt(date(2027, 1, 1))
    db.session.rollback()
    with pytest.raises(Refused, match="one step at least"):
        adopt(date(2027, 2, 1), [one for one in SHIPPED.steps if one.ladder is not Ladder.CARD])


def test_of_several_who_adopt_for_one_day_at_once_one_does(app, officer):
    decision = save(
        Decision(body="board", decided_on=date(2026, 11, 2), title="Reminders", text="So.")
    ).id

    begins = date(2027, 1, 1)
    said = adopted_at_once(
        app, lambda held: actions.adopt_ladders(SHIPPED.steps, begins, held), decision
    )
    assert (len(said), said[0]) == (4, "")
    assert all("begin on that day already" in one for one in said[1:])
    assert len(db.session.scalars(queries.ladder_tables()).all()) == 1


def test_what_was_adopted_is_never_changed(officer):
    made = adopt(date(2027, 1, 1))
    made.effective_from = date(2027, 3, 1)
    with pytest.raises(Exception, match="append-only"):
        db.session.commit()
    db.session.rollback()
    assert db.session.get(LadderTable, made.id).effective_from == date(2027, 1, 1)


def test_the_page_costs_the_same_statements_with_many_versions(browser, officer, statements):
    def asked():
        statements.clear()
        browser.get("/staff/members/ladders")
        return len(statements)

    adopt(date(2027, 1, 1))
    few = asked()
    for month in range(2, 8):
        adopt(date(2027, month, 1))
    assert asked() == few
