"""Build things for tests: every fact has a dull default; everything is committed."""

from datetime import UTC, date, datetime, timedelta
from itertools import count, product

from argon2 import PasswordHasher
from sqlalchemy import insert

from portal.accounts.models import Person, RoleGrant
from portal.association.models import Association
from portal.core import clock
from portal.core.db import db
from portal.members.actions import give_seat, seat_everybody
from portal.members.models import (
    Affiliation,
    Attestation,
    CorporateGroup,
    GroupMembership,
    Membership,
    MembershipClass,
    Organization,
    Term,
)
from portal.places.models import Level, Place

PASSWORD = "correct horse battery"
PASSWORD_HASH = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash(PASSWORD)
ZONE = "Europe/Amsterdam"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)  # the reference day of the domain pages
numbers = count(1)
# Names without a digit, vowel or word in them: what a page must not show is never part of one.
names = ("Q" + "".join(rest) for rest in product("bcdfghjklmnpqrstvwxz", repeat=4))


def save(*rows):
    db.session.add_all(rows)
    db.session.commit()
    return rows[0]


def business_day():
    """Today in the association's zone."""
    return clock.today(ZONE)


ASSOCIATION = {
    "id": 1, "name": "Testhall", "tagline": "An association that is only a test.",
    "address": "1 Test Street\nTesttown", "country": "NL", "tax_id": "NL000000000B01",
    "bank_name": "Test Bank", "iban": "NL91ABNA0417164300", "bic": "ABNANL2A",
    "zone": ZONE, "currency": "EUR", "invoice_series": "TH",
    "credit_series": "TC", "contact_name": "Amara Test",
    "contact_email": "amara@testhall.example",
}  # fmt: skip
LAID = insert(Association).values(ASSOCIATION)


def make_association(**facts):
    return save(Association(**ASSOCIATION | facts))


def lay_association():
    """The same in one statement: every test begins with it."""
    with db.engine.begin() as connection:
        connection.execute(LAID)


def make_place(**facts):
    n = next(numbers)
    slug = facts.pop("slug", f"p{n}")
    parent = facts.pop("parent", None)
    defaults = {
        "slug": slug, "name": f"Place {n}", "level": Level.NATIONAL, "other_names": [],
        "search_name": f"place {n}",
        "timezone": "UTC", "languages": [], "parent": parent,
        "path": f"{parent.path if parent else '/'}{slug}/",
    }  # fmt: skip
    return save(Place(**defaults | facts))


def make_person(*roles, **facts):
    """A person who can sign in with PASSWORD; `roles` are granted staff roles."""
    n = next(names)
    defaults = {
        "email": f"person-{n.lower()}@test.example", "display_name": f"Person {n}",
        "password_hash": PASSWORD_HASH, "email_verified_at": NOW, "created_at": NOW,
    }  # fmt: skip
    person = Person(**defaults | facts)
    grants = [RoleGrant(person=person, role=role, granted_at=NOW) for role in roles]
    save(person, *grants)
    return person


def make_firm(*, group=None, **facts):
    """A firm, alone in a group of its own unless `group` is given; no membership yet."""
    n = next(names)
    defaults = {
        "name": f"Firm {n}", "country": "PH", "registration_no": f"R{n}", "created_at": NOW,
        "billing_email": f"dues-{n.lower()}@test.example", "address": f"{n} Road",
    }  # fmt: skip
    firm = Organization(**defaults | facts)
    group = group or CorporateGroup(name=f"Group {n}")
    return save(firm, GroupMembership(organization=firm, group=group, from_on=date(2020, 1, 1)))


def make_membership(firm=None, kind=MembershipClass.PROVIDER_FRONT, start=None, end=None, **facts):
    """A membership with one term around today unless dates are given."""
    today = business_day()
    start, end = start or today - timedelta(days=100), end or today + timedelta(days=200)
    membership = Membership(organization=firm or make_firm(), kind=kind, since_on=start)
    grace = facts.pop("grace_until_on", end + timedelta(days=30))
    defaults = {
        "sequence": 1, "start_on": start, "end_on": end, "grace_until_on": grace,
        "price_snapshot": {},
    }  # fmt: skip
    term = Term(membership=membership, **defaults | facts)
    save(membership, term)
    seat_everybody(term)
    db.session.commit()
    return membership


def make_contact(firm, *roles, **facts):
    """A person at `firm` with firm roles such as "roster_manager", attested today; seated if there
    is a seat.
    """
    person = make_person(**facts)
    made = Affiliation(
        person=person, organization=firm, roles=list(roles or ("staff",)),
        from_on=date(2020, 1, 1),
    )  # fmt: skip
    save(made, Attestation(affiliation=made, on=business_day()))
    give_seat(made)
    db.session.commit()
    return person


def make_member(*roles, **facts):
    """A person of a new firm whose membership is in force."""
    firm = facts.pop("firm", None) or make_firm()
    make_membership(firm)
    return make_contact(firm, *roles, **facts)
