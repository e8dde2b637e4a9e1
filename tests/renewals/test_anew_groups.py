"""Which renewals are made anew when a firm has two memberships, a group or a cap beside it."""

from datetime import date
from fractions import Fraction

import pytest

from portal.core.db import db
from portal.core.money import half_up
from portal.dues.models import CreditNote
from portal.dues.queries import balance, ledger_faults
from portal.members.models import MembershipClass
from portal.renewals import actions, queries
from portal.renewals.actions import compare
from tests.make import make_membership
from tests.renewals.making import adopt, fte, issue, make_life, next_of, pay, sign
from tests.renewals.test_groups import ONE_FEE, SHARE, a_group, adopt_with_cap


@pytest.fixture(autouse=True)
def in_november(at):
    at(2026, 11, 10, 9)


def signs(term, many):
    sign(term, many)
    actions.charge_for(term.membership.organization)
    db.session.commit()


def out(term):
    """The net of the renewal's invoice that is out now."""
    db.session.expire_all()
    return queries.renewal_of(term).invoice.net_minor


def notes():
    return db.session.query(CreditNote).count()


def test_of_two_memberships_only_that_which_the_number_prices_is_made_anew():
    front = make_life(headcount=40)
    snapshot = front.price_snapshot
    other = make_membership(
        front.membership.organization, MembershipClass.TECHNOLOGY, date(2026, 1, 1),
        date(2026, 12, 31), price_snapshot=snapshot,
    ).terms[0]  # fmt: skip
    first, flat = issue(front), issue(other)
    for _twice in range(2):
        signs(front, 60)
    assert (out(front), queries.renewal_of(other).invoice) == (241800, flat)
    assert (balance(first).minor, balance(flat).minor, notes()) == (0, 50000, 1)
    assert list(ledger_faults()) == []


def test_a_change_told_for_one_membership_leaves_the_renewal_of_the_other():
    front = make_life(headcount=40)
    tariff = front.price_snapshot
    back = make_membership(
        front.membership.organization, MembershipClass.PUBLIC_BODY, date(2026, 1, 1),
        date(2026, 12, 31), price_snapshot=tariff,
    ).terms[0]  # fmt: skip
    issue(front)
    flat = issue(back)
    actions.change(front, fte(20), "They told.", None)
    db.session.commit()
    assert (out(front), queries.renewal_of(back).invoice, notes()) == (120900, flat, 1)


@pytest.mark.parametrize(("many", "minor"), [(40, 45400), (20, 30225)])
def test_an_affiliate_that_grows_pays_its_part_of_the_new_price(many, minor):
    large, small = a_group(60, 25, group=SHARE)
    kept = issue(large)
    issue(small)
    signs(small, many)
    assert (out(small), queries.renewal_of(large).invoice) == (minor, kept)


def test_who_pays_the_one_fee_of_its_group_and_grows_pays_that_of_the_new_sum():
    first, second = a_group(40, 30, group=ONE_FEE)
    for one in (first, second):
        issue(one)
    signs(first, 100)  # 130 together
    assert (out(first), notes()) == (302500, 1)
    pay(queries.renewal_of(first).invoice)
    assert compare(first.membership).wrong == []
    assert next_of(first).price_snapshot["group"] == {"others": {"contact_centre_fte": "30"}}


def test_a_lone_firm_that_grows_past_the_cap_pays_the_cap():
    lone = make_life(headcount=20)
    for n in range(5):
        make_life(headcount=20, tariff=adopt(code=f"T{n}"))
    make_life(headcount=300, tariff=adopt(code="T9"))
    made = adopt_with_cap()
    issue(lone)
    signs(lone, 300)
    assert (out(lone), notes()) == (made.book["cap_minor"], 1)
    pay(queries.renewal_of(lone).invoice)
    assert compare(lone.membership).wrong == []


def test_a_lone_firm_that_grows_past_the_cap_inside_its_term_pays_the_days_up_to_the_cap(at):
    lone = make_life(headcount=20)
    for n in range(4):
        make_life(headcount=20, tariff=adopt(code=f"T{n}"))
    make_life(headcount=300, tariff=adopt(code="T9"))
    cap = adopt_with_cap().book["cap_minor"]
    pay(issue(lone))
    at(2027, 7, 2, 9)
    (made,) = actions.change(next_of(lone), fte(300), "They grew.", None)
    db.session.commit()
    assert made.invoice.net_minor == half_up(Fraction(cap - 120900) * 183 / 365)
    assert compare(lone.membership).wrong == []


def test_a_lone_firm_that_shrinks_below_the_cap_pays_its_own_price():
    lone = make_life(headcount=300)
    for n in range(5):
        make_life(headcount=20, tariff=adopt(code=f"T{n}"))
    made = adopt_with_cap()
    assert issue(lone).net_minor == made.book["cap_minor"]
    signs(lone, 20)
    assert out(lone) == 120900
