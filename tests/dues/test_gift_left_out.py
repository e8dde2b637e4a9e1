"""A gift on an issued invoice is left out by who pays it, once, while it is not paid."""

import pytest

from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions, queries
from portal.dues.actions import LineDraft
from portal.dues.models import CreditNote
from tests.dues.books import make_invoice
from tests.dues.kept import mails
from tests.make import make_contact, make_firm, make_person

DUES = LineDraft("bands", "Dues 2026", 100000, "dues")
GIFT = LineDraft("donation", "Gift", 20000, "gift", tax_percent="0")
BUTTON = "Leave the gift out"


@pytest.fixture
def firm():
    return make_firm()


@pytest.fixture
def invoice(firm):
    """EUR 1,210.00 of dues with tax, and EUR 200.00 given beside."""
    return make_invoice(firm, lines=[DUES, GIFT], tax_percent="21")


@pytest.fixture
def payer(browser, firm):
    return browser.sign_in(make_contact(firm, "dues_contact", email="payer@test.example"))


def pay(invoice, minor):
    money = Money(minor, "EUR")
    actions.record_transfer(invoice, money, invoice.issued_on, by=make_person("finance"))
    db.session.commit()


def owed(invoice):
    db.session.expire_all()
    return queries.balance(invoice).minor


def press(browser, invoice, status=303):
    page = f"/invoices/{invoice.id}"
    return browser.post(f"{page}/leave-gift-out", page=page, status=status)


def test_a_payer_leaves_it_out_by_a_credit_note_of_that_line(browser, payer, invoice):
    page = browser.get(f"/invoices/{invoice.id}")
    assert BUTTON in page
    assert "EUR\N{NO-BREAK SPACE}200.00 less to pay" in page
    press(browser, invoice)
    assert owed(invoice) == 121000
    (line,) = db.session.query(CreditNote).one().lines
    assert (line.invoice_line.income, line.net_minor) == ("gift", 20000)
    assert BUTTON not in browser.get(f"/invoices/{invoice.id}")
    assert len(mails("dues/credited")) == 1
    assert list(queries.ledger_faults()) == []


def test_twice_is_as_once(browser, payer, invoice):
    press(browser, invoice)
    press(browser, invoice)
    assert db.session.query(CreditNote).count() == 1
    assert owed(invoice) == 121000


def test_whoever_holds_the_pay_link_may(browser, invoice):
    token = actions.pay_link(invoice).token
    db.session.commit()
    assert BUTTON in browser.get(f"/pay/{token}")
    browser.post(f"/pay/{token}/leave-gift-out", page=f"/pay/{token}")
    assert owed(invoice) == 121000


@pytest.mark.parametrize(("paid", "may"), [(121000, True), (121001, False), (141000, False)])
def test_what_was_paid_in_part_paid_the_rest_first(browser, payer, invoice, paid, may):
    pay(invoice, paid)
    assert (BUTTON in browser.get(f"/invoices/{invoice.id}")) is may
    press(browser, invoice, status=303 if may else 409)
    assert owed(invoice) == (0 if may else 141000 - paid)
    assert db.session.query(CreditNote).count() == int(may)


def test_an_invoice_without_a_gift_offers_nothing(browser, payer, firm):
    plain = make_invoice(firm)
    assert BUTTON not in browser.get(f"/invoices/{plain.id}")
    with pytest.raises(Refused, match="no gift"):
        actions.leave_gift_out(plain)


def test_a_gift_on_an_invoice_that_was_taken_back_is_gone_with_it(browser, payer, invoice):
    actions.credit(invoice, "A mistake")
    db.session.commit()
    assert BUTTON not in browser.get(f"/invoices/{invoice.id}")
    press(browser, invoice)
    assert db.session.query(CreditNote).count() == 1


def test_who_only_looks_at_it_leaves_nothing_out(browser, another_browser, firm, invoice):
    page = f"/invoices/{invoice.id}"
    make_contact(firm, "dues_contact", email="payer@test.example")
    browser.sign_in(make_contact(firm, "delegate", email="delegate@test.example"))
    assert BUTTON not in browser.get(page)
    browser.post(f"{page}/leave-gift-out", page=page, status=403)
    stranger = make_contact(make_firm(), "dues_contact", email="other@test.example")
    another_browser.sign_in(stranger)
    another_browser.post(f"{page}/leave-gift-out", page="/firm/invoices", status=404)
    assert owed(invoice) == 141000
