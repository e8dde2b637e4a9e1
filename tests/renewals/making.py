"""A firm in the middle of its life, for the tests of renewals."""

from datetime import date, timedelta
from decimal import Decimal

from portal.accounts.models import Person
from portal.core import clock
from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions as dues
from portal.dues.models import AttemptStatus, PaymentAttempt
from portal.dues.queries import balance
from portal.members.models import MembershipClass
from portal.renewals import actions, queries
from tests.dues.books import FEE, SEATS, book, flat, make_tariff
from tests.make import make_contact, make_firm, make_membership, make_person, save

FRONT = MembershipClass.PROVIDER_FRONT
AGAIN = {"kind": "reinstatement_fee", "classes": "*", "amount": 5000}


def adopt(*more, start=date(2020, 1, 1), **facts):
    """The KSF table, with a joining and a reinstatement fee, seats, and a price for the others."""
    rules = [*book()["rules"], FEE, AGAIN, SEATS]
    rules.append(flat(50000, "public_body", "startup", "technology"))
    code = facts.get("code", "2026")
    the_book = facts.pop("book", None) or book(*rules, *more, **facts)
    return make_tariff(book=the_book, code=code, effective_from=start)


def make_life(kind=FRONT, headcount=40, start=date(2026, 1, 1), end=date(2026, 12, 31), **facts):
    """A firm with one term under a tariff, a manager and a dues contact; returns the term."""
    tariff = facts.pop("tariff", None) or adopt()
    firm = make_firm(headcount=headcount, **facts)
    snapshot = {"tariff": tariff.id, "metrics": fte(headcount), "seats_charged": 0, "renews": True}
    term = {"start": start, "end": end, "price_snapshot": snapshot}
    membership = make_membership(firm, kind, **term)
    make_contact(firm, "roster_manager", "delegate", email=f"manager{firm.id}@test.example")
    make_contact(firm, "dues_contact", email=f"payer{firm.id}@test.example")
    return membership.terms[0]


def person_of(term, name="payer"):
    """The firm's dues contact, or its roster manager."""
    email = f"{name}{term.membership.organization_id}@test.example"
    return db.session.query(Person).filter_by(email=email).one()


def issue(term):
    """The renewal's invoice."""
    invoice = actions.issue(actions.open_window(term))
    db.session.commit()
    return invoice


def pay(invoice, minor=None):
    money = Money(minor, invoice.currency) if minor else balance(invoice)
    payment = dues.record_transfer(invoice, money, invoice.issued_on, by=make_person("finance"))
    db.session.commit()
    return payment


def fail_card(invoice, n=1):
    """A try by card on our page, of now, that the bank refused."""
    return save(PaymentAttempt(
        invoice_id=invoice.id, n=n, status=AttemptStatus.FAILED, currency=invoice.currency,
        amount_minor=100, key=f"inv-{invoice.id}-att-{n}", back="/", made_at=clock.now(),
        expires_at=clock.now() + timedelta(days=1),
    ))  # fmt: skip


def terms_of(term):
    """Those that count, as (first, last)."""
    db.session.expire_all()
    return [
        (one.start_on, one.end_on)
        for one in term.membership.terms if one.cancelled_at is None
    ]  # fmt: skip


def next_of(term):
    db.session.expire_all()
    return queries.next_term_of(term)


def days(n):
    return timedelta(days=n)


def fte(many):
    """People of a contact centre, as a form or a change tells them."""
    return {"contact_centre_fte": str(many)}


def sign(term, many):
    """The dues contact declares the people of the centre for the year before."""
    year = date(2025, 1, 1), date(2025, 12, 31)
    told = dues.Told("contact_centre_fte", Decimal(many), year, "All of it")
    firm = term.membership.organization
    return dues.declare(firm, told, person_of(term).id, currency="EUR")
