"""Of which debts a firm that left is still reminded: the nights and the calendar say the same."""

from datetime import date, timedelta

import pytest

from portal.core.db import db
from portal.dues.actions import LineDraft
from portal.members.models import MembershipClass
from portal.notices.models import Notice
from portal.renewals import actions, queries
from portal.renewals.ahead import Kind
from portal.renewals.jobs import look_after_memberships
from tests.dues.books import make_invoice
from tests.make import make_membership
from tests.renewals.making import FRONT, make_life

DAY = date(2026, 1, 10)
STEPS = [3, 10, 40, 55, 70]  # days after an invoice that is due in ten days


def resign(membership, last):
    actions.resign(membership, DAY, "Sold.", None, last=last)
    db.session.commit()


def owe(firm, *memberships, **covers):
    """Dues for these memberships, due in ten days."""
    held = [one.id for one in memberships] or [None]
    lines = [
        LineDraft("bands", "Dues", 100000, "dues", membership_id=one, **covers) for one in held
    ]
    return make_invoice(firm, due_in=10, lines=lines)


def another(term):
    """A second class of the firm."""
    firm, kind = term.membership.organization, MembershipClass.TECHNOLOGY
    snapshot = term.price_snapshot
    return make_membership(
        firm, kind, date(2026, 1, 1), date(2026, 12, 31), price_snapshot=snapshot
    )


def reminded(at, invoice, first):
    """How many days after `first` its reminders come; the calendar foretold just these."""
    at(first.year, first.month, first.day, 3)
    known = [(one.on - first).days for one in queries.foreseen(first) if is_of(one, invoice)]
    for days in STEPS:
        day = first + timedelta(days=days)
        at(day.year, day.month, day.day, 9)
        look_after_memberships()
    like = Notice.key.like(f"dunning:{invoice.id}:%")
    sent = db.session.query(Notice).filter(like).order_by(Notice.id)
    found = [(one.at.date() - first).days for one in sent]
    assert [one for one in found if one >= 0] == known
    return found


def is_of(one, invoice):
    return one.kind is Kind.REMINDER and one.invoice_id == invoice.id


@pytest.mark.parametrize("names_it", [True, False])
def test_a_firm_that_left_and_joined_again_is_reminded_of_its_new_debt(at, names_it):
    at(2025, 3, 1, 9)
    term = make_life(start=date(2025, 1, 1), end=date(2025, 12, 31))
    firm = term.membership.organization
    old = owe(firm, term.membership)
    actions.resign(term.membership, date(2025, 3, 1), "Sold.", None)
    db.session.commit()
    at(2026, 2, 1, 9)
    look_after_memberships()
    snapshot = term.price_snapshot
    back = make_membership(
        firm, FRONT, date(2026, 2, 1), date(2026, 12, 31), price_snapshot=snapshot
    )
    new = owe(firm, back) if names_it else owe(firm)
    assert reminded(at, new, date(2026, 2, 1)) == STEPS
    assert reminded(at, old, date(2026, 4, 12)) == []


def test_who_joins_again_is_reminded_before_the_membership_begins(at):
    at(2025, 3, 1, 9)
    term = make_life(start=date(2025, 1, 1), end=date(2025, 12, 31))
    actions.resign(term.membership, date(2025, 3, 1), "Sold.", None)
    db.session.commit()
    at(2026, 2, 1, 9)
    look_after_memberships()
    year = {"covers_from": date(2026, 2, 1), "covers_to": date(2026, 12, 31)}
    first = owe(term.membership.organization, **year)
    assert reminded(at, first, date(2026, 2, 1)) == STEPS


@pytest.mark.parametrize("names_it", [True, False])
def test_who_left_one_of_two_classes_is_reminded_of_what_both_owe(at, names_it):
    at(2026, 1, 10, 9)
    term = make_life()
    both = (term.membership, another(term))
    resign(term.membership, date(2026, 1, 31))
    invoice = owe(term.membership.organization, *(both if names_it else ()))
    assert reminded(at, invoice, DAY) == STEPS


def test_what_only_the_class_that_was_left_owes_is_let_be(at):
    at(2026, 1, 10, 9)
    term = make_life()
    other = another(term)
    resign(term.membership, date(2026, 1, 31))
    left, _kept = owe(other.organization, term.membership), owe(other.organization, other)
    assert reminded(at, left, DAY) == [3, 10]
    assert sum(1 for _ in db.session.scalars(queries.to_remind(date(2026, 4, 12)))) == 1


def test_who_left_both_classes_is_reminded_until_the_later_last_day(at):
    at(2026, 1, 10, 9)
    term = make_life()
    other = another(term)
    resign(term.membership, date(2026, 1, 31))
    resign(other, date(2026, 2, 28))
    invoice = owe(term.membership.organization, term.membership, other)
    assert reminded(at, invoice, DAY) == [3, 10, 40]
