"""The books made to agree where the lines that are missing are no usual invoice."""

from datetime import date

import pytest

from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues.actions import LineDraft
from portal.dues.models import CreditNote, Invoice
from portal.renewals import actions
from tests.dues.books import book, flat, make_invoice, make_tariff
from tests.make import make_person
from tests.renewals.making import adopt as quarterly
from tests.renewals.making import fte, make_life, next_of, pay, person_of
from tests.renewals.test_trials import admit, adopt, term_now


@pytest.fixture
def overcharged(at):
    """G23, but the invoice in force forgot what was left of the trial; returns the membership."""
    at(2026, 4, 1, 12)
    adopt(tax_percent="0")
    pay(admit())
    at(2026, 7, 1, 12)
    term = term_now()
    invoice = actions.convert(term)
    pay(invoice)
    next_of(term)
    whole = max(invoice.lines, key=lambda one: one.net_minor)
    fee = [one for one in invoice.lines if one.income == "entry"]
    lines = [
        LineDraft(
            one.rule, one.text, one.net_minor, one.income, covers_from=one.covers_from,
            covers_to=one.covers_to, membership_id=one.membership_id,
        )
        for one in (whole, *fee)
    ]  # fmt: skip
    dues.credit(invoice, "By mistake")
    pay(make_invoice(term.membership.organization, lines=lines))
    db.session.expire_all()
    return term.membership


def test_what_comes_to_less_than_nothing_is_refused_in_words(overcharged):
    found = actions.compare(overcharged)
    assert [line.net for line in found.missing] == [-24885]
    assert found.wrong == []
    before = db.session.query(Invoice).count()
    with pytest.raises(Refused, match=r"248\.85 less than nothing.*credit note"):
        actions.reconcile(overcharged, "The trial was forgotten")
    assert db.session.query(Invoice).count() == before


def test_the_staff_page_says_so_in_place(overcharged, browser):
    browser.sign_in(make_person("finance"))
    where = f"/staff/members/{overcharged.organization_id}/reconcile"
    assert "To be issued" in browser.get(where)
    page = browser.post(where, page=where, status=200, reason="The trial was forgotten.").text
    assert "less than nothing" in page
    assert overcharged.since_on == date(2026, 4, 1)


@pytest.fixture
def came_back(at):
    """After half a year of terms of three months: the second and the third quarter are claimed."""
    at(2026, 1, 1, 9)
    tariff = quarterly(period={"kind": "anniversary", "months": 3})
    term = make_life(start=date(2026, 1, 1), end=date(2026, 3, 31), tariff=tariff)
    actions.reconcile(term.membership, "The first invoice")
    at(2026, 8, 15, 9)
    actions.come_back(term)
    db.session.commit()
    return term


QUARTERS = [
    (date(2026, 4, 1), date(2026, 6, 30), 181600), (date(2026, 7, 1), date(2026, 9, 30), 181600),
]  # fmt: skip


def charged(invoice):
    return [(one.covers_from, one.covers_to, one.net_minor) for one in invoice.lines]


@pytest.mark.parametrize("is_paid", [True, False])
def test_a_comeback_over_two_periods_agrees_with_its_invoice(came_back, is_paid):
    invoice = db.session.query(Invoice).order_by(Invoice.id.desc()).first()
    assert charged(invoice) == QUARTERS
    if is_paid:
        pay(invoice)
        assert next_of(came_back).end_on == date(2026, 9, 30)
    assert actions.compare(came_back.membership).difference.is_nothing
    actions.reconcile(came_back.membership, "Asked again")
    db.session.commit()
    assert db.session.query(Invoice).count() == 2
    assert db.session.query(CreditNote).count() == 0


def test_who_came_back_over_two_periods_and_grows_pays_for_the_days_left_of_the_last(came_back):
    pay(db.session.query(Invoice).order_by(Invoice.id.desc()).first())
    term = next_of(came_back)
    grown = actions.change(term, fte(60), "They grew.", None)[0].invoice
    db.session.commit()
    days = date(2026, 8, 15), date(2026, 9, 30)
    assert charged(grown) == [(*days, 30754)], "60200 × 47/92"
    assert actions.compare(came_back.membership).difference.is_nothing


def test_a_corrected_comeback_is_issued_again_for_each_of_its_periods(came_back):
    first = came_back
    actions.correct(first, fte(60), "They had said too little.", None)
    actions.reconcile(first.membership, "The size was corrected")
    db.session.commit()
    found = db.session.query(Invoice).order_by(Invoice.id.desc()).first()
    assert [one for one in charged(found) if one[0] > date(2026, 3, 31)] == [
        (*days, 241800) for *days, _minor in QUARTERS
    ]
    assert actions.compare(first.membership).difference.is_nothing


QUARTERLY = {"kind": "anniversary", "months": 3}


def a_flat_tariff(start, minor):
    """Adopted today, in effect from a day that may be over."""
    return make_tariff(
        book=book(flat(minor), period=QUARTERLY), code=f"of {minor}", effective_from=start
    )


@pytest.mark.parametrize("adopted", ["while it is unpaid", "when it is paid"])
def test_each_period_of_a_comeback_keeps_the_tariff_that_it_was_quoted_by(came_back, adopted):
    invoice = db.session.query(Invoice).order_by(Invoice.id.desc()).first()
    if adopted == "when it is paid":
        pay(invoice)
    a_flat_tariff(date(2026, 7, 1), 999900)
    a_flat_tariff(date(2026, 4, 1), 777700)
    db.session.commit()
    assert actions.compare(came_back.membership).difference.is_nothing
    if adopted == "while it is unpaid":
        pay(invoice)
    assert actions.compare(came_back.membership).difference.is_nothing
    kept = next_of(came_back).price_snapshot
    first = came_back.price_snapshot["tariff"]
    assert kept["tariff"] == first
    assert kept["tariffs"] == {"2026-04-01": first, "2026-07-01": first}


def test_a_comeback_across_two_tariffs_keeps_both(at):
    at(2026, 1, 1, 9)
    tariff = quarterly(period=QUARTERLY)
    term = make_life(start=date(2026, 1, 1), end=date(2026, 3, 31), tariff=tariff)
    actions.reconcile(term.membership, "The first invoice")
    a_flat_tariff(date(2026, 7, 1), 999900)
    at(2026, 8, 15, 9)
    _plan, shown = actions.way_back(term, date(2026, 8, 15))
    invoice = actions.come_back(term)
    a_flat_tariff(date(2026, 6, 1), 888800)
    db.session.commit()
    assert sum(one.total for one in shown) == invoice.total_minor
    assert [one[2] for one in charged(invoice)] == [181600, 999900]
    pay(invoice)
    assert len(set(next_of(term).price_snapshot["tariffs"].values())) == 2
    assert actions.compare(term.membership).difference.is_nothing


def test_a_renewal_keeps_the_tariff_that_it_was_quoted_by(at):
    at(2026, 11, 15, 9)
    term = make_life(tariff=quarterly())
    actions.reconcile(term.membership, "The first invoice")
    invoice = actions.issue(actions.open_window(term))
    a_flat_tariff(date(2026, 12, 1), 999900)
    db.session.commit()
    assert actions.compare(term.membership).difference.is_nothing
    pay(invoice)
    assert next_of(term).price_snapshot["tariff"] == term.price_snapshot["tariff"]
    assert actions.compare(term.membership).difference.is_nothing


def test_who_saw_another_price_sees_the_new_one_before_coming_back(at, browser):
    at(2026, 1, 1, 9)
    term = make_life(
        start=date(2026, 1, 1), end=date(2026, 3, 31), tariff=quarterly(period=QUARTERLY)
    )
    at(2026, 8, 15, 9)
    browser.sign_in(person_of(term))
    assert 'name="seen" value="363200"' in browser.get("/firm/membership")
    a_flat_tariff(date(2026, 7, 1), 999900)
    where = "/firm/membership/come-back"
    browser.post(where, page="/firm/membership", seen="363200")
    assert "has changed meanwhile" in browser.get("/firm/membership")
    assert db.session.query(Invoice).count() == 0
    browser.post(where, page="/firm/membership", seen=str(181600 + 999900))
    assert db.session.query(Invoice).one().total_minor == 181600 + 999900
