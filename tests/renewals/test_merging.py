"""Two records of one firm become one: what it renews, owes and leaves comes along."""

import json
import zipfile
from datetime import date

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.dues.firm_bundle import bundle_of_firm
from portal.dues.queries.arrears import overdue_days
from portal.members import merging, queries
from portal.members.models import Organization
from portal.members.policy import Feature
from portal.renewals import actions
from portal.renewals import queries as renewals
from portal.renewals.history import whole_timeline
from tests.dues.books import make_invoice
from tests.renewals.making import adopt, issue, make_life, pay, person_of


@pytest.fixture
def terms(at):
    """A term of this year, and one of two years ago on another record of the same firm."""
    at(2026, 11, 22, 9)
    tariff = adopt()
    now = make_life(tariff=tariff, name="Molave Voice")
    group = queries.group_of(now.membership.organization_id)
    before = make_life(
        tariff=tariff, start=date(2024, 1, 1), end=date(2024, 12, 31), name="Molave Inc.",
        group=group,
    )  # fmt: skip
    return now, before


def firms(terms):
    return [db.session.get(Organization, one.membership.organization_id) for one in terms]


def merge(keep, lose):
    keep_id = keep.id
    merging.merge_firms(keep, lose, {}, "The same register entry")
    db.session.commit()
    return db.session.get(Organization, keep_id)


def test_a_renewal_of_the_record_that_goes_is_paid_and_renews_the_firm(terms):
    now, before = terms
    invoice = issue(now)
    lose, keep = firms(terms)
    made = merge(keep, lose)
    held = renewals.last_term_of(made.id).membership
    assert renewals.unpaid_renewal_of(held).invoice_id == invoice.id
    told = {one.id for one in renewals.recipients(invoice.organization_id)}
    assert {person_of(before).id} <= told
    pay(invoice)
    db.session.expire_all()
    last = renewals.last_term_of(made.id)
    assert last.start_on == date(2027, 1, 1)
    assert last.membership_id == before.membership_id


def test_the_life_and_the_data_of_the_firm_have_what_the_other_record_had(terms):
    invoice = issue(terms[0])
    pay(invoice)
    lose, keep = firms(terms)
    made = merge(keep, lose)
    words = [one.text for one in whole_timeline(made, queries.all_affiliations(made.id))]
    assert f"Invoice {invoice.number}" in words
    assert any(one.startswith("Payment of") for one in words)
    with bundle_of_firm(made.id) as body, zipfile.ZipFile(body) as found:
        invoices, payments = (
            json.loads(found.read(f"{name}.json")) for name in ("invoices", "payments")
        )
    assert [one["number"] for one in invoices] == [invoice.number]
    assert len(payments) == 1


def test_who_leaves_on_one_record_is_asked_before_the_merge(terms):
    keep, lose = firms(terms)
    actions.resign(terms[0].membership, date(2026, 8, 1), "We closed", None)
    db.session.commit()
    assert "have the resignation taken back" in " ".join(merging.firm_objections(keep, lose))


def test_an_unpaid_renewal_of_days_that_the_other_record_holds_is_dropped_first(at):
    at(2026, 11, 22, 9)
    tariff = adopt()
    first = make_life(tariff=tariff, name="Molave Voice")
    group = queries.group_of(first.membership.organization_id)
    make_life(
        tariff=tariff, start=date(2027, 1, 1), end=date(2027, 12, 31), name="Molave Inc.",
        group=group,
    )  # fmt: skip
    issue(first)
    keep, lose = db.session.query(Organization).order_by(Organization.id)
    assert "drop that renewal" in " ".join(merging.firm_objections(keep, lose))


def test_old_debts_of_the_other_record_shut_the_firm(terms):
    keep, lose = firms(terms)
    make_invoice(lose, total=30000, due_in=-150)
    db.session.commit()
    full = select(Organization.id).where(queries.has(Feature.FULL, Organization.id))
    assert list(db.session.scalars(full)) == [keep.id]
    made = merge(keep, lose)
    assert list(db.session.scalars(full)) == []
    assert overdue_days(made.id, date(2026, 11, 22)) > 90
