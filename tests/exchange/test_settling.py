"""People, terms and claims from files live on like those that came by hand."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.association.queries import today
from portal.core import clock, jobs
from portal.core.db import db
from portal.dues.queries.arrears import overdue_days, owes_too_long
from portal.exchange.models import ImportStatus
from portal.members.actions import add_domain
from portal.members.models import Affiliation, Organization, Overlay
from portal.members.queries import affiliation_of, attested_on, live_seats, seat_queue, seated_ids
from portal.renewals.queries.debts import to_act_on, to_remind
from tests.access import SHUT
from tests.dues.books import SEATS, book, make_tariff
from tests.exchange.bringing import (
    as_csv,
    checked,
    imported,
    lines,
    outcomes,
    page_of,
    sentences,
    world,
)
from tests.make import make_contact, make_firm, make_membership, make_person

CLAIMS = as_csv(
    ("Invoice no", "Firm", "Issued", "Due", "Currency", "Total"),
    ("2024/0071", "Kapok", "2024-03-01", "2024-03-31", "EUR", "121.00"),
    ("2024/0090", "Kapok", "2024-09-01", "2024-09-30", "USD", "50"),
)


@pytest.fixture
def staff(browser):
    browser.sign_in(make_person("admin"))
    return browser


def taken_back(staff, *imports):
    for one in imports:
        staff.post(f"{page_of(one)}/undo")
        jobs.work()
        db.session.refresh(one)
        assert one.status is ImportStatus.UNDONE, one.note


def test_people_who_come_from_a_file_are_seated_or_wait_like_those_who_join(staff, sent):
    firm = make_firm(name="Kapok")
    day = date(2027, 6, 30)
    make_membership(firm, end=day, price_snapshot={"seats": {"included": 1}})
    file = as_csv(
        ("E-mail", "Name", "Firm", "Roles", "From"),
        ("a@kapok.example", "Ana", "Kapok", "delegate", "2019-01-01"),
        ("b@kapok.example", "Ben", "Kapok", "staff", "2019-01-01"),
    )
    before = world()
    found = imported(staff, "people", file)
    assert found.status is ImportStatus.DONE, lines(found)
    ana, ben = db.session.scalars(select(Affiliation).order_by(Affiliation.id))
    assert seated_ids(firm.id) == {ana.id}
    assert [one.affiliation_id for one in seat_queue(firm.id)] == [ben.id]
    assert attested_on(ana) == today()
    assert sent() == []
    taken_back(staff, found)
    assert world() == before


def test_a_term_from_a_file_has_seats_for_the_people_who_are_there(staff, sent):
    make_tariff(book=book(*book()["rules"], SEATS))
    firm = make_firm(name="Kapok")
    ana = make_contact(firm)
    year = today().year
    file = as_csv(
        ("Firm", "Class", "Start", "End"),
        ("Kapok", "provider_front", f"{year - 1}-01-01", f"{year - 1}-06-30"),
        ("Kapok", "provider_front", f"{year}-07-01", f"{year + 1}-06-30"),
    )
    before = world()
    found = imported(staff, "terms", file)
    assert found.status is ImportStatus.DONE, lines(found)
    now = live_seats(firm.id)
    assert [(one.term.start_on, one.size, one.used) for one in now] == [(date(year, 7, 1), 5, 1)]
    assert affiliation_of(ana).id in seated_ids(firm.id)
    left = as_csv(("E-mail", "Firm", "Until"), (ana.email, "Kapok", today()))
    gone = imported(staff, "people", left)
    assert outcomes(gone) == ["update"]
    assert live_seats(firm.id)[0].used == 0
    taken_back(staff, gone)
    assert live_seats(firm.id)[0].used == 1
    taken_back(staff, found)
    assert sent() == []
    assert world() == before


def test_nobody_is_reminded_of_a_held_claim_until_the_hold_is_lifted(staff):
    firm = make_firm(name="Kapok")
    imported(staff, "invoices", CLAIMS)
    day = today()
    too_long = owes_too_long(day, Organization.id, SHUT)

    def chased():
        return (
            len(db.session.scalars(to_remind(day)).all()),
            len(db.session.execute(to_act_on(day)).all()),
            overdue_days(firm.id, day) > 0,
            db.session.scalar(select(Organization.id).where(too_long)) is not None,
        )

    assert chased() == (0, 0, False, False)
    for one in db.session.scalars(select(Overlay)):
        one.lifted_at = clock.now()
    db.session.commit()
    assert chased() == (2, 2, True, True)


def test_a_firm_whose_mail_is_at_a_proven_domain_of_another_is_for_a_person_to_look_at(staff):
    firm = make_firm(name="Kapok")
    domain = add_domain(firm, "kapok.example", "postmaster", is_open=False)
    head = ("Name", "Country", "Invoice email", "Registration number")
    named = as_csv(head, ("Kapok Voice Ltd", "PH", "pay@kapok.example", ""))
    sister = as_csv(head, ("Kapok Voice Ltd", "PH", "pay@kapok.example", "R-77"))
    db.session.commit()
    assert outcomes(checked(staff, "firms", named)) == ["create"]
    domain.verified_at = clock.now()
    db.session.commit()
    found = checked(staff, "firms", named)
    assert outcomes(found) == ["conflict"]
    assert f"the mail domain of Kapok (number {firm.id})" in sentences(found)[0]
    assert outcomes(checked(staff, "firms", sister)) == ["create"]
