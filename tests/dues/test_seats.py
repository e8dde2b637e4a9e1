"""Seats bought inside a term: the price first, one invoice, and there once it is paid."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions, queries
from portal.dues.jobs import end_forgotten_orders
from portal.dues.models import Invoice
from portal.dues.periods import NotQuotable
from portal.dues.queries.arrears import overdue_days, owes_too_long
from portal.dues.seat_prices import included_seats, more_seats
from portal.members import actions as members
from portal.members.models import Organization, SeatOrder, Term
from portal.members.queries import affiliation_of, seated_ids, seats_now
from tests.access import SHUT
from tests.dues.books import SEATS, book, flat, make_invoice, make_tariff
from tests.make import make_contact, make_firm, make_membership, make_person

TERM = (date(2026, 1, 1), date(2026, 12, 31))


def test_g31_three_more_of_five_on_17_august_is_one_line():
    line = more_seats(book(SEATS), "technology", (*TERM, date(2026, 8, 17)), (5, 8))
    assert line.net == 10697  # and not 3 x 3566
    assert (line.covers_from, line.covers_to) == (date(2026, 8, 17), TERM[1])


def test_a_class_without_a_price_for_seats_is_not_quotable_and_counts_none():
    only = book({**SEATS, "classes": ["technology"]})
    with pytest.raises(NotQuotable, match="no price for more seats"):
        more_seats(only, "consultant", (*TERM, date(2026, 8, 17)), (5, 6))
    assert included_seats(only, "consultant") is None
    assert included_seats(only, "technology") == {"included": 5}


YEARLY = {"kind": "anniversary", "months": 12}
SOLD = [
    # a first payment of two years from 1 April: 18 months are left, then 6
    ({"kind": "fixed", "start": "04-01"}, date(2026, 4, 1), date(2028, 3, 31),
     date(2026, 10, 1), (548, 365), 14263),
    ({"kind": "fixed", "start": "04-01"}, date(2026, 4, 1), date(2028, 3, 31),
     date(2027, 10, 1), (183, 365), 4763),
    # the same, begun in June: the year it belongs to has 365 days
    ({"kind": "fixed", "start": "04-01"}, date(2026, 6, 10), date(2028, 3, 31),
     date(2027, 10, 1), (183, 365), 4763),
    # anchored on 29 February (G28)
    (YEARLY, date(2027, 2, 28), date(2028, 2, 28), date(2027, 9, 1), (181, 366), 4698),
    (YEARLY, date(2026, 2, 28), date(2028, 2, 28), date(2027, 9, 1), (181, 365), 4711),
]  # fmt: skip


@pytest.mark.parametrize(("period", "first", "last", "on", "part", "net"), SOLD)
def test_more_seats_are_priced_to_the_terms_own_last_day(period, first, last, on, part, net):
    line = more_seats(book(SEATS, period=period), "technology", (first, last, on), (5, 6))
    assert line.inputs["part"] == [*part, "days"]
    assert (line.net, line.covers_to) == (net, last)


def test_days_that_no_period_of_the_tariff_has_are_a_term_of_their_own():
    taken_over = (date(2026, 3, 10), date(2027, 3, 9), date(2027, 1, 1))
    line = more_seats(book(SEATS), "technology", taken_over, (5, 6))
    assert line.inputs["part"] == [68, 365, "days"]


@pytest.fixture
def firm(at):
    at(2026, 8, 17, 9)
    make_tariff(book=book(flat(100000), SEATS))
    made = make_firm()
    make_membership(made, start=TERM[0], end=TERM[1], price_snapshot={"seats": {"included": 1}})
    return made


@pytest.fixture
def payer(firm, browser):
    return browser.sign_in(make_contact(firm, "dues_contact", "roster_manager"))


def ordered(firm):
    term = db.session.scalars(select(Term)).one()
    invoice = actions.order_seats(term, 1, actions.price_of_seats(term, 1))
    db.session.commit()
    return invoice


def test_the_price_is_seen_before_the_order_and_paying_seats_who_waits(browser, payer, firm):
    late = make_person()
    members.affiliate(late, firm, ["staff"])
    db.session.commit()
    page = browser.get("/firm/seats")
    assert "1 of 1 seats taken, 1 waiting" in page
    assert "95.00 × 137/365" in page
    shown = browser.post("/firm/seats", status=200, seats="2", seen="3566", after="0").text
    assert "For 2 seats" in shown
    assert db.session.query(Invoice).count() == 0
    answer = browser.post("/firm/seats", seats="1", seen="3566", after="0")
    invoice = db.session.scalars(select(Invoice)).one()
    assert answer.location == f"/invoices/{invoice.id}"
    assert (invoice.total_minor, invoice.lines[0].income) == (3566, "seats")
    assert affiliation_of(late).id not in seated_ids(firm.id)
    actions.record_transfer(invoice, queries.balance(invoice), invoice.issued_on, by=payer)
    db.session.commit()
    assert affiliation_of(late).id in seated_ids(firm.id)
    assert seats_now(firm.id).words == "2 of 2 seats taken"
    assert list(queries.ledger_faults()) == []


def test_seats_cost_what_the_terms_own_tariff_says_in_the_currency_of_its_dues(firm):
    term = db.session.scalars(select(Term)).one()
    dollars = make_tariff(book=book(flat(1), SEATS | {"price": 500}), currency="USD")
    assert actions.price_of_seats(term, 1).net.currency == "EUR"
    make_invoice(firm, currency="USD")
    assert actions.price_of_seats(term, 1).tariff is dollars
    sold = make_tariff(book=book(flat(1), SEATS | {"price": 36500}), code="old")
    make_tariff(book=book(flat(1), SEATS | {"price": 1}), code="new", effective_from=TERM[0])
    term.price_snapshot = term.price_snapshot | {"tariff": sold.id}
    assert actions.price_of_seats(term, 1).net.minor == 13700  # of 137 days that are left


def test_open_orders_count_so_that_no_seventh_of_six_is_sold(browser, firm, payer, at):
    term = db.session.scalars(select(Term)).one()
    term.price_snapshot = {"seats": {"included": 5}}
    six = make_tariff(book=book(flat(100000), SEATS | {"at_most": 6}), code="six")
    term.price_snapshot = term.price_snapshot | {"tariff": six.id}
    db.session.commit()
    ordered(firm)
    page = browser.get("/firm/seats")
    assert "At most 6 seats can be taken." in page
    page = browser.post("/firm/seats", status=200, seats="1", seen="3566", after="1").text
    assert "At most 6 seats can be taken." in page
    assert db.session.query(Invoice).count() == 1


def test_the_same_form_sent_twice_is_one_order_and_another_page_is_another(browser, firm, payer):
    said = [browser.post("/firm/seats", seats="1", seen="3566", after="0") for _ in range(2)]
    invoice = db.session.scalars(select(Invoice)).one()
    assert [one.location for one in said] == [f"/invoices/{invoice.id}"] * 2
    shown = browser.post("/firm/seats", status=200, seats="2", seen="7132", after="0").text
    assert "For 2 seats" in shown  # something was ordered since: the price is shown again
    page = browser.get("/firm/seats")
    order = db.session.scalars(select(SeatOrder)).one()
    assert f'name="after" value="{order.id}"' in page
    browser.post("/firm/seats", seats="1", seen="3566", after=str(order.id))
    assert db.session.query(Invoice).count() == 2


def test_seats_not_paid_shut_nobody_out_and_end_by_themselves(browser, firm, payer, at, sent):
    invoice = ordered(firm)
    due = invoice.due_on
    sent()
    assert overdue_days(firm.id, due + timedelta(days=100)) == 0
    shut = select(Organization.id).where(
        owes_too_long(due + timedelta(days=100), Organization.id, SHUT)
    )
    assert not db.session.scalars(shut).all()
    dues = make_invoice(firm)
    assert overdue_days(firm.id, dues.due_on + timedelta(days=100)) == 100
    late = due + timedelta(days=30)
    at(late.year, late.month, late.day, 9)
    end_forgotten_orders()
    assert queries.balance(invoice) == invoice.total
    sent()
    late += timedelta(days=1)
    at(late.year, late.month, late.day, 9)
    for _ in range(2):
        end_forgotten_orders()
    assert not queries.balance(invoice)
    assert db.session.scalars(select(SeatOrder)).one().withdrawn_on == late
    assert len([one for one in sent() if "redit note" in one["Subject"]]) == 1
    assert queries.balance(dues) == dues.total


def test_a_firm_cancels_an_order_that_it_has_not_paid(browser, firm, payer):
    invoice = ordered(firm)
    order = db.session.scalars(select(SeatOrder)).one()
    there = f"/firm/seats/orders/{order.id}/cancel"
    assert f"invoice {invoice.number}" in browser.get("/firm/seats")
    browser.post(there, page="/firm/seats")
    assert "The order is cancelled" in browser.get("/firm/seats")
    assert not queries.balance(invoice)
    assert db.session.scalars(select(SeatOrder)).one().withdrawn_on == date(2026, 8, 17)
    browser.post(there, page="/firm/seats", status=404)


def test_an_order_on_which_money_came_is_not_cancelled_nor_another_firms(browser, firm, payer):
    invoice = ordered(firm)
    actions.record_transfer(invoice, Money(100, "EUR"), invoice.issued_on, by=payer)
    db.session.commit()
    order = db.session.scalars(select(SeatOrder)).one()
    there = f"/firm/seats/orders/{order.id}/cancel"
    browser.post(there, page="/firm/seats")
    assert "Money came for these seats already" in browser.get("/firm/seats")
    assert db.session.scalars(select(SeatOrder)).one().withdrawn_on is None
    other = make_firm()
    make_membership(other, start=TERM[0], end=TERM[1], price_snapshot={"seats": {"included": 1}})
    browser.sign_in(make_contact(other, "dues_contact"))
    browser.post(there, page="/firm/seats", status=404)


def test_a_seat_given_back_costs_nothing_and_is_free_for_another(firm, payer):
    invoice = ordered(firm)
    actions.record_transfer(invoice, queries.balance(invoice), invoice.issued_on, by=payer)
    one = make_contact(firm)
    members.leave(affiliation_of(one))
    db.session.commit()
    assert db.session.query(Invoice).count() == 1
    assert (seats_now(firm.id).size, seats_now(firm.id).used) == (2, 1)


def test_seats_whose_invoice_was_credited_are_not_there(firm, payer):
    invoice = ordered(firm)
    actions.credit(invoice, "Ordered by mistake")
    db.session.commit()
    assert db.session.scalars(select(SeatOrder)).one().withdrawn_on == date(2026, 8, 17)
    assert seats_now(firm.id).size == 1


def test_money_twice_is_one_order(firm, payer):
    invoice = ordered(firm)
    for _ in range(2):
        members.count_paid_seats(invoice.number)
    db.session.commit()
    assert seats_now(firm.id).size == 2


@pytest.mark.parametrize("count", ["0", "51", "many"])
def test_an_absurd_number_is_answered_at_the_field(browser, payer, count):
    page = browser.post("/firm/seats", status=200, seats=count, seen="").text
    assert "Enter a" in page
    assert db.session.query(Invoice).count() == 0


def test_who_neither_pays_nor_keeps_the_roster_buys_nothing(browser, firm):
    browser.sign_in(make_contact(firm, "delegate"))
    browser.get("/firm/seats", status=404)


def test_a_manager_who_sees_no_invoices_may_order_and_goes_back_to_the_people(browser, firm):
    make_contact(firm, "dues_contact")
    browser.sign_in(make_contact(firm, "roster_manager"))
    answer = browser.post("/firm/seats", seats="1", seen="3566", after="0")
    assert answer.location == "/firm/people"


def test_no_price_is_a_sentence(browser, firm, payer, at):
    at(2027, 1, 5, 9)  # in grace: no days of the term are left
    browser.sign_in(payer)
    page = browser.get("/firm/seats")
    assert "lies outside the term" in page
