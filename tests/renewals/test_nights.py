"""What the night does for each firm, and that it stays little."""

from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.notices.models import Notice
from portal.renewals.jobs import look_after_memberships
from portal.renewals.models import Renewal
from tests.dues.books import KSF, book, make_tariff
from tests.renewals.making import adopt, make_life

MOST_STATEMENTS = 65  # to open the window of a firm, invoice it and write to it


def by_revenue():
    rule = {
        "kind": "bands", "classes": ["provider_front"], "metric": "revenue",
        "rounding": "half_up", "bands": KSF,
    }  # fmt: skip
    return make_tariff(book=book(rule))


def test_a_firm_without_a_price_is_asked_all_the_same_and_not_invoiced(at):
    at(2026, 11, 25, 9)
    term = make_life(headcount=40, tariff=by_revenue())
    look_after_memberships()
    made = db.session.query(Renewal).one()
    assert (made.term_id, made.invoice_id, made.seats) == (term.id, None, None)
    assert db.session.query(Notice).filter_by(key=f"renewal:{term.id}:opened").count() == 1
    look_after_memberships()
    assert [one.template for one in db.session.query(OutgoingMail)] == ["renewals/opened"]


def test_each_firm_costs_the_night_a_few_statements(at, statements):
    at(2026, 11, 25, 9)
    tariff = adopt()
    make_life(tariff=tariff, billing_email="one@test.example")
    look_after_memberships()
    for number in range(4):
        make_life(tariff=tariff, billing_email=f"firm{number}@test.example")
    statements.clear()
    look_after_memberships()
    assert db.session.query(Renewal).filter(Renewal.invoice_id.is_not(None)).count() == 5
    assert len(statements) / 4 <= MOST_STATEMENTS
