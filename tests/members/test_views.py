from datetime import date

import pytest
from sqlalchemy import select

from portal.accounts import tokens
from portal.accounts.models import Person, Token
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.states import Refused
from portal.members import actions, queries
from portal.members.models import Affiliation, GroupMembership, Organization
from tests.make import make_contact, make_firm, make_member, make_membership, make_person


@pytest.fixture
def manager(browser):
    return browser.sign_in(make_member("roster_manager", display_name="Mara Manager"))


def firm_of(person):
    return db.session.get(Organization, queries.affiliation_of(person).organization_id)


def test_a_person_sees_the_firm_its_state_and_its_people(browser, manager):
    firm = firm_of(manager)
    sister = make_firm(name="Sister Ltd", group=queries.group_of(firm.id))
    make_contact(firm, "delegate", display_name="Dele Gate")
    page = browser.get("/firm/")
    assert "Member until" in page
    assert all(words in page for words in ("Dele Gate", "Delegate", "Roster manager", sister.name))


def test_somebody_without_a_firm_has_no_firm_page(browser):
    browser.sign_in()
    browser.get("/firm/", status=403)


def test_a_lapsed_firm_still_sees_itself_and_has_no_certificate(browser):
    firm = make_firm()
    make_membership(firm, start=date(2020, 1, 1), end=date(2020, 12, 31))
    browser.sign_in(make_contact(firm, "roster_manager"))
    assert "Lapsed: the membership ended on 31 Dec 2020" in browser.get("/firm/")
    browser.get("/firm/certificate.pdf", status=404)


def test_a_member_downloads_the_certificate(browser, manager):
    assert browser.get("/firm/certificate.pdf").startswith(b"%PDF-")


def test_the_manager_changes_the_details_and_the_record_keeps_the_old_ones(browser, manager):
    before = firm_of(manager).address
    browser.post(
        "/firm/edit", address=" 9 New Road\nManila ", billing_email="ap@firm.example",
        purchase_order="PO 7", website="https://firm.example",
    )  # fmt: skip
    firm = firm_of(manager)
    assert (firm.address, firm.purchase_order) == ("9 New Road\nManila", "PO 7")
    event = db.session.scalars(select(AuditEvent).filter_by(verb="organization.changed")).one()
    assert event.details["before"]["address"] == before


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("website", "javascript:alert(1)", "Enter the whole address"),
     ("billing_email", "nobody", "Enter an e-mail address"),
     ("address", " ", "Enter the address")],
)  # fmt: skip
def test_bad_details_are_answered_at_the_field(browser, manager, field, value, words):
    good = {"address": "1 Road", "billing_email": "a@b.example", "purchase_order": "kept order"}
    page = browser.post("/firm/edit", status=200, **good | {field: value}).text
    assert words in page
    assert "kept order" in page


def test_fields_that_are_not_on_the_form_change_nothing(browser, manager):
    browser.post(
        "/firm/edit", address="1 Road", billing_email="a@b.example", name="Stolen", country="XX"
    )
    assert firm_of(manager).name != "Stolen"


def test_the_manager_invites_a_colleague_who_then_belongs_to_the_firm(browser, manager, sent):
    browser.post(
        "/firm/people/invite", display_name="Nia New", email="Nia@firm.example", roles="alternate"
    )
    assert "nia@firm.example" in browser.get("/firm/people")
    (message,) = sent()
    assert message["To"] == "nia@firm.example"
    token = db.session.scalars(select(Token)).one()
    nia = db.session.scalars(select(Person).filter_by(email="nia@firm.example")).one()
    tokens.on_accept["firm"](nia, token.payload)
    db.session.commit()
    assert queries.affiliation_of(nia).roles == ["alternate"]
    assert firm_of(nia) == firm_of(manager)


def test_a_colleague_is_not_invited_twice(browser, manager):
    page = browser.post(
        "/firm/people/invite", status=200, display_name="Me", email=manager.email.upper()
    ).text
    assert "at your firm already" in page


def test_a_single_role_that_was_taken_meanwhile_falls_away():
    firm, nia = make_firm(), make_person()
    make_contact(firm, "delegate")
    payload = {"organization_id": firm.id, "roles": ["delegate", "press_contact"]}
    actions.accept_invitation(nia, payload)
    db.session.commit()
    assert queries.affiliation_of(nia).roles == ["press_contact"]


@pytest.mark.parametrize("role", ["delegate", "alternate"])
def test_a_firm_has_one_delegate_and_one_alternate(browser, manager, role):
    firm = firm_of(manager)
    make_contact(firm, role, display_name="Ada First")
    other = queries.affiliation_of(make_contact(firm))
    page = browser.post(f"/firm/people/{other.id}", status=200, roles=role).text
    assert f"Ada First is the firm&#39;s {role}" in page
    assert db.session.get(Affiliation, other.id).roles == ["staff"]


def test_the_manager_changes_roles(browser, manager):
    one = queries.affiliation_of(make_contact(firm_of(manager)))
    browser.post(f"/firm/people/{one.id}", roles=["dues_contact", "signatory"])
    assert db.session.get(Affiliation, one.id).roles == ["dues_contact", "signatory"]


def test_roles_nobody_knows_are_refused_at_the_field(browser, manager):
    one = queries.affiliation_of(make_contact(firm_of(manager)))
    browser.post(f"/firm/people/{one.id}", status=200, roles="admin")
    assert db.session.get(Affiliation, one.id).roles == ["staff"]


def test_a_leaver_loses_the_firm_on_the_next_page(browser, another_browser, manager):
    leaver = make_contact(firm_of(manager), display_name="Lee Leaver")
    another_browser.sign_in(leaver)
    another_browser.get("/firm/")
    one = queries.affiliation_of(leaver)
    assert "Lee Leaver" in browser.get(f"/firm/people/{one.id}/end")
    browser.post(f"/firm/people/{one.id}/end")
    browser.get("/firm/")  # says it once
    assert "Lee Leaver" not in browser.get("/firm/")
    assert another_browser.send("GET", "/account/").status_code == 302, "every session is ended"
    another_browser.sign_in(leaver)
    another_browser.get("/firm/", status=403)


def test_a_firm_keeps_a_roster_manager(browser, manager):
    mine = queries.affiliation_of(manager)
    browser.post(f"/firm/people/{mine.id}/end")
    assert "A firm needs a roster manager" in browser.get("/firm/")
    page = browser.post(f"/firm/people/{mine.id}", status=200, roles="staff").text
    assert "A firm needs a roster manager" in page
    make_contact(firm_of(manager), "roster_manager")
    browser.post(f"/firm/people/{mine.id}", roles="staff")
    browser.get("/firm/edit", status=403)


def test_a_person_who_left_and_came_back_is_a_member_again():
    firm, person = make_firm(), make_person()
    make_contact(firm, "roster_manager")
    first = actions.affiliate(person, firm, ["staff"])
    actions.end_affiliation(first)
    again = actions.affiliate(person, firm, ["delegate"])
    db.session.commit()
    assert again.id != first.id
    assert queries.firm_of(person) == firm


@pytest.mark.parametrize("page", ["", "/end"])
def test_another_firms_people_are_not_found(browser, manager, page):
    stranger = queries.affiliation_of(make_member())
    own = queries.affiliation_of(manager)
    browser.get(f"/firm/people/{stranger.id}{page}", status=404)
    browser.get("/firm/edit")
    token = browser.token
    for url in (f"/firm/people/{stranger.id}{page}", f"/firm/people/999999{page}"):
        assert browser.send("POST", url, data={"csrf_token": token}).status_code == 404
    assert own.until_on is None


def test_an_ordinary_person_changes_nothing(browser):
    browser.sign_in(make_member())
    for url in ("/firm/edit", "/firm/people/invite"):
        browser.get(url, status=403)


def test_a_manager_of_one_firm_who_also_works_at_another_keeps_to_their_own():
    person = make_member()
    managed = make_firm()
    make_contact(managed)
    actions.affiliate(person, managed, ["roster_manager"])
    db.session.commit()
    assert queries.firm_of(person) == managed


def test_the_directory_lists_live_members_only_for_everybody(browser):
    live = make_membership(make_firm(name="Live Calls", country="PH", website="https://l.example"))
    make_membership(make_firm(name="Gone Calls"), start=date(2019, 1, 1), end=date(2019, 12, 31))
    make_firm(name="Never Calls")
    page = browser.get("/directory/")
    assert "Live Calls" in page
    assert "Gone Calls" not in page
    assert "Never Calls" not in page
    assert "Live Calls" in browser.get(f"/directory/?class={live.kind.value}&country=ph&q=live")
    assert "No member matches" in browser.get("/directory/?country=ZA")
    assert "No member matches" in browser.get("/directory/?class=consultant")


def test_staff_find_firms_and_see_one_on_a_page(browser, at):
    at(2026, 6, 1)
    membership = make_membership(
        make_firm(name="Kapok Advisory"), start=date(2026, 1, 1), end=date(2026, 12, 31)
    )
    firm = membership.organization
    make_contact(firm, "dues_contact", display_name="Ann Accounts")
    browser.sign_in(make_person("membership"))
    assert "Kapok Advisory" in browser.get("/staff/members/?q=kapok&state=in_force&country=PH")
    assert "No firm matches" in browser.get("/staff/members/?state=lapsed")
    page = browser.get(f"/staff/members/{firm.id}")
    assert "Term begins: Front-office provider" in page
    assert "Ann Accounts joined the firm" in page
    assert f"/staff/dues/?organization={firm.id}" in page
    browser.get("/staff/members/999999", status=404)


def test_staff_invite_the_first_person_of_a_firm(browser, sent):
    firm = make_firm()
    browser.sign_in(make_person("membership"))
    browser.post(
        f"/staff/members/{firm.id}/invite", display_name="First", email="first@firm.example",
        roles=["roster_manager", "dues_contact"],
    )  # fmt: skip
    assert [one["To"] for one in sent()] == ["first@firm.example"]
    assert "first@firm.example" in browser.get(f"/staff/members/{firm.id}")


def test_staff_who_only_read_cannot_change_a_firm(browser):
    firm = make_firm()
    browser.sign_in(make_person("editor"))
    browser.get(f"/staff/members/{firm.id}")
    for page in ("edit", "invite"):
        browser.get(f"/staff/members/{firm.id}/{page}", status=403)


@pytest.mark.parametrize("url", ["/staff/members/", "/directory/"])
def test_lists_cost_the_same_at_any_length(browser, statements, url):
    browser.sign_in(make_person("membership"))
    counts = []
    for more in (1, 12):
        for _ in range(more):
            make_membership()
        statements.clear()
        browser.get(url)
        counts.append(len([one for one in statements if one.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 12


def test_the_firm_page_stays_within_its_statements(browser, manager, statements):
    firm = firm_of(manager)
    for _ in range(5):
        make_contact(firm)
    statements.clear()
    browser.get("/firm/")
    assert len([one for one in statements if one.startswith("SELECT")]) <= 12


def test_a_role_that_is_taken_is_refused_even_through_the_action():
    firm = make_firm()
    make_contact(firm, "delegate")
    with pytest.raises(Refused, match="take that role away first"):
        actions.affiliate(make_person(), firm, ["delegate"])


def test_the_group_of_a_firm_is_the_open_one():
    firm = make_firm()
    old = db.session.scalars(select(GroupMembership).filter_by(organization_id=firm.id)).one()
    assert queries.group_of(firm.id).id == old.group_id


def test_the_register_counts_a_firm_that_came_and_one_that_moved(app):
    firm = make_firm(country="PH")
    db.session.commit()
    assert queries.size_and_countries(country="NL") == (0, ["PH"])
    make_firm(country="NL")
    db.session.commit()
    assert queries.size_and_countries(country="NL") == (1, ["NL", "PH"])
    actions.update_firm(firm, country="NL")
    db.session.commit()
    assert queries.size_and_countries(country="NL") == (2, ["NL"])
