"""A survey from its draft to its bands: who may write, answer and see what."""

import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text

from portal.core.access import Role
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.core.states import Refused
from portal.library.benchmarks import actions, jobs, queries
from portal.library.benchmarks.models import Answer, Survey, SurveyStatus
from portal.library.benchmarks.queries import Told
from portal.members.merging import merge_firms
from portal.members.models import CorporateGroup
from tests.library.benchmarks.surveys import CELL, HIRES, RATES, answering, firm_of, make_survey
from tests.make import (
    business_day,
    make_contact,
    make_firm,
    make_member,
    make_membership,
    make_person,
    save,
)

WRITTEN = {
    "title": "Night pay", "practice_id": "0", "intro": "What is paid above the day, " * 2,
    "metric": "night premium", "unit": "%", "most": "100", "weight_name": "agents",
    "period_from": "2026-05-01", "period_until": "2026-07-31", "site_types": "Voice\nChat",
    "regions": "India\n\nPoland", "asked_kinds": "provider_front", "answer_roles": "delegate",
    "closes_on": "2099-01-31", "min_contributors": "5", "max_share_percent": "25",
    "min_age_months": "3", "band": "5", "total_band": "10", "counsel_name": "",
    "counsel_signed_on": "",
}  # fmt: skip
NEW = "/staff/library/benchmarks/new"


@pytest.fixture
def told():
    """The worked example, told by six firms; a cell that two told; and who answered first."""
    survey = make_survey()
    pairs = zip(RATES, HIRES, strict=True)
    people = [answering(survey, rate, hires) for rate, hires in pairs]
    for value in (50, 60):
        answering(survey, value, 10, ("Voice", "India"))
    return survey, people


def numbers_in(page):
    """Every whole number on it that is no part of a path, a date, a name or a token."""
    return set(re.findall(r"(?<![\w/.-])\d+(?![\w/-]|\.[^\W\d])", page))


def published(survey):
    for move in (actions.close, actions.publish):
        move(survey)
    db.session.commit()
    return f"/library/benchmarks/{survey.id}"


@pytest.mark.view
def test_staff_write_a_draft_open_it_with_counsel_and_change_it_no_more(browser):
    browser.sign_in(make_person(Role.EDITOR))
    browser.post(NEW, **WRITTEN)
    survey = db.session.scalars(select(Survey)).one()
    assert survey.regions == ["India", "Poland"]
    page = f"/staff/library/benchmarks/{survey.id}"
    assert "Counsel has not signed it off" in browser.post(page, status=200, to="open").text
    signed = WRITTEN | {"counsel_name": "Nadia", "counsel_signed_on": "2026-08-01"}
    browser.post(f"{page}/edit", **signed)
    browser.post(page, to="open")
    assert survey.status is SurveyStatus.OPEN
    assert browser.send("GET", f"{page}/edit").status_code == 303
    with pytest.raises(Refused, match="cannot be changed"):
        actions.write({"band": 1}, survey)
    assert "Choose what to do" in browser.post(page, status=200, to="draft-again").text


@pytest.mark.view
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": ""}, "Give it a title"),
        ({"min_contributors": "4"}, "from 5 to 50"),
        ({"max_share_percent": "30"}, "from 10 to 25"),
        ({"min_age_months": "1"}, "from 3 to 36"),
        ({"total_band": "4"}, "as wide as that of a cell"),
        ({"period_until": "2026-04-01"}, "not before the first"),
        ({"regions": "India\nindia"}, "Name each region once"),
        ({"site_types": " "}, "at least one site type"),
    ],
)
def test_what_is_wrong_with_a_draft_is_said_at_the_field(browser, changed, said):
    browser.sign_in(make_person(Role.EDITOR))
    assert said in browser.post(NEW, status=200, **WRITTEN | changed).text
    assert db.session.scalars(select(Survey)).all() == []


@pytest.mark.view
def test_a_firm_answers_by_its_delegate_and_sees_its_value_beside_the_band(browser, told):
    survey, people = told
    answer = f"/library/benchmarks/{survey.id}/answer"
    browser.sign_in(people[0])
    assert "400" in numbers_in(browser.get(answer))
    page = browser.post(answer, status=200, value_0_0="101", weight_0_0="400").text
    assert "enter a number from 0 to 100" in page
    assert 'value="101"' in page
    assert "above zero" in browser.post(answer, status=200, value_0_0="30", weight_0_0="").text
    browser.post(answer, value_0_0="30.0", weight_0_0="400", value_1_1="12,5", weight_1_1="",
                 status=200)  # fmt: skip
    browser.post(answer, value_0_0="30", weight_0_0="400")
    shown = browser.get(published(survey))
    assert "yours is above it" in shown
    assert "25–30 %" in shown
    browser.sign_in(people[1])
    assert "yours is below it" in browser.get(f"/library/benchmarks/{survey.id}")


def test_a_new_period_begins_with_what_the_firm_told_last_and_counts_when_it_is_kept(browser):
    old = make_survey(period_from=date(2026, 4, 1), period_until=date(2026, 5, 31))
    other = make_survey(unit="months", period_until=date(2026, 6, 30))
    survey = make_survey(site_types=["Voice"])
    person = answering(old, "12.5", 120)
    answering(old, 99, 999)  # of another firm
    firm = firm_of(person)
    for one, cell in ((old, ("Chat", "India")), (other, CELL)):
        actions.tell(one, firm, person, {cell: Told(Decimal(77), 7)})
        one.status = SurveyStatus.CLOSED
    db.session.commit()
    browser.sign_in(person)
    page = f"/library/benchmarks/{survey.id}/answer"
    shown = browser.get(page).replace("\N{NO-BREAK SPACE}", " ")
    assert 'value="12.5"' in shown
    assert 'value="120"' in shown
    assert not {'value="77"', 'value="99"'} & set(shown.split())
    assert "told for 1 Apr 2026 to 31 May 2026" in shown
    assert queries.answers_of(survey, firm.id) == {}
    browser.post(page, value_0_0="13", weight_0_0="130")
    assert "The boxes hold" not in browser.get(page)
    assert queries.answers_of(survey, firm.id) == {CELL: Told(Decimal(13), 130)}


@pytest.mark.view
def test_what_is_typed_is_kept_box_by_box_and_half_a_cell_is_not(browser):
    survey = make_survey()
    person = make_member("delegate")
    browser.sign_in(person)
    page = f"/library/benchmarks/{survey.id}/answer"
    browser.get(page)
    data = {"value_0_0": "12.5", "weight_0_0": "1,200", "value_0_1": "8",
            "csrf_token": browser.token}  # fmt: skip
    answer = browser.send("POST", page, data=data, headers={"HX-Request": "true"})
    assert "1 cell is not whole yet" in answer.text
    firm = firm_of(person)
    assert queries.answers_of(survey, firm.id) == {CELL: Told(Decimal("12.5"), 1200)}
    data = dict.fromkeys(("value_0_0", "weight_0_0"), "") | {"csrf_token": browser.token}
    assert "Kept at" in browser.send("POST", page, data=data, headers={"HX-Request": "1"}).text
    assert queries.answers_of(survey, firm.id) == {}


@pytest.mark.view
def test_who_may_not_answer_finds_no_form_and_nobody_finds_the_values_of_another(browser, told):
    survey, people = told
    answer = f"/library/benchmarks/{survey.id}/answer"
    published(survey)
    colleague = make_contact(firm_of(people[0]), "staff")
    other_kind = make_firm()
    make_membership(other_kind, kind="consultant")
    for person in (colleague, make_contact(other_kind, "delegate"), make_person(Role.ADMIN)):
        browser.sign_in(person)
        browser.get(answer, status=404)
        page = browser.get(f"/library/benchmarks/{survey.id}")
        assert "beside them" not in page
        assert "400" not in numbers_in(page)
    browser.sign_in(make_person(Role.EDITOR))
    page = browser.get(f"/staff/library/benchmarks/{survey.id}")
    assert firm_of(people[0]).name in page
    assert not {"400", "260", "180"} & numbers_in(page)
    assert make_survey("draft").id
    browser.get(f"/library/benchmarks/{survey.id + 1}", status=404)


def test_values_are_sealed_in_the_database_and_the_record_has_none(told):
    rows = db.session.execute(text("SELECT * FROM benchmark_answers")).all()
    assert len(rows) == 8
    said = [str(one.details) for one in db.session.scalars(select(AuditEvent))]
    assert not any("400" in str(row.sealed)[:5] or row.sealed.isdigit() for row in rows)
    assert all(row.sealed.startswith("gAAAA") for row in rows)
    assert not any("value" in one or "'weight'" in one for one in said)


@pytest.mark.view
def test_every_export_holds_the_bands_and_nothing_of_a_withheld_cell(browser, told):
    survey, people = told
    browser.sign_in(people[0])
    browser.get(f"/library/benchmarks/{survey.id}/results.csv", status=404)
    page = published(survey)
    rows = [line.split(",") for line in browser.get(f"{page}/results.csv").split()]
    assert ["Voice", "Visayas", "25", "30", "%", "yes"] in rows
    assert ["Voice", "India", "", "", "%", "withheld"] in rows
    assert ["Voice", "all", "", "", "%", "withheld"] in rows
    assert ["all", "all", "", "", "%", "withheld"] in rows
    sheet = load_workbook(io.BytesIO(browser.get(f"{page}/results.xlsx"))).active
    assert ("Voice", "Visayas", 25, 30, "%", "yes") in list(sheet.values)
    browser.sign_in(make_contact(make_firm()))
    browser.get(page, status=403)


def test_two_firms_of_one_owner_count_once_even_if_they_parted_since(told):
    survey, _people = told
    one_owner = CorporateGroup(name="Banyan")
    for value in (10, 11):
        answering(survey, value, 50, ("Chat", "India"), one_owner)
    for value in (12, 13, 14):
        answering(survey, value, 50, ("Chat", "India"))
    cell = {(one.site_type, one.region): one for one in queries.computed(survey)[0]}
    assert not cell["Chat", "India"].is_shown
    answering(survey, 15, 50, ("Chat", "India"))
    cell = {(one.site_type, one.region): one for one in queries.computed(survey)[0]}
    assert cell["Chat", "India"].low == 10


def test_it_is_published_when_old_enough_once_and_only_if_something_may_be_shown(told, at):
    survey, people = told
    survey.period_from = survey.period_until = business_day() - timedelta(days=40)
    actions.close(survey)
    with pytest.raises(Refused, match="too young"):
        actions.publish(survey)
    with pytest.raises(Refused, match="closed"):
        actions.tell(survey, firm_of(people[0]), people[0], {CELL: None})
    empty = make_survey("closed")
    with pytest.raises(Refused, match="Nothing of it"):
        actions.publish(empty)
    survey.period_from = survey.period_until = business_day() - timedelta(days=200)
    actions.publish(survey)
    kept = queries.lines_of(survey)
    db.session.delete(db.session.scalars(select(Answer)).first())
    db.session.commit()
    assert queries.lines_of(survey) == kept
    with pytest.raises(Refused, match="cannot become"):
        actions.publish(survey)


def test_a_second_table_of_the_same_thing_and_days_is_refused():
    first = make_survey()
    day = {"period_from": first.period_until, "period_until": first.period_until}
    again = make_survey("draft", metric=" New hires who left  within 90 days", **day)
    with pytest.raises(Refused, match="taken from each other"):
        actions.open_survey(again)
    again.period_from = again.period_until = first.period_until + timedelta(days=1)
    actions.open_survey(again)
    assert again.status is SurveyStatus.OPEN
    late = make_survey("draft", metric="other", closes_on=business_day())
    with pytest.raises(Refused, match="has passed"):
        actions.open_survey(late)


def test_silent_firms_are_reminded_twice_with_the_reason_and_it_closes_by_itself(at):
    survey = make_survey(closes_on=business_day() + timedelta(days=14))
    answering(survey, 10, 10)
    silent = make_member("roster_manager")
    make_contact(firm_of(silent), "staff")
    jobs.look_after_surveys()
    jobs.look_after_surveys()
    mails = db.session.scalars(select(OutgoingMail)).all()
    assert [one.recipient for one in mails] == [silent.email]
    assert "nobody there has answered" in mails[0].text
    survey.closes_on = business_day() + timedelta(days=3)
    jobs.look_after_surveys()
    assert len(db.session.scalars(select(OutgoingMail)).all()) == 1  # one went today already
    survey.reminded_on = business_day() - timedelta(days=2)
    jobs.look_after_surveys()
    assert len(db.session.scalars(select(OutgoingMail)).all()) == 2
    survey.closes_on = business_day() - timedelta(days=1)
    jobs.look_after_surveys()
    assert survey.status is SurveyStatus.CLOSED


def test_two_records_of_one_firm_keep_what_the_staying_one_told():
    survey, group = make_survey(), CorporateGroup(name="Narra")
    keep, lose = answering(survey, 10, 10, group=group), answering(survey, 20, 20, group=group)
    actions.tell(survey, firm_of(lose), lose, {("Chat", "India"): Told(Decimal(5), 5)})
    db.session.commit()
    for term in [one for m in firm_of(lose).memberships for one in m.terms]:
        save(term).cancelled_at = term.membership.organization.created_at
    merge_firms(firm_of(keep), firm_of(lose), {"name": "kept"}, "One firm")
    db.session.commit()
    told = queries.answers_of(survey, firm_of(keep).id)
    assert told == {CELL: Told(Decimal(10), 10), ("Chat", "India"): Told(Decimal(5), 5)}
