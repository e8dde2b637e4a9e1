"""An invoice paid in another currency, and money that the bank credited as another amount."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.core.access import Role
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions, queries
from portal.dues.actions import Reversing
from portal.dues.matching import Ground
from portal.dues.models import Account, Payment, PaymentMethod, Posting, ReversalKind
from tests.dues.books import make_invoice
from tests.dues.statements import DAY, imported, moved, mt940
from tests.make import make_person

LINE = "/staff/dues/bank/lines/{}".format


@pytest.fixture
def finance(browser):
    return browser.sign_in(make_person(Role.FINANCE))


def one_line(*facts, **more):
    return imported(mt940(moved(*facts, **more)))[0]


def by_hand(invoice, minor, on=DAY, method=PaymentMethod.BANK):
    by = make_person(Role.FINANCE)
    money = Money(minor, invoice.currency)
    payment = actions.record_transfer(invoice, money, on, "", method, by)
    db.session.commit()
    return payment


def standing():
    """Each account by currency, those of nothing left out."""
    found = queries.trial_balance(DAY + timedelta(days=999))
    return {(one.account, one.currency): one.minor for one in found if one.minor}


def books_are_well():
    db.session.commit()
    assert list(queries.ledger_faults()) == []
    sums = select(Posting.currency, func.sum(Posting.minor)).group_by(Posting.currency)
    assert {minor for _currency, minor in db.session.execute(sums)} <= {0}


def test_an_invoice_in_dollars_is_paid_by_what_the_bank_credited_in_euros():
    invoice = make_invoice(total=100000, currency="USD")
    line = one_line("910.00", "Kapok", "LH")
    match = actions.pay_from_abroad(line, invoice, Money(100000, "USD"), make_person())
    assert queries.balance(invoice).minor == 0
    assert standing() == {
        (Account.BANK, "EUR"): 91000, (Account.EXCHANGE, "EUR"): -91000,
        (Account.EXCHANGE, "USD"): 100000, (Account.INCOME, "USD"): -100000,
    }  # fmt: skip
    assert queries.bank_line_of(match.payment) == line
    assert "USD\xa01,000.00 was paid; the bank credited EUR\xa0910.00" in match.why
    books_are_well()


@pytest.mark.parametrize(("got", "lost"), [("995.00", 500), ("1004.00", -400)])
def test_what_a_bank_keeps_or_gains_in_one_currency_is_the_difference(got, lost):
    invoice = make_invoice(total=100000)
    payment = by_hand(invoice, 100000)
    match = actions.book_exchanged(one_line(got, "Kapok"), payment)
    assert standing() == {
        (Account.BANK, "EUR"): 100000 - lost, (Account.EXCHANGE, "EUR"): lost,
        (Account.INCOME, "EUR"): -100000,
    }  # fmt: skip
    assert (queries.balance(invoice).minor, match.payment_id) == (0, payment.id)
    books_are_well()


def test_undone_the_difference_is_none_and_the_line_is_to_do_again():
    invoice = make_invoice(total=100000, currency="USD")
    line = one_line("910.00", "Kapok")
    match = actions.pay_from_abroad(line, invoice, Money(100000, "USD"), make_person())
    actions.undo(match, "Another firm's")
    assert standing() == {(Account.BANK, "USD"): 100000, (Account.INCOME, "USD"): -100000}
    assert queries.bank_counts()["todo"] == 1
    books_are_well()
    actions.book_exchanged(line, match.payment)
    assert standing()[Account.BANK, "EUR"] == 91000
    books_are_well()


def test_yen_and_dinars_need_no_hundredths():
    invoice = make_invoice(total=120000, currency="JPY")
    line = imported(mt940(("73.405", "Kapok"), currency="KWD"))[0]
    actions.pay_from_abroad(line, invoice, Money(120000, "JPY"), make_person())
    assert standing()[Account.BANK, "KWD"] == 73405
    assert standing()[Account.EXCHANGE, "JPY"] == 120000
    books_are_well()


def test_booked_for_the_wrong_firm_the_payment_and_its_difference_go():
    invoice = make_invoice(total=100000, currency="USD")
    line = one_line("910.00", "Kapok")
    payment = actions.pay_from_abroad(
        line, invoice, Money(100000, "USD"), make_person()
    ).payment  # fmt: skip
    with pytest.raises(Refused, match="undo the match"):
        actions.reverse(payment, Reversing(ReversalKind.RETURNED, "x", DAY))
    actions.reverse(payment, Reversing(ReversalKind.OTHER_FIRM, "x", DAY))
    assert queries.balance(invoice).minor == 100000
    assert {account for account, _currency in standing()} == {Account.RECEIVABLE, Account.INCOME}
    books_are_well()


def test_no_difference_a_far_one_or_what_is_no_money_by_hand_is_refused():
    invoice = make_invoice(total=100000)
    same, far, near = imported(mt940(("1000.00", "A"), ("890.00", "A"), ("990.00", "A")))
    payment = by_hand(invoice, 100000)
    with pytest.raises(Refused, match="no difference"):
        actions.book_exchanged(same, payment)
    with pytest.raises(Refused, match="other money"):
        actions.book_exchanged(far, payment)
    withheld = by_hand(make_invoice(total=100000), 100000, method=PaymentMethod.WITHHOLDING)
    with pytest.raises(Refused, match="other money"):
        actions.book_exchanged(near, withheld)
    kept = actions.book(same, [], Ground.HAND, "").payment
    with pytest.raises(Refused, match="not entered by hand"):
        actions.book_exchanged(near, kept)
    with pytest.raises(Refused, match="in the currency of the line"):
        actions.pay_from_abroad(near, invoice, Money(99000, "EUR"), make_person())


def test_a_difference_that_is_not_that_of_the_line_is_found_by_the_proof():
    match = actions.book_exchanged(
        one_line("995.00", "Kapok"), by_hand(make_invoice(total=100000), 100000)
    )  # fmt: skip
    match.line_id = one_line("994.00", "Kapok").id
    db.session.flush()
    db.session.expire(match)
    assert any(f"Exchange of bank match {match.id}" in one for one in queries.ledger_faults())


def test_staff_let_a_line_pay_an_invoice_in_another_currency(browser, finance):
    invoice = make_invoice(total=100000, currency="USD")
    line = one_line("910.00", "Kapok")
    assert "another currency or amount" in browser.get(LINE(line.id))
    page = f"{LINE(line.id)}/exchange"
    for facts, words in (
        ({}, "Enter the number"), ({"number": "X", "amount": "1"}, "No invoice has"),
        ({"number": invoice.number, "amount": "x"}, "in figures"),
        ({"number": invoice.number, "amount": "-1"}, "above zero"),
    ):  # fmt: skip
        assert words in browser.post(page, page=page, status=200, **facts).text
    facts = {"number": invoice.number, "amount": "1,000.00"}
    browser.post(page, page=page, **facts)
    assert "USD\xa01,000.00 was paid" in browser.get(LINE(line.id))
    assert "Somebody dealt" in browser.post(page, page=page, status=200, **facts).text
    assert db.session.query(Payment).count() == 1
    assert "Exchange differences" in browser.get("/staff/dues/reports/balances")
    books_are_well()


def test_staff_say_that_a_payment_by_hand_was_credited_as_less(browser, finance):
    payment = by_hand(make_invoice(total=100000), 100000)
    line = one_line("995.00", "Kapok")
    page = f"{LINE(line.id)}/exchange"
    assert "It is this payment" in browser.get(page)
    browser.post(page, page=page, payment=payment.id)
    assert queries.bank_line_of(payment) == line
    answer = browser.send("POST", page, data={"csrf_token": browser.token, "payment": payment.id})
    assert answer.status_code == 409
    books_are_well()
