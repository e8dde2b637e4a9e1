"""The demo association: whole, reproducible, and every account of it signs in."""

import re
from collections import Counter
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal import create_app
from portal.accounts.models import Person
from portal.association.models import Association
from portal.committees.models import Committee
from portal.core import audit, clock, migrations
from portal.core.config import Settings
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.core.working_days import is_working_day
from portal.demo import seed
from portal.demo.running import ACCOUNTS, PASSWORD
from portal.dues.actions import SERIES
from portal.dues.models import (
    BankLine,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Payment,
    PaymentMethod,
)
from portal.dues.queries import balance, ledger_faults
from portal.dues.queries.barred import barred_from, is_near
from portal.dues.queries.taxing import tax_tables
from portal.events.models import Event
from portal.joining.models import Application, ApplicationStatus
from portal.legislation.models import Measure
from portal.library.models import Practice
from portal.members import queries
from portal.members.models import (
    GroupMembership,
    Membership,
    MembershipClass,
    Organization,
    Term,
)
from tests.founded import lay

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow  # it founds associations


@pytest.fixture(autouse=True)
def empty_tables():
    """The founding is made once, in a database of its own."""


def portal_in(folder):
    return create_app(
        Settings(
            secret_key="demo" * 8, site_url="http://demo.test", data=folder, demo=True,
            database_url=f"sqlite:///{folder}/portal.db", staff_second_factor="optional",
        )
    )  # fmt: skip


def found(folder):
    app = portal_in(folder)
    with app.app_context():
        migrations.upgrade()
        assert seed.found(lambda *_: None)
    return app


@pytest.fixture(scope="module")
def demo(tmp_path_factory, kept_demo):
    folder = tmp_path_factory.mktemp("demo")
    lay(kept_demo, folder)
    return portal_in(folder)


@pytest.fixture
def in_demo(demo):
    with demo.app_context():
        yield demo
        db.session.rollback()


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_it_is_as_large_as_it_should_be(in_demo):
    sizes = {Organization: 62, Person: 152, Event: 24, Measure: 76, Practice: 43, Committee: 4}
    assert {model: count(model) for model in sizes} == sizes
    told = (ROOT / "README.md").read_text().replace("\n", " ")
    assert "62 firms, 152 people, three years of invoices, 24 events, 43 practices" in told
    countries = db.session.scalar(select(func.count(func.distinct(Organization.country))))
    assert countries == 9


def test_its_firms_are_of_every_kind_and_in_every_state(in_demo):
    kinds = set(db.session.scalars(select(Membership.kind)))
    assert kinds == set(MembershipClass)
    groups = select(GroupMembership.group_id).group_by(GroupMembership.group_id)
    assert len(db.session.scalars(groups.having(func.count() > 1)).all()) >= 3
    today = clock.today()
    ends = select(func.max(Term.grace_until_on)).join(Term.membership)
    last = db.session.scalars(ends.group_by(Membership.organization_id)).all()
    assert 0 < sum(one < today for one in last) < 10, "some lapsed"
    late = [
        one for one in db.session.scalars(select(Invoice).where(Invoice.due_on < today))
        if balance(one).minor > 0
    ]  # fmt: skip
    assert len({one.organization_id for one in late}) > 3, "some in arrears"
    assert ApplicationStatus.UNDER_REVIEW in set(db.session.scalars(select(Application.status)))


def test_three_years_of_invoices_were_paid_year_by_year(in_demo):
    years = db.session.scalars(select(Invoice.issued_on).where(Invoice.kind == InvoiceKind.DUES))
    per_year = Counter(on.year for on in years)
    this = clock.today().year
    assert all(per_year[year] >= 20 for year in (this - 2, this - 1, this))
    paid = select(func.count()).select_from(Payment)
    assert db.session.scalar(paid) > 200


def test_one_old_claim_may_be_time_barred_and_another_soon(in_demo):
    old = select(Invoice).where(Invoice.series == SERIES).order_by(Invoice.due_on)
    barred, soon = db.session.scalars(old).all()
    assert barred_from(barred) <= clock.today() < barred_from(soon)
    assert is_near(barred_from(soon))
    assert all("invented" in one.bill_to["name"] for one in (barred, soon))


def test_its_tax_rules_were_adopted_by_the_board_and_charge_nothing(in_demo):
    (table,) = db.session.scalars(tax_tables())
    assert table.decision.body == "board"
    assert table.decision.decided_on < table.effective_from < clock.today()
    assert db.session.scalar(select(func.sum(Invoice.tax_minor))) == 0
    fees = db.session.scalars(
        select(InvoiceLine).join(InvoiceLine.invoice)
        .where(InvoiceLine.income == "events", Invoice.issued_on >= table.effective_from)
    ).all()  # fmt: skip
    assert fees
    assert {one.tax_text for one in fees} == {"Exempt from VAT: training"}


def test_its_events_lie_around_today(in_demo):
    starts = db.session.scalars(select(Event.starts_at)).all()
    past = sum(one < clock.now() for one in starts)
    assert 4 <= past <= 20


def test_it_meets_and_its_money_moves_on_working_days(in_demo):
    events = db.session.scalars(select(Event)).all()
    met = [one.local(one.starts_at).date() for one in events]
    booked = db.session.scalars(select(BankLine.booked_on)).all()
    paid = select(Payment.received_on).where(Payment.method == PaymentMethod.BANK)
    for days in (met, booked, db.session.scalars(paid).all()):
        assert days
        assert [day for day in days if not is_working_day(day)] == []


def test_it_says_everywhere_that_it_is_invented(in_demo):
    assert db.session.get(Association, 1).is_demo
    for model in (Organization, Event):
        assert db.session.scalar(select(func.count()).where(model.is_demo.is_(False))) == 0


def test_its_books_add_up_and_its_record_is_whole(in_demo):
    assert list(ledger_faults()) == []
    assert list(audit.broken_links()) == []


def test_nothing_of_its_past_is_mailed_now(in_demo):
    unsent = select(func.count()).where(OutgoingMail.sent_at.is_(None))
    assert db.session.scalar(unsent) == 0


def test_it_is_founded_once(in_demo):
    assert seed.found(lambda *_: None) is False


def firm_at(account):
    query = select(Person).filter_by(email=f"{account}@demo.example")
    return queries.firm_of(db.session.scalars(query).one())


def test_its_accounts_are_who_they_are_said_to_be(in_demo):
    firms = {
        one: firm_at(one)
        for one in ("chair", "committee", "manager", "person", "rival", "lapsed")
    }  # fmt: skip
    groups = {one: queries.group_of(firm.id).id for one, firm in firms.items()}
    assert groups["chair"] != groups["committee"]
    assert firms["manager"] == firms["person"]
    assert "Manila" in firms["manager"].address
    assert firms["manager"].memberships[0].kind is MembershipClass.PROVIDER_FRONT
    assert len(db.session.scalars(queries.firms_of_group(groups["manager"])).all()) > 1
    assert "Johannesburg" in firms["rival"].address
    (term, *_older) = reversed(firms["lapsed"].memberships[0].terms)
    assert term.grace_until_on < clock.today()
    theirs = db.session.scalars(select(Invoice).filter_by(organization_id=firms["lapsed"].id))
    assert [balance(one).minor > 0 for one in theirs].count(True) == 1
    asks = db.session.scalars(select(Application).filter_by(email="newcomer@demo.example")).one()
    assert asks.status is ApplicationStatus.UNDER_REVIEW
    assert "Kingston" in asks.answers["firm"]["address"]


def everything_of_it():
    """Who is there, what was invoiced and paid, what happens when."""
    return [
        db.session.execute(query).all()
        for query in (
            select(Person.display_name, Person.email).order_by(Person.email),
            select(Organization.name, Organization.country).order_by(Organization.id),
            select(Invoice.number, Invoice.total_minor, Invoice.issued_on).order_by(Invoice.id),
            select(Payment.received_on, Payment.amount_minor).order_by(Payment.id),
            select(Event.title, Event.member_minor, Event.seats_used).order_by(Event.id),
        )
    ]


def test_one_seed_makes_one_association(in_demo, tmp_path):
    here = everything_of_it()
    with found(tmp_path).app_context():
        assert everything_of_it() == here
    assert all(here)


@pytest.mark.parametrize("account", [name for name, _words in ACCOUNTS])
def test_each_account_signs_in(demo, account):
    client = demo.test_client()
    page = client.get("/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    facts = {"email": f"{account}@demo.example", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/sign-in", data=facts)
    assert (answer.status_code, answer.location) == (303, "/dashboard")
    assert client.get("/dashboard", follow_redirects=True).status_code == 200


@pytest.mark.parametrize("day", [date(2027, 1, 1), date(2028, 2, 29)])
def test_it_can_be_founded_on_any_day_of_the_year(tmp_path, day):
    clock.start_at(datetime.combine(day, time(9), UTC))
    try:
        with found(tmp_path).app_context():
            assert list(ledger_faults()) == []
            assert db.session.scalar(select(func.max(Invoice.issued_on))) <= day
    finally:
        clock.start_at(None)
