"""Who pays by the early day owes less, by whichever way the money came; later all is owed."""

from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest

from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions, matching, papers, queries
from portal.dues.models import CreditReason, PaymentMethod
from portal.dues.pricing import quote, quote_file
from portal.dues.queries import early
from portal.dues.tariff_words import tariff_words
from tests.dues.books import SEATS, book, case, change, flat, make_invoice
from tests.dues.kept import mails
from tests.make import make_person

EARLY = {"kind": "early_payment", "classes": "*", "percent": "5", "days": 14}
DAY = date(2026, 3, 2)


def asked(*rules, **facts):
    return quote(book(flat(100000), *rules, tax_percent="21"), case(**facts))


@pytest.fixture
def invoice(on):
    """EUR 1,210.00, of which EUR 60.50 is off until 16 March."""
    on(DAY)
    return offered()


def offered(**facts):
    lines = actions.drafts_of(asked(EARLY, joined_on="2026-01-01"))
    return make_invoice(lines=lines, tax_percent="21", **facts)


def pay(invoice, minor, day=DAY, method=PaymentMethod.BANK):
    money = Money(minor, invoice.currency)
    by = make_person("finance")
    made = actions.record_transfer(invoice, money, day, method=method, by=by)
    db.session.commit()
    return made


def state(invoice):
    db.session.expire_all()
    bill = queries.bill(invoice)
    return bill.face.value, bill.sums.balance, bill.sums.credited


def test_the_discount_is_of_the_dues_as_they_are_charged():
    found = asked(EARLY, SEATS, joined_on="2026-08-17", seats=8)
    dues, seats = found.lines
    assert (dues.net, dues.early, seats.early) == (37534, 1877, 0)
    assert found.early.minor == 1877 + 394
    answer = quote_file({"tariff": book(flat(100000), EARLY), "cases": [case()]})["cases"][0]
    assert (answer["total"], answer["early"]) == (100000, 5000)


def test_discounts_are_not_stacked_unless_the_tariff_says_so():
    other = {"kind": "discount", "classes": "*", "percent": "3"}
    assert asked(other, EARLY).early.minor == 2420
    assert asked({**other, "percent": "8"}, EARLY).early is None
    on_top = {**EARLY, "is_on_top": True}
    assert asked({**other, "percent": "8"}, on_top).early.minor == 5566


def test_it_is_for_whom_the_rule_is():
    some = {**EARLY, "if": "sme"}
    assert asked(some).early is None
    assert asked(some, facts=["sme"]).early.minor == 6050
    assert asked({**EARLY, "classes": ["consultant"]}).early is None


def test_a_change_in_the_term_offers_nothing_more():
    priced = book(*book()["rules"], EARLY)
    found = quote(priced, case(40, changes=[change("2026-06-01", 60)]))
    assert [line.early for line in found.lines] == [9080, 0]


def test_the_last_day_is_never_after_the_due_day_nor_after_that_of_the_rule():
    def last(day, due, **more):
        return asked({**EARLY, **more}).early.last_day(day, due)

    assert last(DAY, date(2026, 4, 1)) == date(2026, 3, 16)
    assert last(DAY, date(2026, 3, 10)) == date(2026, 3, 10)
    assert last(DAY, date(2026, 4, 1), until="2026-03-05") == date(2026, 3, 5)
    assert last(DAY, date(2026, 4, 1), until="2026-03-01") is None


@pytest.mark.parametrize("method", [PaymentMethod.BANK, PaymentMethod.CHEQUE, PaymentMethod.CASH])
def test_the_less_settles_it_on_the_last_day(on, invoice, method):
    on(DAY + timedelta(days=14))
    pay(invoice, 114950, DAY + timedelta(days=14), method)
    assert state(invoice) == ("settled_mixed", 0, 6050)
    (note,) = queries.credit_notes_of(invoice)
    assert (note.code, note.net_minor, note.tax_minor) == (CreditReason.EARLY_PAYMENT, 5000, 1050)
    assert list(queries.ledger_faults()) == []


def test_a_day_later_all_of_it_is_owed(on, invoice):
    late = DAY + timedelta(days=15)
    on(late)
    assert early.to_pay_now(invoice) == invoice.total
    pay(invoice, 114950, late)
    assert state(invoice) == ("part_paid", 6050, 0)
    pay(invoice, 6050, late)
    assert state(invoice) == ("paid", 0, 0)


def test_money_of_the_day_counts_when_it_is_booked_later(on, invoice):
    on(DAY + timedelta(days=20))
    pay(invoice, 114950, DAY + timedelta(days=14))
    assert state(invoice) == ("settled_mixed", 0, 6050)


def test_a_late_part_earns_nothing_for_an_early_one(on, invoice):
    on(DAY + timedelta(days=20))
    pay(invoice, 60000, DAY + timedelta(days=20))
    pay(invoice, 54950, DAY + timedelta(days=3))
    assert state(invoice) == ("part_paid", 6050, 0)


def test_parts_that_are_all_in_time_settle_it(invoice):
    pay(invoice, 60000)
    assert early.to_pay_now(invoice) == Money(54950, "EUR")
    pay(invoice, 54950)
    assert state(invoice) == ("settled_mixed", 0, 6050)


def test_who_pays_all_of_it_in_time_has_the_rest_as_credit(invoice):
    payment = pay(invoice, 121000)
    assert state(invoice)[1:] == (0, 6050)
    assert queries.unallocated_of(payment) == 6050


def test_it_is_given_once(invoice):
    pay(invoice, 114950)
    actions.reward_early(invoice)
    db.session.commit()
    assert len(queries.credit_notes_of(invoice)) == 1


def test_a_payers_old_credit_counts_from_the_day_on_which_it_is_used(on):
    on(DAY - timedelta(days=30))
    first = make_invoice(total=100)
    firm, old = first.organization, pay(first, 300000, DAY - timedelta(days=30))
    on(DAY)
    in_time, late = offered(firm=firm), offered(firm=firm)
    actions.allocate(old, in_time, Money(114950, "EUR"))
    assert state(in_time)[1:] == (0, 6050)
    on(DAY + timedelta(days=15))
    actions.allocate(old, late, Money(114950, "EUR"))
    assert state(late)[1:] == (6050, 0)


def test_what_was_taken_back_lowers_what_is_off(invoice):
    (line,) = invoice.lines
    actions.credit(invoice, "Band", CreditReason.PRICE_CORRECTION, {line.id: 50000})
    db.session.commit()
    assert early.early_terms(invoice).off == Money(3025, "EUR")
    assert early.to_pay_now(invoice) == Money(57475, "EUR")
    pay(invoice, 57475)
    assert state(invoice)[1:] == (0, 60500 + 3025)


def test_the_paper_and_the_mail_say_what_settles_it_and_by_when(on, invoice):
    words = "16\N{NO-BREAK SPACE}Mar\N{NO-BREAK SPACE}2026"
    said = papers.of_invoice(queries.bill(invoice)).facts["early"]
    assert said.startswith(f"Paid by {words}, EUR\N{NO-BREAK SPACE}1,149.50 settles it")
    actions.mail_invoice(invoice, "finance@test.example")
    db.session.commit()
    (sent,) = mails("dues/issued")
    assert "Paid by 16 Mar 2026, EUR 1,149.50 settles it" in sent.text
    on(DAY + timedelta(days=15))
    assert papers.of_invoice(queries.bill(invoice)).facts["early"] == ""


def test_the_receipt_says_that_it_was_paid_early(invoice):
    pay(invoice, 114950)
    (receipt,) = mails("dues/received")
    assert "It was paid early: EUR 60.50 was taken off" in receipt.text
    assert "Nothing is owed" in receipt.text
    assert len(mails("dues/credited")) == 1


def test_a_bank_line_of_the_less_is_certain_only_in_time():
    claim = matching.Claim(
        1, "LH-2026-000001", "Firm", 7, "EUR", 121000, date(2026, 4, 1), 114950, date(2026, 3, 16)
    )

    def ground(minor, on):
        money = Money(minor, "EUR")
        came = matching.Came(money, "Firm", ["LH-2026-000001"], set(), on)
        return matching.propose(came, [claim]).ground

    assert ground(114950, date(2026, 3, 16)) is matching.Ground.REFERENCE
    assert ground(114950, date(2026, 3, 17)) is matching.Ground.OTHER_AMOUNT
    assert ground(121000, date(2026, 3, 17)) is matching.Ground.REFERENCE


def test_the_tariff_tells_of_it():
    told = tariff_words(book(flat(100000), EARLY)).rules[-1]
    assert told.title == "Early payment"
    assert "5 % off the dues when paid in 14 days of the invoice" in told.who


def test_the_card_page_asks_for_the_less(browser, stripe):
    invoice = offered()
    url = f"/pay/{actions.pay_link(invoice).token}"
    db.session.commit()
    page = browser.get(url)
    assert "1,149.50 settles it" in page
    hosted = browser.post(f"{url}/pay", page=url).location
    browser.get(urlsplit(stripe.pay(hosted).location).path, status=303)
    assert state(invoice) == ("settled_mixed", 0, 6050)
    (payment,) = queries.payments_of(invoice)
    assert payment[0].amount_minor == 114950
    assert list(queries.ledger_faults()) == []


def test_a_transfer_that_staff_book_in_time_says_so(browser, on):
    on(DAY)
    browser.sign_in(make_person("finance"))
    invoice = offered()
    url = f"/staff/dues/{invoice.id}"
    assert "1,149.50 settles it when paid by" in browser.get(url)
    sent = {"amount": "1149.50", "received_on": DAY.isoformat(), "method": "cheque", "note": ""}
    browser.post(f"{url}/transfer", seen=str(queries.movements(invoice)), **sent)
    assert "It was paid early: nothing more is owed." in browser.get(url)
