from datetime import date, timedelta

import pytest

from portal.core.access import Role
from portal.core.db import db
from portal.core.states import Refused
from portal.members import queries
from portal.members.endings import Laying, lay, lift, suspend
from portal.members.models import Decision, Organization, OverlayKind
from portal.members.policy import Feature
from tests.dues.books import make_invoice
from tests.events.making import make_event
from tests.make import business_day, make_contact, make_firm, make_member, make_membership

DAY = timedelta(days=1)


def suspended(firm, scope="all", first=0, last=None):
    today = business_day()
    laying = Laying(
        OverlayKind.SUSPENSION, "Decided in the meeting.", today + first * DAY,
        None if last is None else today + last * DAY, scope,
    )  # fmt: skip
    found = suspend(firm.memberships[0], laying, "board")
    db.session.commit()
    return found


@pytest.fixture
def firm():
    return make_membership(make_firm(name="Salmon Support")).organization


def has(firm, feature, on=None):
    day = on or business_day()
    from_firms = queries.firms().where(
        Organization.id == firm.id, queries.has(feature, Organization.id, day)
    )
    return db.session.scalars(from_firms).unique().first() is not None


@pytest.mark.parametrize(
    ("scope", "kept"),
    [("vote", {"full", "listed", "member_price"}), ("benefits", {"listed"}),
     ("listing", {"full", "member_price"}), ("all", set())],
)  # fmt: skip
def test_a_suspension_by_decision_takes_its_scope_and_lapses_by_itself(firm, scope, kept):
    found = suspended(firm, scope, last=30)
    for feature in (Feature.FULL, Feature.LISTED, Feature.MEMBER_PRICE):
        assert has(firm, feature) is (feature.value in kept), feature
        assert has(firm, feature, found.until_on + DAY)
    assert found.decision.body == "board"
    assert db.session.query(Decision).count() == 1


def test_a_suspension_that_is_lifted_is_over_at_once(firm):
    found = suspended(firm)
    assert not has(firm, Feature.FULL)
    lift(found, "Paid.")
    lift(found, "Twice is as once.")
    db.session.commit()
    assert has(firm, Feature.FULL)


def test_a_suspension_that_begins_later_takes_nothing_today(firm):
    suspended(firm, first=3)
    assert has(firm, Feature.FULL)
    assert not has(firm, Feature.FULL, business_day() + 3 * DAY)


def test_a_firm_that_is_no_member_cannot_be_suspended():
    lapsed = make_membership(start=date(2020, 1, 1), end=date(2020, 12, 31)).organization
    with pytest.raises(Refused, match="cannot be given this: suspend"):
        suspended(lapsed)


def test_what_ends_before_it_begins_is_refused(firm):
    today = business_day()
    with pytest.raises(Refused, match="cannot end before"):
        lay("invoice", 1, Laying(OverlayKind.PAUSE, "A slip.", today, today - DAY))


def test_a_firm_in_two_classes_keeps_what_the_other_one_gives(firm):
    suspended(firm)
    make_membership(firm, "technology")
    assert has(firm, Feature.FULL)


def test_a_suspended_firm_leaves_the_directory_and_reads_as_a_stranger(browser, firm):
    browser.sign_in(make_contact(firm, "roster_manager"))
    assert "Salmon Support" in browser.get("/directory/")
    suspended(firm)
    assert "Salmon Support" not in browser.get("/directory/").partition("<main")[2]
    page = browser.get("/firm/")
    assert "Suspension of all that membership gives" in page
    assert "decided by the board" in page
    browser.get("/firm/invoices")


@pytest.mark.parametrize(("due_in", "is_listed"), [(-89, True), (-90, False)])
def test_dues_overdue_for_90_days_shut_the_firm_until_they_are_paid(firm, due_in, is_listed):
    make_invoice(firm, due_in=due_in)
    assert has(firm, Feature.LISTED) is is_listed


def test_the_debts_of_one_firm_take_nothing_from_another(firm):
    other = make_membership().organization
    debtor, person = make_contact(other), make_contact(firm)
    make_invoice(other, due_in=-100)
    assert has(firm, Feature.LISTED)
    assert Role.MEMBER in queries.firm_roles(person)
    assert Role.MEMBER not in queries.firm_roles(debtor)


def test_a_payment_plan_spares_a_firm_that_owes_for_long(firm):
    invoice = make_invoice(firm, due_in=-100)
    assert not has(firm, Feature.FULL)
    until = business_day() + 20 * DAY
    lay("invoice", invoice.id, Laying(OverlayKind.PAUSE, "A plan.", business_day(), until))
    db.session.commit()
    assert has(firm, Feature.FULL)
    assert not has(firm, Feature.FULL, until + DAY)


def test_the_members_price_asks_the_table_too(browser):
    person = make_member("roster_manager", firm=make_firm())
    held = queries.affiliation_of(person)
    event = make_event()
    browser.sign_in(person)
    assert "the member price" in browser.get(f"/events/{event.id}/register")
    suspended(held.organization, "benefits")
    assert "the price for non-members" in browser.get(f"/events/{event.id}/register")
