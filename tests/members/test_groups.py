"""Corporate groups: dated, declared, changed on a day with its effects in sight."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.committees.models import Committee, CommitteeSeat
from portal.committees.queries import seat_cap
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.states import Refused
from portal.home.queries import largest_payer, who_belongs
from portal.members import groups, queries
from portal.members.groups import Change
from portal.members.models import GroupBasis, GroupDeclaration, GroupMembership, Organization
from tests.dues.books import book, make_invoice, make_tariff
from tests.make import make_contact, make_firm, make_membership, make_person, save


def plain(page):
    """Spaces that must not break are spaces."""
    return page.replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


@pytest.fixture
def today(at):
    at(2026, 11, 22, 9)
    return date(2026, 11, 22)


@pytest.fixture
def firms(today):
    """A firm to be bought, the one that buys it, and another."""
    found = [make_firm(name=name) for name in ("Bought Ltd", "Buyer Inc", "Other BV")]
    for firm in found:
        make_membership(firm)
    make_invoice(found[0], total=100000)
    make_invoice(found[1], total=300000)
    make_invoice(found[2], total=600000)
    return found


def move(firm, into, on, basis=GroupBasis.REGISTRY):
    groups.change_group(firm, Change(queries.group_of(into.id), on, basis, "Gazette 12"))
    db.session.commit()


def test_a_change_of_group_counts_from_its_day_and_the_past_keeps_the_old_group(firms):
    bought, buyer, _other = firms
    old, new = queries.group_of(bought.id), queries.group_of(buyer.id)
    move(bought, buyer, date(2026, 11, 10))
    assert queries.group_of(bought.id, date(2026, 11, 9)).id == old.id
    assert queries.group_of(bought.id, date(2026, 11, 10)).id == new.id
    assert queries.group_of(bought.id).id == new.id
    rows = db.session.scalars(
        select(GroupMembership).filter_by(organization_id=bought.id).order_by("from_on")
    ).all()
    assert [(one.from_on, one.until_on) for one in rows] == [
        (date(2020, 1, 1), date(2026, 11, 9)), (date(2026, 11, 10), None),
    ]  # fmt: skip


def test_acquisition_makes_two_votes_one_from_the_date_and_leaves_last_months_figures(firms):
    bought, buyer, _other = firms
    before = who_belongs(date(2026, 10, 31))
    move(bought, buyer, date(2026, 11, 10))
    assert (before.groups, who_belongs(date(2026, 10, 31))) == (3, before)
    assert who_belongs(date(2026, 11, 9)).groups == 3
    assert who_belongs(date(2026, 11, 10)).groups == 2


def test_income_of_the_past_stays_with_the_group_of_its_day(firms, at):
    bought, _buyer, other = firms
    assert largest_payer(date(2026, 11, 22)).share_tenths == 600
    move(bought, other, date(2026, 12, 1))
    at(2026, 12, 20, 9)
    assert largest_payer(date(2026, 12, 20)).share_tenths == 600, "booked before the change"
    make_invoice(bought, total=1000000)
    assert largest_payer(date(2026, 12, 20)).share_tenths == 800


def test_a_change_for_a_day_that_has_not_come_changes_nothing_yet(firms):
    bought, buyer, _other = firms
    old = queries.group_of(bought.id)
    move(bought, buyer, date(2027, 1, 1))
    assert queries.group_of(bought.id).id == old.id
    assert queries.group_of(bought.id, date(2027, 1, 1)).id != old.id


def test_no_two_groups_own_a_firm_on_one_day(firms):
    bought, buyer, other = firms
    move(bought, buyer, date(2026, 11, 10))
    with pytest.raises(Refused, match="give a later day"):
        move(bought, other, date(2026, 11, 10))
    with pytest.raises(Refused, match="already"):
        move(bought, buyer, date(2026, 11, 20))


def test_staff_see_the_effects_before_they_record_an_acquisition(browser, firms):
    bought, buyer, _other = firms
    make_tariff(book=book(cap="1/8"))
    make_tariff(book=book(cap="1/2", currency="USD"), currency="USD")
    browser.sign_in(make_person("membership"))
    group = queries.group_of(buyer.id)
    facts = {"group_id": group.id, "on": "2026-11-23", "basis": "registry", "evidence": "Gazette"}
    url = f"/staff/members/{bought.id}/group"
    page = browser.post(url, status=200, **facts, step="preview").text
    assert queries.group_of(bought.id, date(2026, 12, 1)).id != group.id, "only shown so far"
    row = " ".join(page[page.index("Votes of the firms together") :].split())[:120]
    assert ">2<" in row
    assert ">1<" in row
    assert "EUR 4,000.00" in plain(page)
    assert "40.0 % of all dues, the cap is 12.5 %" in plain(page)
    assert "Over the cap" in page
    answer = browser.post(url, **facts, step="record")
    page = browser.get(answer.location)
    assert "belongs to" in page
    assert queries.group_of(bought.id, date(2026, 11, 23)).id == group.id
    event = db.session.scalars(
        select(AuditEvent).filter_by(verb="organization.group_changed")
    ).one()
    assert (event.details["group"], event.details["basis"]) == (group.id, "registry")


def test_no_cap_is_spoken_of_where_the_tariff_has_none(browser, firms):
    bought, buyer, _other = firms
    make_tariff()
    browser.sign_in(make_person("membership"))
    facts = {"group_id": queries.group_of(buyer.id).id, "on": "2026-11-23", "basis": "registry"}
    facts |= {"evidence": "Gazette", "step": "preview"}
    page = browser.post(f"/staff/members/{bought.id}/group", status=200, **facts).text
    assert "40.0 % of all dues" in page
    assert "the cap is" not in page
    assert "Over the cap" not in page


def test_a_bad_day_is_answered_at_its_field(browser, firms):
    bought, buyer, _other = firms
    browser.sign_in(make_person("membership"))
    facts = {"group_id": queries.group_of(buyer.id).id, "basis": "registry", "evidence": "Gazette"}
    url = f"/staff/members/{bought.id}/group"
    page = browser.post(url, status=200, **facts, on="2019-01-01", step="record").text
    assert "give a later day" in page
    assert "Enter the first day" in browser.post(url, status=200, **facts, step="record").text


@pytest.mark.parametrize(("filled", "cap"), [(9, 2), (5, 1), (2, 1), (12, 2)])
def test_a_group_holds_at_most_two_seats_and_a_third_of_a_committee(filled, cap):
    assert seat_cap(filled) == cap


def test_the_preview_says_whose_seats_are_over_the_cap(browser, firms):
    bought, buyer, other = firms
    wages = save(Committee(slug="wages", name="Wages", remit="To think."))
    for firm in (bought, buyer, other, None, None):
        save(CommitteeSeat(committee=wages, person=make_person(), organization=firm,
                           from_on=date(2020, 1, 1)))  # fmt: skip
    browser.sign_in(make_person("membership"))
    facts = {"group_id": queries.group_of(buyer.id).id, "basis": "registry", "evidence": "Gazette"}
    url = f"/staff/members/{bought.id}/group"
    page = browser.post(url, status=200, **facts, on="2026-12-01", step="preview").text
    assert "Wages: 2 held, 1 allowed, the latest must leave within 28 days" in page


def test_a_firm_declares_every_year_whose_it_is(browser, firms, at):
    bought = firms[0]
    browser.sign_in(make_contact(bought, "dues_contact"))
    assert "not yet" in browser.get("/firm/group")
    facts = {"owner": "The Santos family", "sisters": "", "is_same": "yes"}
    browser.post("/firm/group/declare", **facts)
    page = browser.get("/firm/group")
    assert "22 Nov 2026" in plain(page)
    assert "due again" not in page
    held = groups.membership_of(bought.id)
    assert (held.basis, held.evidence) == (
        GroupBasis.DECLARED, "Declared on 2026-11-22: owned by The Santos family",
    )  # fmt: skip
    at(2027, 11, 30, 9)
    browser.sign_in(make_contact(bought, "dues_contact"))
    assert "due again" in browser.get("/firm/group")


def test_a_colleague_without_that_role_cannot_declare(browser, firms):
    browser.sign_in(make_contact(firms[0], "staff"))
    browser.get("/firm/group/declare", status=404)
    assert "/firm/group/declare" not in browser.get("/firm/group")


def test_a_declaration_that_differs_waits_for_staff(browser, another_browser, firms):
    bought, buyer, _other = firms
    browser.sign_in(make_contact(bought, "signatory"))
    facts = {"owner": "Buyer Inc", "sisters": "Buyer Inc", "is_same": "no"}
    browser.post("/firm/group/declare", **facts)
    another_browser.sign_in(make_person("membership"))
    assert "Declarations that differ" in another_browser.get("/staff/members/groups/")
    said = db.session.scalars(select(GroupDeclaration)).one()
    keep = f"/staff/members/groups/declarations/{said.id}/keep"
    another_browser.post(keep, reason="It is the bank that holds the shares.")
    assert "Declarations that differ" not in another_browser.get("/staff/members/groups/")
    browser.post("/firm/group/declare", **facts)
    move(bought, buyer, date(2026, 12, 1))
    assert groups.waiting_declarations() == []


def test_a_common_owner_that_only_staff_found_is_not_shown_to_other_members(browser, firms):
    bought, buyer, _other = firms
    move(bought, buyer, date(2026, 11, 20), GroupBasis.STAFF)
    browser.sign_in(make_contact(buyer, "dues_contact"))
    for page in (browser.get("/firm/group"), browser.get("/firm/")):
        assert "Bought Ltd" not in page
    browser.sign_in(make_contact(bought, "dues_contact"))
    assert "Buyer Inc" not in browser.get("/firm/group").split("<main")[1].split("<table")[1]
    browser.post("/firm/group/declare", owner="Buyer", sisters="Buyer Inc", is_same="yes")
    assert "Buyer Inc" in browser.get("/firm/group").split("<table")[1]


def test_the_money_of_a_group_is_shown_to_those_who_see_invoices(browser, firms):
    bought, buyer, _other = firms
    move(bought, buyer, date(2026, 11, 20))
    browser.sign_in(make_contact(buyer, "delegate"))
    page = browser.get("/firm/group")
    assert "4,000.00" in page
    assert "1,000.00" in page
    browser.sign_in(make_contact(buyer, "staff"))
    page = browser.get("/firm/group")
    assert "Bought Ltd" in page
    assert "1,000.00" not in page
    assert "Committee seats" in page


def test_staff_see_the_whole_group_and_what_it_was(browser, firms):
    bought, buyer, _other = firms
    make_contact(bought, "delegate", display_name="Dele Gate")
    move(bought, buyer, date(2026, 11, 20), GroupBasis.STAFF)
    browser.sign_in(make_person("finance"))
    page = browser.get(f"/staff/members/groups/{queries.group_of(buyer.id).id}")
    assert all(words in page for words in ("Bought Ltd", "Buyer Inc", "Dele Gate", "Gazette 12"))
    assert "4,000.00" in page
    browser.sign_in(make_person("editor"))
    page = browser.get(f"/staff/members/groups/{queries.group_of(buyer.id).id}")
    assert "4,000.00" not in page


def test_the_list_of_groups_asks_as_much_of_the_database_for_ten_as_for_many(browser, statements):
    browser.sign_in(make_person("membership"))

    def asked():
        statements.clear()
        browser.get("/staff/members/groups/")
        return len(statements)

    make_firm()
    few = asked()
    for _ in range(20):
        make_firm()
    assert asked() == few


def test_a_firm_of_its_own_again_gets_a_new_group(firms):
    bought, buyer, _other = firms
    move(bought, buyer, date(2026, 11, 10))
    groups.change_group(bought, Change(None, date(2026, 11, 20), GroupBasis.DECLARED, "Sold"))
    db.session.commit()
    assert queries.group_of(bought.id).name == "Bought Ltd"
    assert [one.name for one in groups.firms_in(queries.group_of(buyer.id).id)] == ["Buyer Inc"]
    assert db.session.get(Organization, bought.id)


def test_the_roster_managers_of_both_are_told_and_what_staff_found_the_firm_alone(firms, sent):
    bought, buyer, other = firms
    for firm in firms:
        make_contact(firm, "roster_manager", email=f"m{firm.id}@test.example")
    move(bought, buyer, date(2026, 11, 23))
    assert {one["To"] for one in sent()} == {
        f"m{bought.id}@test.example", f"m{buyer.id}@test.example",
    }  # fmt: skip
    move(other, buyer, date(2026, 11, 23), GroupBasis.STAFF)
    told = [one["To"] for one in sent()]
    assert told.count(f"m{other.id}@test.example") == 1
    assert len(told) == 3
