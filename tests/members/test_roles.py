"""Roles of a firm: the table, who stands in, the last holder, and where somebody acts."""

import pytest
from sqlalchemy import select

from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.dues.queries import payer_firm_ids, paying_firm_ids
from portal.members import actions, queries
from portal.members.models import Affiliation, FirmRole
from portal.members.powers import POWERS, Power, powers_of
from tests.dues.books import make_invoice
from tests.make import make_contact, make_firm, make_member, make_membership

TABLE = """
                vote  see_invoices  pay  sign  manage_roster  edit_listing  attest
delegate        yes   yes           no   no    no             no            yes
alternate       no    no            no   no    no             no            yes
dues_contact    no    yes           yes  yes   no             no            yes
roster_manager  no    no            no   no    yes            yes           yes
signatory       no    no            no   yes   no             no            yes
press_contact   no    no            no   no    no             no            no
staff           no    no            no   no    no             no            no
"""


def test_each_role_may_what_the_table_says():
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    assert {row[0] for row in rows} == set(FirmRole)
    for name, *cells in rows:
        said = {power for power, cell in zip(head, cells, strict=True) if cell == "yes"}
        assert POWERS[FirmRole(name)] & set(head) == said, name
    assert Power.VOTE_INSTEAD in POWERS[FirmRole.ALTERNATE]
    assert Power.EDIT_SHOWCASE in POWERS[FirmRole.PRESS_CONTACT]


@pytest.mark.parametrize(
    ("mine", "others", "pays"),
    [("dues_contact", ["roster_manager"], True), ("roster_manager", ["dues_contact"], False),
     ("roster_manager", ["delegate"], True), ("delegate", ["roster_manager"], False),
     ("delegate", ["staff"], True), ("staff", [], False)],
)  # fmt: skip
def test_without_a_dues_contact_the_manager_pays_then_the_delegate(mine, others, pays):
    assert (Power.PAY in powers_of([mine], [mine, *others])) is pays


def test_a_delegate_sees_an_invoice_and_does_not_pay_it(browser):
    firm = make_firm()
    make_contact(firm, "dues_contact")
    delegate, manager = make_contact(firm, "delegate"), make_contact(firm, "roster_manager")
    invoice = make_invoice(firm)
    assert payer_firm_ids(delegate.id) == [firm.id]
    assert paying_firm_ids(delegate.id) == payer_firm_ids(manager.id) == []
    browser.sign_in(delegate)
    assert "by card" not in browser.get(f"/invoices/{invoice.id}")
    answer = browser.send(
        "POST", f"/invoices/{invoice.id}/pay", data={"csrf_token": browser.token}
    )
    assert answer.status_code == 403
    browser.get(f"/invoices/{invoice.id}/forward", status=403)
    browser.sign_in(manager)
    browser.get(f"/invoices/{invoice.id}", status=404)


@pytest.fixture
def manager(browser):
    return browser.sign_in(make_member("roster_manager", "dues_contact"))


def affiliation(person):
    return queries.affiliation_of(person)


def test_removing_the_last_roster_manager_is_refused_without_a_successor(browser, manager):
    mine = affiliation(manager)
    heir = affiliation(make_contact(mine.organization, display_name="Hana Heir"))
    page = browser.post(f"/firm/people/{mine.id}", status=200, roles="dues_contact").text
    assert "A firm needs a roster manager: say which colleague takes over." in page
    browser.post(f"/firm/people/{mine.id}", roles="dues_contact", successor=str(heir.id))
    assert db.session.get(Affiliation, mine.id).roles == ["dues_contact"]
    assert db.session.get(Affiliation, heir.id).roles == ["roster_manager"]


def test_the_last_dues_contact_leaves_only_with_a_successor_for_both_roles(browser, manager):
    mine = affiliation(manager)
    heir = affiliation(make_contact(mine.organization))
    browser.post(f"/firm/people/{mine.id}/end")
    assert "A firm needs a roster manager and a dues contact" in browser.get("/firm/people")
    browser.post(f"/firm/people/{mine.id}/end", successor=str(heir.id))
    assert db.session.get(Affiliation, heir.id).roles == ["dues_contact", "roster_manager"]
    assert db.session.get(Affiliation, mine.id).until_on is not None


def test_a_successor_is_a_colleague(browser, manager):
    mine, stranger = affiliation(manager), affiliation(make_member())
    page = browser.post(f"/firm/people/{mine.id}/end", status=200, successor=str(stranger.id)).text
    assert "Choose one of these" in page
    page = browser.post(f"/firm/people/{mine.id}/end", status=200, successor=str(mine.id)).text
    assert db.session.get(Affiliation, mine.id).until_on is None


def test_who_works_at_two_firms_says_where_they_act_and_the_record_keeps_it(browser):
    person = make_member("roster_manager")
    first = affiliation(person).organization
    second = make_firm(name="Second Calls")
    make_membership(second)
    make_contact(second, "dues_contact")
    actions.affiliate(person, second, ["roster_manager"])
    db.session.commit()
    browser.sign_in(person)
    assert browser.send("GET", "/dashboard").location == "/firm/choose"
    browser.post("/firm/choose", firm=str(second.id))
    assert "for Second Calls" in browser.get("/dashboard")
    assert "People of Second Calls" in browser.get("/firm/people")
    browser.post("/firm/edit", address="9 Road", billing_email="ap@second.example")
    event = db.session.scalars(select(AuditEvent).filter_by(verb="organization.changed")).one()
    assert event.details["acting_for"] == f"organization:{second.id}"
    browser.post("/firm/choose", firm=str(first.id))
    assert f"People of {first.name}" in browser.get("/firm/people")
    browser.get(f"/firm/people/{affiliation(make_contact(second)).id}", status=404)


def test_a_choice_of_firm_ends_with_the_affiliation(browser):
    person = make_member("roster_manager")
    second = make_firm(name="Second Calls")
    held = actions.affiliate(person, second, ["staff"])
    db.session.commit()
    browser.sign_in(person)
    browser.post("/firm/choose", firm=str(second.id))
    assert "for Second Calls" in browser.get("/firm/people")
    actions.leave(db.session.merge(held))
    db.session.commit()
    browser.sign_in(person)
    assert "Second Calls" not in browser.get("/firm/people")
    browser.post("/firm/choose", status=400, firm=str(second.id))


def test_who_works_at_one_firm_has_nothing_to_choose(browser):
    browser.sign_in(make_member("roster_manager"))
    browser.get("/dashboard")
    browser.post("/firm/edit", address="9 Road", billing_email="ap@one.example")
    event = db.session.scalars(select(AuditEvent).filter_by(verb="organization.changed")).one()
    assert "acting_for" not in event.details
