"""Money booked twice or for the wrong firm, and money that the bank took back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from portal.association.models import Association
from portal.core.access import Role
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions, queries
from portal.dues.actions import Arrival, Reversing
from portal.dues.matching import Ground
from portal.dues.models import (
    Account,
    Approval,
    Payment,
    PaymentMethod,
    Posting,
    Reversal,
    ReversalKind,
)
from portal.dues.queries.tax import tax_by_month
from tests.dues.books import make_invoice
from tests.dues.statements import DAY, imported, moved, mt940
from tests.make import business_day, make_firm, make_person

K = ReversalKind
LINE = "/staff/dues/bank/lines/{}".format
PAGE = "/staff/dues/payments/{}/reverse".format


@pytest.fixture
def finance(browser):
    return browser.sign_in(make_person(Role.FINANCE))


def one_line(*facts, **more):
    return imported(mt940(moved(*facts, **more)))[0]


def by_hand(invoice, method=PaymentMethod.BANK, minor=12100, on=DAY):
    by = make_person(Role.FINANCE)
    payment = actions.record_transfer(invoice, Money(minor, "EUR"), on, "", method, by)
    db.session.commit()
    return payment


def make_claim(firm=None):
    return make_invoice(firm, total=10000, tax_percent="21", due_in=-40)


def reverse(payment, kind=K.TWICE, on=DAY, **more):
    made = actions.reverse(payment, Reversing(kind, "So", on, **more))
    db.session.commit()
    return made


def balance_of(account):
    total = func.coalesce(func.sum(Posting.minor), 0)
    return db.session.scalar(select(total).where(Posting.account == account))


def books_are_well():
    db.session.commit()
    assert list(queries.ledger_faults()) == []
    for currency, minor in db.session.execute(
        select(Posting.currency, func.sum(Posting.minor)).group_by(Posting.currency)
    ):
        assert minor == 0, currency


METHODS = {K.TWICE: PaymentMethod.CASH, K.OTHER_FIRM: PaymentMethod.CHEQUE,
           K.RETURNED: PaymentMethod.BANK, K.BOUNCED: PaymentMethod.CHEQUE}  # fmt: skip


@pytest.mark.parametrize("kind", K)
def test_reversed_it_is_owed_again_as_old_as_it_was_and_tax_stays_as_claimed(kind):
    invoice = make_claim()
    aged, tax = queries.aged_debt(DAY), tax_by_month(DAY - timedelta(365), DAY)
    payment = by_hand(invoice, METHODS[kind])
    assert (queries.balance(invoice).minor, queries.aged_debt(DAY)) == (0, [])
    made = reverse(payment, kind)
    assert (made.payment_id, queries.balance(invoice).minor) == (payment.id, 12100)
    assert queries.aged_debt(DAY) == aged
    assert tax_by_month(DAY - timedelta(365), DAY) == tax
    assert balance_of(Account.TAX_PAYABLE) == -2100
    assert (balance_of(Account.BANK), balance_of(Account.UNALLOCATED)) == (0, 0)
    assert queries.face(invoice) == "Overdue by 40 days, nothing paid yet"
    books_are_well()


def test_the_new_posting_points_at_the_one_it_takes_back():
    payment = by_hand(make_claim())
    made = reverse(payment)
    (came,) = db.session.scalars(
        select(Posting).filter_by(journal=f"payment:{payment.id}", account=Account.BANK)
    )
    (went,) = db.session.scalars(
        select(Posting).filter_by(journal=f"reversal:{made.id}", account=Account.BANK)
    )
    assert (went.minor, went.reverses_id) == (-came.minor, came.id)
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text("UPDATE reversals SET reason = 'x'"))


def test_what_pays_several_invoices_and_credit_goes_whole():
    firm = make_firm()
    one, two = make_claim(firm), make_claim(firm)
    payment = by_hand(one, minor=30000)
    actions.allocate(payment, two, Money(12100, "EUR"))
    reverse(payment)
    assert [queries.balance(each).minor for each in (one, two)] == [12100, 12100]
    assert queries.unallocated_of(payment) == 0
    books_are_well()


def test_a_line_booked_for_the_wrong_firm_is_matched_again_for_the_right_one():
    wrong, right = make_claim(), make_claim()
    line = one_line("121.00", "A", "?")
    first = actions.book(line, [(wrong, 12100)], Ground.HAND, "").payment
    reverse(first, K.OTHER_FIRM)
    assert queries.bank_counts()["todo"] == 1
    assert queries.payment_of(line) is None
    second = actions.book(line, [(right, 12000)], Ground.HAND, "").payment
    assert (second.organization_id, second.id != first.id) == (right.organization_id, True)
    assert queries.bank_line_of(second) == line
    assert (queries.balance(wrong).minor, queries.balance(right).minor) == (12100, 100)
    assert balance_of(Account.BANK) == 12100
    with pytest.raises(Refused, match="Somebody dealt"):
        actions.book(line, [], Ground.HAND, "")
    books_are_well()


def test_entered_by_hand_and_booked_from_the_statement_too_one_of_them_goes():
    invoice = make_claim()
    payment, line = by_hand(invoice), one_line("121.00", "A", "?")
    twin = actions.book(line, [], Ground.HAND, "").payment
    reverse(twin)
    actions.book_payment(line, payment, Ground.HAND, "By hand")
    assert queries.bank_line_of(payment) == line
    assert balance_of(Account.BANK) == 12100
    books_are_well()


def test_what_was_no_money_is_recognised_on_no_line_and_warned_of_no_more():
    invoice = make_claim()
    payment = by_hand(invoice)
    reverse(payment)
    line = one_line("121.00", "A", invoice.reference)
    assert queries.proposals([line])[line.id].payment_id is None
    assert queries.same_money(invoice, Money(12100, "EUR"), DAY, PaymentMethod.BANK) is None
    assert db.session.scalars(queries.payments_without_line()).all() == []
    with pytest.raises(Refused, match="no money that came"):
        actions.book_payment(line, payment, Ground.HAND, "")


def test_a_bounced_cheque_has_a_line_that_came_and_one_that_left(browser, finance, sent):
    firm = make_firm(name="Kapok Voice Ltd", billing_email="ap@firm.example")
    invoice = make_invoice(firm, total=12100, email="ap@firm.example")
    came = one_line("121.00", "KAPOK VOICE", "cheque")
    payment = actions.book(came, [(invoice, 12100)], Ground.HAND, "").payment
    db.session.commit()
    left = one_line("-121.00", "Bank", "RETURNED UNPAID", day=DAY + timedelta(days=1))
    page = browser.get(LINE(left.id))
    assert "it came back" in page
    url = f"{PAGE(payment.id)}?line={left.id}"
    assert "is matched with it" in browser.get(url)
    sent()
    browser.post(url, page=url, kind="bounced", on=str(DAY), reason="No cover")
    assert queries.balance(invoice).minor == 12100
    assert queries.bank_counts() == {"todo": 0, "matched": 2, "aside": 0, "left": 0}
    assert queries.match_of(payment).line == came
    mail = next(one for one in sent() if "came back" in one["Subject"])
    assert mail["To"] == "ap@firm.example"
    assert "The cheque of EUR\xa0121.00" in mail.get_body(("plain",)).get_content()
    assert "The payment that went back" in browser.get(LINE(left.id))
    shown = browser.get(f"/staff/dues/payments/{payment.id}")
    assert "The cheque bounced: “No cover”." in shown
    assert LINE(left.id) in shown
    assert "Reverse it" not in shown
    books_are_well()


def test_a_line_that_comes_after_the_reversal_is_taken_with_one_press_and_undone(browser, finance):
    payment = by_hand(make_claim())
    made = reverse(payment, K.RETURNED)
    other, left = imported(mt940(("-120.00", "Bank"), ("-121.00", "Bank")))
    page = LINE(left.id)
    assert "It is this one" in browser.get(page)
    browser.post(f"{page}/book", page=page, reversal="x", status=404)
    browser.post(f"{page}/book", page=page, reversal=made.id)
    books_are_well()
    with pytest.raises(Refused, match="other money"):
        actions.book_reversal(other, made)
    assert "waits for its bank line again" in browser.get(f"{page}/undo")
    browser.post(f"{page}/undo", page=f"{page}/undo", reason="Another one")
    assert queries.bank_counts()["left"] == 2
    books_are_well()


def test_a_line_shows_no_reversal_of_what_was_no_money_and_none_twice():
    one, two = (one_line("-121.00", f"B{n}") for n in range(2))
    with pytest.raises(Refused, match="No money left"):
        actions.book_reversal(one, reverse(by_hand(make_claim())))
    made = reverse(by_hand(make_claim()), K.RETURNED)
    actions.book_reversal(one, made)
    with pytest.raises(Refused, match="its bank line already"):
        actions.book_reversal(two, made)


@pytest.mark.parametrize(
    ("kind", "method", "on", "words"),
    [
        (K.RETURNED, PaymentMethod.CASH, DAY, "transfer or a cheque"),
        (K.BOUNCED, PaymentMethod.WITHHOLDING, DAY, "transfer or a cheque"),
        (K.TWICE, PaymentMethod.BANK, date(2099, 1, 1), "has not come"),
        (K.TWICE, PaymentMethod.BANK, DAY - timedelta(days=1), "before it was received"),
    ],
)
def test_what_cannot_be_so_is_refused_in_words(kind, method, on, words):
    with pytest.raises(Refused, match=words):
        reverse(by_hand(make_claim(), method), kind, on)


def test_twice_or_of_a_part_or_of_a_card_is_refused():
    payment = by_hand(make_claim())
    reverse(payment)
    with pytest.raises(Refused, match="reversed already"):
        reverse(payment)
    part = by_hand(make_claim(), minor=13000)
    by = make_person(Role.FINANCE)
    actions.request_refund(part, Money(900, "EUR"), actions.Sending("Too much", by=by))
    with pytest.raises(Refused, match="not whole"):
        reverse(part)
    card = Arrival(Money(1, "EUR"), DAY, None, PaymentMethod.CARD, "pi_1")
    with pytest.raises(Refused, match="card processor took"):
        reverse(actions.receive(card, []))


def test_withheld_tax_booked_twice_leaves_the_account_it_came_to():
    reverse(by_hand(make_claim(), PaymentMethod.WITHHOLDING))
    assert balance_of(Account.WITHHELD) == 0
    books_are_well()


def test_nothing_is_reversed_on_a_day_of_closed_books():
    payment = by_hand(make_claim())
    actions.close_books(DAY, "The year is done")
    db.session.commit()
    with pytest.raises(Refused, match="books are closed"):
        reverse(payment)
    db.session.rollback()
    reverse(payment, on=business_day())


def test_staff_reverse_once_and_what_is_wrong_is_said_at_the_field(browser, finance):
    payment = by_hand(make_claim())
    page = PAGE(payment.id)
    assert "Reverse it" in browser.get(f"/staff/dues/payments/{payment.id}")
    wrong = browser.post(page, page=page, status=200, kind="twice", on="", reason="").text
    assert "Enter the day" in wrong
    assert "Say why" in wrong
    facts = {"kind": "twice", "on": str(DAY), "reason": "Also from the statement"}
    browser.post(page, page=page, **facts)
    assert "reversed already" in browser.post(page, page=page, status=200, **facts).text
    assert db.session.query(Reversal).count() == 1


def test_above_the_limit_a_second_person_reverses_it(browser, another_browser, finance):
    db.session.get(Association, 1).approval_above_minor = 10000
    other = make_person(Role.FINANCE)
    invoice = make_claim()
    payment, left = by_hand(invoice), one_line("-121.00", "Bank")
    url = f"{PAGE(payment.id)}?line={left.id}"
    facts = {"kind": "returned", "on": str(DAY), "reason": "Account closed"}
    browser.post(url, page=url, **facts)
    assert (queries.balance(invoice).minor, db.session.query(Reversal).count()) == (0, 0)
    assert "is proposed already" in browser.post(url, page=url, status=200, **facts).text
    (asked,) = db.session.scalars(select(Approval))
    page = f"/staff/dues/approvals/{asked.id}"
    another_browser.sign_in(other)
    assert "The transfer was returned" in another_browser.get(page)
    another_browser.post(f"{page}/approve", page=page)
    assert queries.balance(invoice).minor == 12100
    assert queries.live_matches([left.id])[left.id].reversal.payment_id == payment.id
    books_are_well()


def test_a_payment_that_stays_half_in_the_books_is_found():
    payment = by_hand(make_claim())
    db.session.add(
        Reversal(payment_id=payment.id, kind=K.TWICE, reason="x", reversed_on=DAY,
                 made_at=payment.booked_at)
    )  # fmt: skip
    db.session.flush()
    assert any(f"Payment {payment.id}, reversed" in one for one in queries.ledger_faults())
    assert db.session.query(Payment).count() == 1
