"""The access table: adopted from a day on; every page and the desk go by the one that holds."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.filters import day as on_paper
from portal.core.states import Refused
from portal.dues import actions
from portal.members import queries as members
from portal.members.access_table import SHIPPED, Counted, Taking, in_order
from portal.members.actions.access import adopt_access
from portal.members.adopted import access_on, access_over_time
from portal.members.models import AccessTable, Decision
from portal.members.policy import FEATURE_WORDS, Feature, Scope
from portal.renewals import queries
from portal.renewals.history import features_of
from tests.access import (
    ALL,
    BY_CALENDAR,
    ON_INVOICE,
    PROPOSED,
    VARIANTS,
    adopt_table,
    hold,
    make_decision,
)
from tests.dues.test_races import adopted_at_once
from tests.make import business_day, make_firm, make_person
from tests.renewals.making import adopt, person_of
from tests.standings import ROWS, stand, stand_all, suspended

F = Feature
DAY = timedelta(days=1)
ENFORCED = (F.FULL, F.LISTED, F.MEMBER_PRICE)
PAGE = "/staff/members/access/adopt"
DECIDED = {
    "decision": "0", "body": "board", "decided_on": "2026-11-20", "title": "Access", "text": "",
    "effective_from": "2027-01-01",
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_what_pages_enforce_and_what_they_say_is_one_and_the_same(name):
    hold(VARIANTS[name])
    day = business_day()
    for held in stand_all().values():
        said = set(features_of(held.firm))
        enforced = {one for one in ENFORCED if members.gives(one, held.firm)}
        assert enforced == said & set(ENFORCED), held.firm.name
        assert F.INVOICES in said
        assert members.still_has_data(held.firm) is (F.OWN_DATA in said)
    found = {one.name: one.has(access_on(day)) for one in queries.positions(day)}
    assert len(found) == len(ROWS)
    if name == "shipped":
        assert found == {f"Firm {one}.": row.gives for one, row in ROWS.items()}


def test_a_grace_that_gives_less_gives_less_on_the_pages():
    hold(replace(SHIPPED, grace=SHIPPED.grace - {F.LISTED, F.FULL}))
    firm, other = (one.firm for one in together("grace, renewal open", "in force, not due"))
    assert not members.gives(F.FULL, firm)
    assert members.gives(F.MEMBER_PRICE, firm)
    assert members.gives(F.FULL, other)
    assert F.LISTED not in features_of(firm)


def test_nothing_that_no_membership_gives_is_given():
    hold(
        replace(SHIPPED, in_force=SHIPPED.in_force - {F.LISTED}, grace=SHIPPED.grace - {F.LISTED})
    )
    assert not members.gives(F.LISTED, stand("in force, not due").firm)


@pytest.mark.parametrize(("days", "words"), [
    (400, "it stays here for 400 days"), (0, "it is not to be taken from here any more"),
])  # fmt: skip
def test_a_firm_takes_its_data_away_for_as_long_as_the_table_says(browser, days, words):
    hold(replace(SHIPPED, own_data_days=days))
    running, gone = together("in force, not due", "ended 91 days ago")
    browser.sign_in(person_of(running.term))
    assert words in browser.get("/firm/export")
    browser.sign_in(person_of(gone.term))
    answer = browser.send("GET", "/firm/export")
    assert (answer.status_code == 200) is (days == 400)
    assert (f"more than {days} days ago" in answer.text) is (days == 0)


def test_a_vote_and_a_class_without_one_are_told_apart_in_two_classes():
    held = stand("in force, the vote suspended")
    assert F.VOTE not in features_of(held.firm)


def test_a_member_is_shut_45_days_after_the_invoice_and_reads_again_when_it_is_paid(browser, at):
    hold(ON_INVOICE)
    held = stand("in force, not due")
    issued = held.invoice.issued_on
    for days, status in ((44, 200), (45, 403)):
        go(at, issued + days * DAY)
        browser.sign_in(person_of(held.term))
        assert browser.send("GET", "/library/ask").status_code == status
        assert "Download as PDF" in browser.get(f"/invoices/{held.invoice.id}")
    actions.record_transfer(held.invoice, held.invoice.total, business_day())
    db.session.commit()
    assert browser.send("GET", "/library/ask").status_code == 200


def together(*names):
    """Firms in these rows, under one tariff."""
    tariff = adopt()
    return [stand(one, tariff) for one in names]


def go(at, day):
    at(day.year, day.month, day.day, 12)


def test_a_member_is_shut_on_31_march_and_leaves_the_directory_on_30_june(browser, at):
    at(2027, 1, 10, 12)
    hold(BY_CALENDAR)
    held = stand("in force, not due")  # until July, due in February
    firm = held.firm
    for day, reads, is_listed in (
        (date(2027, 3, 30), 200, True), (date(2027, 3, 31), 403, True),
        (date(2027, 6, 29), 403, True), (date(2027, 6, 30), 403, False),
    ):  # fmt: skip
        go(at, day)
        browser.sign_in(person_of(held.term))
        assert browser.send("GET", "/library/ask").status_code == reads, day
        assert members.gives(F.LISTED, firm) is is_listed, day


def test_a_proposal_stands_with_the_arrears_and_a_body_decides(browser, at):
    hold(PROPOSED)
    held, early = together("in force, overdue 90 days", "in force, overdue 29 days")
    officer = make_person("membership")
    assert set(features_of(held.firm)) >= {F.VOTE, F.FULL}
    browser.sign_in(officer)
    page = browser.get("/staff/members/arrears")
    assert page.count("Suspension proposed") == 1
    assert "general meeting" in page
    day = business_day()
    waiting = {number for number, _since in db.session.execute(queries.to_act_on(day))}
    assert waiting == {held.invoice.id}
    assert queries.proposed(day, [held.invoice.id, early.invoice.id]) == {
        held.invoice.id: "general meeting"
    }
    suspended(Scope.ALL)(held)
    db.session.commit()
    assert F.FULL not in features_of(held.firm)
    page = browser.get("/staff/members/arrears")
    assert "Suspension proposed" not in page
    assert "Suspended" in page


def test_where_the_reminders_ask_for_nothing_the_table_does(browser, at):
    hold(replace(PROPOSED, takings=(Taking(Counted.DUE, ALL, 20, body="board"),)))
    held = stand("in force, overdue 29 days")
    browser.sign_in(make_person("membership"))
    assert "Put a suspension to the board" in browser.get("/staff/members/arrears")
    assert F.FULL in features_of(held.firm)


def test_what_is_proposed_before_it_is_due_stands_with_the_arrears_too(browser, at):
    hold(replace(PROPOSED, takings=(Taking(Counted.INVOICED, ALL, 5, body="board"),)))
    held = stand("in force, not due")
    later = held.invoice.issued_on + timedelta(days=6)
    at(later.year, later.month, later.day, 12)
    assert later < held.invoice.due_on
    browser.sign_in(make_person("membership"))
    assert [number for number, _ in db.session.execute(queries.to_act_on(business_day()))] == [
        held.invoice.id
    ]
    page = browser.get("/staff/members/arrears")
    assert held.invoice.number in page
    assert 'data-l="Days">0<' in page


def test_what_is_paused_or_planned_is_not_proposed():
    hold(PROPOSED)
    stand("in force, overdue 95 days under a plan")
    assert not db.session.execute(queries.to_act_on(business_day())).all()


def test_it_costs_a_request_no_statement_whatever_was_adopted(browser, statements):
    browser.sign_in(person_of(stand("in force, not due").term))

    def asked():
        browser.get("/firm/")
        statements.clear()
        browser.get("/firm/")
        return len(statements)

    before = asked()
    hold(ON_INVOICE)
    assert asked() == before


def test_a_table_that_another_process_adopted_holds_here_at_the_next_request(browser, at):
    held = stand("in force, overdue 29 days")
    browser.sign_in(person_of(held.term))
    assert browser.send("GET", "/library/ask").status_code == 200
    decision = make_decision().id
    early = Taking(Counted.DUE, ALL, 10)
    row = {
        "effective_from": business_day() - DAY, "in_force": in_order(SHIPPED.in_force),
        "grace": in_order(SHIPPED.grace), "takings": [early.row()], "own_data_days": 90,
        "decision_id": decision,
    }  # fmt: skip
    db.session.rollback()
    with db.engine.begin() as elsewhere:
        elsewhere.execute(insert(AccessTable).values(row))
    assert browser.send("GET", "/library/ask").status_code == 403


def test_what_holds_changes_with_the_day_without_anything_being_done(browser, at):
    at(2026, 12, 1, 12)
    held = stand("in force, overdue 29 days")
    adopt_table(replace(SHIPPED, takings=(Taking(Counted.DUE, ALL, 10),)), date(2026, 12, 3))
    for day, status in ((2, 200), (3, 403)):
        at(2026, 12, day, 12)
        browser.sign_in(person_of(held.term))
        assert browser.send("GET", "/library/ask").status_code == status


@pytest.fixture
def officer(browser, at):
    at(2026, 12, 1, 9)
    return browser.sign_in(make_person("membership"))


def row(n, **facts):
    usual = {"counted": "", "days": "", "each_year": "", "takes": [], "body": ""}
    return {f"takings-{n}-{name}": value for name, value in (usual | facts).items()}


def filled(*takings, **facts):
    """The form as it begins, with rows of its own."""
    table = {"in_force": in_order(SHIPPED.in_force), "grace": in_order(SHIPPED.grace),
             "own_data_days": "90"}  # fmt: skip
    rows = {}
    for n, one in enumerate(takings):
        rows |= row(n, **one)
    return DECIDED | table | rows | facts


LATE = {"counted": "due", "days": "60", "takes": ["full", "vote"]}


def test_an_officer_looks_what_a_table_would_change_and_has_it_adopted(browser, officer):
    together(
        "in force, overdue 89 days, before the cut-off", "in force, overdue 90 days",
        "in force, not due",
    )  # fmt: skip
    page = browser.get("/staff/members/access")
    assert "As the portal came" in page
    assert "90 days after they were due" in page
    assert 'value="30"' in browser.get(PAGE)  # the form begins with what holds
    told = filled(LATE) | {"decided_on": "", "title": "", "preview": "1"}
    page = browser.post(PAGE, status=200, **told).text
    assert "2 firms" in page
    assert "Firm in force, overdue 89 days, before the cut-off." in page
    assert "Firm in force, not due." not in page
    assert "There is a problem" not in page
    assert not db.session.scalars(members.access_tables()).all()
    browser.post(PAGE, **filled(LATE, {}))
    (made,) = db.session.scalars(members.access_tables())
    assert made.takings == [Taking(Counted.DUE, frozenset({F.FULL, F.VOTE}), 60).row()]
    assert made.decision.title == "Access"
    page = browser.get("/staff/members/access")
    assert f"From {on_paper(date(2027, 1, 1))}" in page
    assert page.count("In effect") == 1
    assert db.session.query(AuditEvent).filter_by(verb="access.adopted").count() == 1
    assert access_on(date(2026, 12, 31)) is SHIPPED
    assert access_on(date(2027, 1, 1)).takings[0].days == 60
    assert 'value="60"' in browser.get(PAGE)


def test_days_of_the_calendar_and_bodies_are_kept_as_they_were_written(browser, officer):
    yearly = {"counted": "yearly", "each_year": "03-31", "days": "7", "takes": ["full"]}
    asked = {"counted": "invoiced", "days": "45", "takes": ["vote"], "body": "general meeting"}
    browser.post(PAGE, **filled(yearly, asked))
    assert access_over_time()[-1].takings == (
        Taking(Counted.YEARLY, frozenset({F.FULL}), each_year="03-31"),
        Taking(Counted.INVOICED, frozenset({F.VOTE}), 45, body="general meeting"),
    )
    page = browser.get("/staff/members/access")
    assert "From 31 March on, each year" in page
    assert "45 days after their invoice" in page
    assert "The general meeting, to which it is proposed" in page


def test_a_table_of_as_many_rows_as_there_may_be_can_be_followed_by_another(browser, officer):
    many = [LATE | {"days": str(day)} for day in range(40, 60)]
    browser.post(PAGE, **filled(*many))
    assert len(access_over_time()[-1].takings) == 20
    assert 'name="takings-19-days"' in browser.get(PAGE)


def test_a_table_that_changes_nothing_says_so(browser, officer):
    stand("in force, not due")
    rows = [{"counted": "due", "days": "30", "takes": ["vote"], "until_cut_off": "y"},
            {"counted": "due", "days": "90", "takes": in_order(ALL)}]  # fmt: skip
    page = browser.post(PAGE, status=200, **filled(*rows, preview="1")).text
    assert "Nothing: every firm would have today what it has" in page


def test_what_it_gains_is_named_by_firm(browser, officer):
    stand("in force, overdue 90 days")
    page = browser.post(PAGE, status=200, **filled(preview="1")).text
    assert "1 firm." in page
    assert FEATURE_WORDS[F.FULL] in page.partition("What it would change")[2].partition("<form")[0]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"in_force": ["full", "own_data"]}, "reading and paying its own invoices"),
        ({"grace": ["invoices"]}, "nor from its own data"),
        ({"in_force": ["invoices", "own_data"], "grace": ["invoices", "own_data", "full"]},
         "Grace gives nothing that a term in force does not give"),
        ({"in_force": ["everything"]}, "not a valid choice"),
        ({"own_data_days": ""}, "Enter the days, like 90"),
        ({"own_data_days": "-1"}, "Enter days from 0 to 3650"),
        ({"effective_from": ""}, "Enter the day it begins"),
        ({"effective_from": "2026-12-01"}, "begins tomorrow or later"),
        (row(0, **LATE | {"days": ""}), "Enter the days, like 90"),
        (row(0, **LATE | {"days": "0"}), "Enter days from 1 to 730"),
        (row(0, **LATE | {"days": "soon"}), "Not a valid integer"),
        (row(0, **LATE | {"counted": "yearly"}), "Enter the day, like 03-31"),
        (row(0, **LATE | {"counted": "yearly", "each_year": "02-29"}), "that every year has"),
        (row(0, **LATE | {"counted": "yearly", "each_year": "W13-1"}), "that every year has"),
        (row(0, **LATE | {"takes": []}), "Choose what is taken"),
        (row(0, **LATE | {"takes": ["invoices"]}), "invoices, nor from its own data: take that"),
        (row(0, **LATE | {"takes": ["full"], "until_cut_off": "y"}), "Only a vote that the table"),
        (row(0, **LATE | {"counted": "whenever"}), "Not a valid choice"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_read_or_keeps_firms_from_their_own_is_refused_at_the_field(
    browser, officer, facts, why
):
    answer = browser.post(PAGE, status=200, **filled() | facts)
    assert why in answer.text
    assert "There is a problem" in answer.text
    assert not db.session.scalars(members.access_tables()).all()
    again = browser.post(PAGE, status=200, **filled() | facts | {"preview": "1"})
    assert why in again.text or facts.get("effective_from") == "2026-12-01"


def test_nothing_sent_is_answered_at_the_fields(browser, officer):
    answer = browser.post(PAGE, status=200)
    assert "Enter the day it begins" in answer.text
    assert "Enter the day of the decision" in answer.text


def test_the_same_table_sent_twice_is_adopted_once(browser, officer):
    browser.post(PAGE, **filled(LATE))
    answer = browser.post(PAGE, status=200, **filled(LATE))
    assert "begins on that day already" in answer.text
    assert db.session.query(AccessTable).count() == 1
    assert db.session.query(Decision).count() == 1


def test_what_keeps_firms_from_their_own_is_refused_by_the_action_too(officer):
    own = frozenset({F.INVOICES})
    for table, why in (
        (replace(SHIPPED, in_force=frozenset(ALL)), "leaves firms their invoices"),
        (replace(SHIPPED, takings=(Taking(Counted.DUE, own, 5),)), "Debts never take"),
        (replace(SHIPPED, in_force=SHIPPED.grace - {F.FULL}), "Grace gives nothing"),
    ):
        with pytest.raises(Refused, match=why):
            adopt_access(replace(table, begins=date(2027, 1, 1)), make_decision())
        db.session.rollback()
    assert access_over_time() == [SHIPPED]


def test_of_several_who_adopt_for_one_day_at_once_one_does(app, officer):
    decision = make_decision().id

    table = replace(SHIPPED, begins=date(2027, 1, 1))
    said = adopted_at_once(app, lambda held: adopt_access(table, held), decision)
    assert (len(said), said[0]) == (4, "")
    assert all("begins on that day already" in one for one in said[1:])
    assert db.session.query(AccessTable).count() == 1


def test_what_was_adopted_is_never_changed(officer):
    made = adopt_table(SHIPPED, date(2027, 1, 1))
    made.effective_from = date(2027, 3, 1)
    with pytest.raises(Exception, match="append-only"):
        db.session.commit()
    db.session.rollback()
    assert db.session.get(AccessTable, made.id).effective_from == date(2027, 1, 1)


def test_pages_cost_the_same_statements_with_many_versions_and_firms(
    browser, officer, statements
):  # fmt: skip
    def asked():
        statements.clear()
        browser.get("/staff/members/access")
        pages = len(statements)
        queries.positions(business_day())
        return pages, len(statements) - pages

    adopt_table(SHIPPED, date(2027, 1, 1))
    make_firm(name="None")
    tariff = adopt()
    stand("in force, not due", tariff)
    asked()
    few = asked()
    for month in range(2, 6):
        adopt_table(SHIPPED, date(2027, month, 1))
    stand("in force, overdue 90 days", tariff)
    stand("lapsed", tariff)
    asked()
    assert asked() == few
