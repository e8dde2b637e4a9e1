"""To whom papers of dues are mailed: the firm's dues contacts first, else its own address."""

import pytest

from portal.core.access import Role
from portal.core.bounces import note_bounce
from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions
from portal.dues.models import InvoiceKind
from portal.members.models import FirmRole
from tests.dues.books import SEATS, book, make_invoice, make_tariff
from tests.make import business_day, make_contact, make_firm, make_membership, make_person

AP, ANN, BEN = "ap@firm.example", "ann@firm.example", "ben@firm.example"


@pytest.fixture
def firm():
    return make_firm(name="Kapok Voice Ltd", billing_email=AP)


def contact(firm, email, *roles):
    return make_contact(firm, *(roles or (FirmRole.DUES_CONTACT,)), email=email)


def receipt(invoice):
    by = make_person(Role.FINANCE)
    actions.record_transfer(invoice, Money(300, "EUR"), business_day(), by=by)


def refund(invoice):
    by = make_person(Role.FINANCE)
    paid = Money(invoice.total_minor + 300, "EUR")
    payment = actions.record_transfer(invoice, paid, business_day(), by=by)
    actions.request_refund(payment, Money(300, "EUR"), actions.Sending("Paid too much", by=by))


PAPERS = {
    "Receipt": receipt,
    "is on its way back": refund,
    "Credit note": lambda invoice: actions.credit(invoice, "Wrong"),
}


def told(sent, subject):
    db.session.commit()
    return [one["To"] for one in sent() if subject in one["Subject"]]


@pytest.mark.parametrize("paper", PAPERS)
def test_papers_go_to_each_dues_contact_and_not_to_the_firms_address(firm, sent, paper):
    contact(firm, ANN)
    contact(firm, BEN)
    contact(firm, "boss@firm.example", FirmRole.ROSTER_MANAGER)
    PAPERS[paper](make_invoice(firm, email=AP))
    assert sorted(told(sent, paper)) == [ANN, BEN]


@pytest.mark.parametrize("paper", PAPERS)
def test_without_a_dues_contact_they_go_to_the_firms_address(firm, sent, paper):
    contact(firm, "boss@firm.example", FirmRole.ROSTER_MANAGER)
    PAPERS[paper](make_invoice(firm, email=AP))
    assert told(sent, paper) == [AP]


def test_a_dues_contact_at_whom_mail_bounces_or_who_is_disabled_is_left_out(firm, sent):
    contact(firm, ANN)
    note_bounce(ANN, "gone")
    receipt(make_invoice(firm, email=AP))
    assert told(sent, "Receipt") == [AP]


def test_an_invoice_for_seats_goes_to_the_dues_contact(firm, sent):
    contact(firm, ANN)
    make_tariff(book=book({"kind": "flat", "classes": "*", "amount": 1000}, SEATS))
    term = make_membership(firm).terms[-1]
    actions.order_seats(term, 1, actions.price_of_seats(term, 1))
    assert told(sent, "Invoice") == [ANN]


def test_what_a_person_ordered_for_an_event_stays_theirs(firm, sent):
    contact(firm, ANN)
    receipt(make_invoice(firm, email="guest@firm.example", kind=InvoiceKind.EVENT))
    assert told(sent, "Receipt") == ["guest@firm.example"]


def test_who_pays_by_a_link_is_told_no_address_of_a_person(firm, browser, stripe):
    contact(firm, ANN)
    invoice = make_invoice(firm, email=AP)
    url = f"/pay/{actions.pay_link(invoice).token}"
    db.session.commit()
    stripe.pay(browser.post(f"{url}/pay", page=url).location)
    browser.get(f"{url}/return", status=303)
    page = browser.get(url)
    assert "The receipt is on its way to the dues contact of Kapok Voice Ltd" in page
    assert ANN not in page


def test_what_goes_back_to_who_paid_for_the_firm_is_told_to_both_by_their_name(firm, sent):
    contact(firm, ANN)
    payer = {"name": "Ministry of Work", "address": "9 Square", "country": "PH",
             "email": "grants@ministry.example"}  # fmt: skip
    refund(make_invoice(firm, email=AP, paid_by=payer))
    db.session.commit()
    mails = [one for one in sent() if "is on its way back" in one["Subject"]]
    assert [one["To"] for one in mails] == ["grants@ministry.example", ANN]
    assert {one["Subject"] for one in mails} == {"EUR 3.00 is on its way back to Ministry of Work"}
    assert "who paid it for Kapok Voice Ltd: Paid too much" in mails[0].get_body().get_content()


def test_who_paid_for_the_firm_twice_is_told_where_the_second_goes(firm, sent):
    contact(firm, ANN)
    payer = {"name": "Ministry of Work", "email": "grants@ministry.example"}
    invoice, by = make_invoice(firm, email=AP, paid_by=payer), make_person(Role.FINANCE)
    actions.record_transfer(invoice, invoice.total, business_day(), by=by)
    again = actions.record_transfer(invoice, invoice.total, business_day(), by=by)
    actions.request_refund(again, invoice.total, actions.Sending("Paid twice", by=by))
    found = told(sent, "is on its way back to Ministry of Work")
    assert found == ["grants@ministry.example", ANN]


def test_what_the_firm_paid_itself_goes_back_to_it_whoever_was_asked(firm, sent):
    contact(firm, ANN)
    payer = {"name": "Ministry of Work", "email": "grants@ministry.example"}
    invoice = make_invoice(firm, email=AP, paid_by=payer)
    by, paid = make_person(Role.FINANCE), Money(invoice.total_minor + 300, "EUR")
    payment = actions.record_transfer(invoice, paid, business_day(), by=by, paid_by="")
    actions.request_refund(payment, Money(300, "EUR"), actions.Sending("Paid too much", by=by))
    assert told(sent, "on its way back to Kapok Voice Ltd") == [ANN]
