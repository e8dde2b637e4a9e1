"""What two records of one firm may not both have is joined when they are merged."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from portal.core.db import db
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.members import actions, merging, queries
from portal.members.endings import Laying, lay
from portal.members.models import (
    Attestation,
    FirmDomain,
    FirmRole,
    JoinRequest,
    Organization,
    OverlayKind,
    RequestStatus,
    Seat,
    Vacancy,
)
from portal.members.overlays import overlays_of
from tests.make import NOW, make_contact, make_firm, make_membership, make_person, save

YEAR = date(2025, 1, 1), date(2025, 12, 31)


@pytest.fixture
def keep(at):
    at(2026, 11, 22, 9)
    return make_firm(name="Molave Voice")


@pytest.fixture
def lose(keep):
    return make_firm(name="Molave Voice Inc.", group=queries.group_of(keep.id))


def merge(keep, lose):
    keep_id = keep.id
    merging.merge_firms(keep, lose, {}, "The same register entry")
    db.session.commit()
    return db.session.get(Organization, keep_id)


def open_seats():
    query = select(func.count(Seat.id)).where(Seat.until_on.is_(None))
    return db.session.scalar(query)


def domain(firm, *, proven, secret):
    return save(FirmDomain(
        organization=firm, domain="molave.example", is_open=False, secret_hash=secret,
        asked_at=NOW, verified_at=NOW if proven else None,
    ))  # fmt: skip


def test_the_seat_and_the_confirmation_of_somebody_at_both_go_along(keep, lose):
    make_membership(lose)
    person = make_contact(lose, "signatory")
    make_contact(keep, "roster_manager", "dues_contact")
    actions.affiliate(person, keep, ["staff"])
    made = merge(keep, lose)
    here = next(one for one in queries.roster(made.id) if one.person_id == person.id)
    assert here.id in queries.seated_ids(made.id)
    days = select(func.count(Attestation.id)).where(Attestation.affiliation_id == here.id)
    assert db.session.scalar(days) == 1
    assert here.roles == ["signatory", "staff"]


def test_people_of_the_record_without_a_term_get_the_free_seats(keep, lose, sent):
    make_membership(lose)
    there = make_contact(keep, "roster_manager", "dues_contact")
    assert open_seats() == 0
    made = merge(keep, lose)
    assert [one.person_id for one in queries.roster(made.id)] == [there.id]
    assert len(queries.seated_ids(made.id)) == open_seats() == 1
    assert sent() == []


def test_a_vacancy_that_the_other_record_fills_is_filled_and_two_of_one_role_are_one(keep, lose):
    for firm in (keep, lose):
        actions.open_vacancy(firm, FirmRole.DELEGATE, "Who held it left")
    actions.open_vacancy(keep, FirmRole.DUES_CONTACT, "Who held it left")
    make_contact(lose, "dues_contact", "roster_manager")
    made = merge(keep, lose)
    left = db.session.scalars(queries.vacancies(made.id)).all()
    assert [one.role for one in left] == [FirmRole.DELEGATE]
    assert db.session.scalar(select(func.count(Vacancy.id))) == 3


def test_a_domain_of_both_is_there_once_and_stays_proven(keep, lose):
    domain(keep, proven=False, secret="a")
    domain(lose, proven=True, secret="b")
    made = merge(keep, lose)
    assert [one.secret_hash for one in queries.domains_of(made.id)] == ["b"]


def test_one_code_works_after_the_merge(keep, lose):
    mine = actions.new_code(keep, 5, 5)
    actions.new_code(lose, 5, 5)
    made = merge(keep, lose)
    assert queries.live_code_of(made.id).id == mine.id
    assert len([one for one in db.session.query(type(mine)) if one.revoked_at is None]) == 1


def test_who_asked_both_records_has_asked_once_and_a_colleague_is_in(keep, lose):
    make_contact(keep, "roster_manager")
    asks, colleague = make_person(), make_contact(keep)
    for firm in (keep, lose):
        actions.ask_to_join(asks, firm, "code")
    actions.ask_to_join(colleague, lose, "code")
    made = merge(keep, lose)
    assert [one.person_id for one in queries.open_requests(made.id)] == [asks.id]
    answered = select(JoinRequest.status).where(JoinRequest.person_id == colleague.id)
    assert db.session.scalar(answered) is RequestStatus.APPROVED


def test_an_invitation_of_the_other_record_is_seen_and_leads_to_the_firm(keep, lose):
    manager = make_contact(lose, "roster_manager")
    actions.invite_colleague(lose, "new@molave.example", "New One", ["staff"], manager)
    made = merge(keep, lose)
    invited = queries.invited_to(made.id)
    assert len(invited) == 1
    actions.accept_invitation(invited[0].person, invited[0].payload)
    assert invited[0].person_id in {one.person_id for one in queries.roster(made.id)}


def test_what_lies_over_a_membership_lies_over_the_joined_one(keep, lose):
    mine = make_membership(keep, start=date(2026, 1, 1), end=date(2026, 12, 31))
    other = make_membership(lose, start=date(2024, 1, 1), end=date(2024, 12, 31))
    lay("membership", other.id, Laying(OverlayKind.EXCUSE, "A flood", date(2026, 12, 1)))
    mine_id, other_id = mine.id, other.id
    merge(keep, lose)
    assert len(overlays_of("membership", [mine_id])) == 1
    assert overlays_of("membership", [other_id]) == []


def test_a_number_that_was_signed_for_the_other_record_is_the_firms(keep, lose):
    make_membership(keep)
    signs = make_contact(lose, "signatory")
    dues.declare(lose, dues.Told("headcount", Decimal(60), YEAR, "All"), signs.id, currency="EUR")
    made = merge(keep, lose)
    now = dues_queries.current_declaration(made.id, "headcount", date(2026, 11, 22))
    assert now.value == 60
    assert dues_queries.latest_of([made.id]) == {made.id: [now]}
    member = next(one for one in dues_queries.declared_members() if one.id == made.id)
    assert member.declared == {"headcount": "60"}
    checked = dues.check(now, "Seen in the report", signs.id, Decimal(70))
    db.session.flush()
    assert (checked.organization_id, checked.prior_id) == (made.id, now.id)


def test_two_accounts_of_one_person_keep_one_seat_at_their_firm(keep):
    make_membership(keep)
    first = make_contact(keep, "roster_manager", "dues_contact")
    second = make_contact(keep, "signatory")
    assert open_seats() == 2
    merging.merge_people(first, second, "They have two addresses")
    db.session.commit()
    assert open_seats() == 1
    assert len(queries.roster(keep.id)) == 1
