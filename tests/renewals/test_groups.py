"""What a group changes of the dues that its firms are really charged."""

from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.core.money import half_up
from portal.dues.actions import adopt as adopt_draft
from portal.dues.actions import draft
from portal.dues.models import Invoice, InvoiceKind
from portal.dues.tariff_words import tariff_words
from portal.joining.quoting import Facts, price
from portal.members.models import CorporateGroup, Decision, MembershipClass
from portal.renewals.actions import change, compare
from tests.dues.books import book, make_invoice
from tests.make import make_person, save
from tests.renewals.making import adopt, fte, issue, make_life, next_of, pay

SHARE, ONE_FEE = {"kind": "affiliate_share", "percent": "25"}, {"kind": "aggregate"}


@pytest.fixture(autouse=True)
def in_november(at):
    at(2026, 11, 10, 9)


def a_group(*sizes, **facts):
    """The terms of firms of one owner, with these numbers of people."""
    group, tariff = CorporateGroup(name="Acacia"), adopt(**facts)
    return [make_life(headcount=size, group=group, tariff=tariff) for size in sizes]


def charged(term):
    return [line.net_minor for line in issue(term).lines]


@pytest.mark.parametrize(
    ("rule", "bills"),
    [({"kind": "each_entity"}, [[241800], [120900]]), (SHARE, [[241800], [30225]]),
     (ONE_FEE, [[241800], [0]])],
)  # fmt: skip
def test_the_larger_firm_stands_for_its_group_on_real_invoices(rule, bills):
    large, small = a_group(60, 25, group=rule)
    assert [charged(large), charged(small)] == bills


def test_one_fee_is_that_of_the_sum_and_stays_so_inside_the_term(at):
    first, second = a_group(40, 30, group=ONE_FEE)  # 70 together, as in G11
    assert [charged(first), charged(second)] == [[241800], [0]]
    assert "contact centre FTE 40 and 30 of the group" in issue(first).lines[0].formula
    pay(issue(first))
    at(2027, 1, 1, 9)
    term = next_of(first)
    assert term.price_snapshot["group"] == {"others": {"contact_centre_fte": "30"}}
    found = compare(term.membership)
    assert found.wrong == []
    assert {one.covers_from.year for one in found.missing} <= {2026}  # nobody billed that one
    at(2027, 7, 2, 9)
    change(term, fte(100), "They grew", make_person("membership"))  # 130 together
    db.session.commit()
    query = select(Invoice).where(Invoice.kind == InvoiceKind.DUES).order_by(Invoice.id.desc())
    (line,) = db.session.scalars(query).first().lines
    assert line.net_minor == half_up(Fraction(302500 - 241800) * 183 / 365)


def adopt_with_cap(**facts):
    """A tariff of which no group pays more than a fifth, adopted over six firms."""
    capped = book(code="2027", effective_from="2027-01-01", cap="1/5", **facts)
    written = draft(capped, "A cap", make_person("finance").id)
    board = save(Decision(body="board", decided_on=date(2026, 11, 1), title="Cap", text="So."))
    made = adopt_draft(written, board)
    db.session.commit()
    return made


def test_the_cap_is_an_amount_from_the_adoption_on_and_clips_real_invoices():
    large, middle, *others = a_group(300, 60) + [
        make_life(headcount=20, tariff=adopt(code=f"T{n}")) for n in range(5)
    ]
    made = adopt_with_cap()
    rest = 5 * 120900  # what the small ones pay is four fifths of all
    assert made.book["cap_minor"] == rest // 4
    assert "a year" in dict(tariff_words(made.whole_book).facts)["Cap"]
    bills = [charged(large), charged(middle)]
    assert [sum(one) for one in bills] == [90675, 60450]
    assert sum(map(sum, bills)) == made.book["cap_minor"]
    assert charged(others[0]) == [120900]
    (line,) = issue(large).lines
    assert "to the cap" in line.formula
    pay(issue(large))
    assert compare(large.membership).wrong == []
    joins = Facts(MembershipClass.PROVIDER_FRONT, "PH", fte(300))
    assert price(made, joins, date(2027, 1, 1)).quote.net == made.book["cap_minor"]


def test_a_cap_is_not_copied_into_the_next_draft():
    a_group(300, 60)
    for n in range(5):
        make_life(headcount=20, tariff=adopt(code=f"T{n}"))
    made = adopt_with_cap()
    again = draft(made.whole_book | {"code": "2028"}, "", make_person("finance").id, made)
    assert "cap_minor" not in again.book


def test_the_cap_is_a_share_of_the_dues_in_its_own_currency():
    a_group(300, 60)
    for n in range(5):
        make_life(headcount=20, tariff=adopt(code=f"T{n}"))
    abroad = make_life(headcount=300, tariff=adopt(code="K", currency="KES")).membership
    make_invoice(abroad.organization, kind=InvoiceKind.DUES, currency="KES")
    assert adopt_with_cap().book["cap_minor"] == 5 * 120900 // 4


def test_the_first_tariff_of_a_currency_is_capped_over_all_as_its_what_if_is():
    a_group(300, 60)
    for n in range(5):
        make_life(headcount=20, tariff=adopt(code=f"T{n}"))
    assert adopt_with_cap(currency="KES").book["cap_minor"] == 5 * 120900 // 4
