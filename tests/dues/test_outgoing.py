"""Money that left: refunds are recognised, fees booked, the rest set aside by name."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.core.access import Role
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions, queries
from portal.dues.matching import Came, Ground
from portal.dues.models import Account, BankMatch, PaymentMethod, Posting, Purpose, Refund
from portal.dues.queries.outgoing import lines_of_refunds
from portal.dues.recognising import Entered, recognise_refund
from tests.dues.books import make_invoice
from tests.dues.statements import DAY, camt, imported, moved, mt940
from tests.make import make_firm, make_person

LINE = "/staff/dues/bank/lines/{}".format


@pytest.fixture
def finance(browser):
    return browser.sign_in(make_person(Role.FINANCE))


def one_line(*facts, **more):
    return imported(mt940(moved(*facts, **more)))[0]


def make_refund(minor=5000, firm=None, on=DAY, method=PaymentMethod.BANK):
    """Sent by the bank, of what a firm paid too much."""
    invoice = make_invoice(firm or make_firm(name="Kapok Voice Ltd"), total=10000)
    paid = Money(10000 + minor, "EUR")
    by = make_person(Role.FINANCE)
    payment = actions.record_transfer(invoice, paid, DAY - timedelta(days=9), by=by)
    sending = actions.Sending("Paid too much", method, on, by)
    refund = actions.request_refund(payment, Money(minor, "EUR"), sending)
    db.session.commit()
    return refund


def balance_of(account):
    total = func.coalesce(func.sum(Posting.minor), 0)
    return db.session.scalar(select(total).where(Posting.account == account))


def explain(line, purpose=Purpose.BANK_FEE, payee="The bank"):
    return actions.explain(line, actions.Explained(purpose, payee, "Monthly"))


def test_a_refund_is_known_by_what_it_names_by_its_payee_or_alone():
    sent = Entered(3, "transfer", Money(100, "EUR"), DAY, 7, "Kapok Voice Ltd", 7, ["A-1"], "")

    def look(name="", numbers=(), holders=(), days=0):
        left = Came(Money(100, "EUR"), name, numbers, holders)
        return recognise_refund(left, DAY + timedelta(days=days), "", [sent])

    assert (look(numbers=["A-1"]).ground, look(numbers=["A-1"]).refund_id) == (
        Ground.REFERENCE, 3,
    )  # fmt: skip
    assert look("KAPOK VOICE").ground is Ground.KNOWN_HOLDER
    assert look("x", holders={7}).ground is Ground.KNOWN_HOLDER
    assert look().words == "Possible"
    assert look("Printing House") is None
    assert look(numbers=["A-2"]) is None
    assert look(numbers=["A-1"], days=8) is None


def test_a_refund_that_names_its_invoice_is_matched_with_all_that_are_certain():
    refund = make_refund()
    number = queries.invoices_paid_by(refund.payment)[0][0].number
    line = one_line("-50.00", "Kapok", f"Paid too much on {number}")
    before = db.session.query(Posting).count()
    assert actions.book_certain([line]) == 1
    match = queries.live_matches([line.id])[line.id]
    assert (match.refund_id, match.organization_id) == (refund.id, refund.payment.organization_id)
    assert db.session.query(Posting).count() == before
    assert lines_of_refunds([refund.id]) == {refund.id: line}
    assert queries.bank_counts()["matched"] == 1
    assert list(queries.ledger_faults()) == []


def test_a_refund_is_proposed_and_taken_with_one_press(browser, finance):
    refund = make_refund()
    line = one_line("-50.00", "KAPOK VOICE", "back")
    assert "the refund of" in browser.get("/staff/dues/bank/?state=left")
    assert "It is this refund" in browser.get(LINE(line.id))
    browser.post(f"{LINE(line.id)}/book", page=LINE(line.id), refund=refund.id)
    assert "The refund, with its payment" in browser.get(LINE(line.id))
    assert LINE(line.id) in browser.get(f"/staff/dues/payments/{refund.payment_id}")
    page = f"{LINE(line.id)}/undo"
    assert "waits for its bank line again" in browser.get(page)
    browser.post(page, page=page, reason="Another one")
    assert queries.bank_counts()["left"] == 1
    assert refund.status.value == "succeeded"


def test_two_equal_lines_are_not_one_refund():
    make_refund()
    lines = imported(mt940(("-50.00", "KAPOK VOICE"), ("-50.00", "KAPOK VOICE")))
    found = queries.proposals(lines)
    assert [found[line.id].refund_id for line in lines].count(None) == 1


def test_only_the_line_that_fits_shows_a_refund_and_only_one():
    refund = make_refund()
    other, first, second = imported(mt940(("-49.00", "A"), ("-50.00", "B"), ("-50.00", "C")))
    with pytest.raises(Refused, match="other money"):
        actions.book_refund(other, refund, Ground.HAND, "")
    match = actions.book_refund(first, refund, Ground.HAND, "")
    with pytest.raises(Refused, match="its bank line already"):
        actions.book_refund(second, refund, Ground.HAND, "")
    match.line_id = other.id
    db.session.flush()
    assert any("4900 on its bank line" in one for one in queries.ledger_faults())


def test_a_refund_that_nobody_entered_leads_to_its_form(browser, finance):
    refund = make_refund()
    actions.record_transfer(
        make_invoice(refund.payment.organization, total=100), Money(7100, "EUR"), DAY, by=finance
    )
    db.session.commit()
    line = one_line("-70.00", "Kapok Voice", "back")
    assert "Is it a refund that nobody entered?" in browser.get(LINE(line.id))
    payment = max(one.payment_id for one in db.session.scalars(select(Posting)) if one.payment_id)
    form = browser.get(f"/staff/dues/payments/{payment}/refund?amount=70.00&sent_on={DAY}")
    assert 'value="70.00"' in form
    assert f'value="{DAY}"' in form


def test_a_fee_is_booked_as_a_cost_and_undone_by_reversal(browser, finance):
    line = one_line("-3.00", "Demo Bank", "fee")
    page = f"{LINE(line.id)}/explain"
    wrong = browser.post(page, page=page, status=200, payee="").text
    for words in ("Choose what it was for", "Enter who got it", "Say why"):
        assert words in wrong
    facts = {"purpose": "bank_fee", "payee": "Demo Bank", "reason": "Monthly"}
    browser.post(page, page=page, **facts)
    assert (balance_of(Account.FEES), balance_of(Account.BANK)) == (300, -300)
    assert queries.bank_counts()["matched"] == 1
    assert "Fee of the bank, booked" in browser.get(LINE(line.id))
    assert list(queries.ledger_faults()) == []
    page = f"{LINE(line.id)}/undo"
    assert "the booking is reversed" in browser.get(page)
    browser.post(page, page=page, reason="It was the rent")
    assert (balance_of(Account.FEES), balance_of(Account.BANK)) == (0, 0)
    assert queries.bank_counts()["left"] == 1
    assert list(queries.ledger_faults()) == []


def test_what_is_paid_to_others_is_set_aside_by_name_and_the_next_is_filled_in(browser, finance):
    line = one_line("-900.00", "Weavers", "rent")
    explain(line, Purpose.SUPPLIER, "Weavers’ Quay")
    db.session.commit()
    assert db.session.query(Posting).count() == 0
    assert queries.bank_counts()["aside"] == 1
    assert "Weavers’ Quay: Monthly" in browser.get("/staff/dues/bank/?state=aside")
    later = one_line("-910.00", "Weavers", "rent", day=DAY - timedelta(days=1))
    form = browser.get(f"{LINE(later.id)}/explain")
    assert "Filled in as for the last line" in form
    assert '<option selected value="supplier">' in form


def test_money_that_left_is_explained_once_and_money_that_came_is_not():
    came, left = imported(mt940(("3.00", "A"), ("-3.00", "B")))
    with pytest.raises(Refused, match="came in"):
        explain(came)
    with pytest.raises(Refused, match="what it was for"):
        actions.set_aside(left, "Costs")
    explain(left)
    with pytest.raises(Refused, match="already"):
        explain(left)


def test_the_proof_names_a_fee_that_is_not_booked_as_it_left():
    match = explain(one_line("-3.00", "Bank"))
    assert list(queries.ledger_faults()) == []
    match.purpose = Purpose.SUPPLIER
    db.session.flush()
    assert f"Fee of bank match {match.id}: 0 left, 300 booked." in list(queries.ledger_faults())


def test_a_fee_of_a_closed_month_is_booked_today(at):
    line = one_line("-3.00", "Bank", day=DAY)
    at(2026, 12, 20)
    actions.close_books(DAY - timedelta(days=1), "November")
    explain(line)
    assert db.session.scalar(select(func.max(Posting.on))) == DAY
    second = imported(camt(moved("-4.00", "Bank", "x", day=DAY - timedelta(days=2))))[0]
    match = explain(second)
    days = select(Posting.on).where(Posting.journal == f"bank-fee:{match.id}").distinct()
    assert [str(one) for one in db.session.scalars(days)] == ["2026-12-20"]


def test_the_books_do_not_close_over_money_that_left_unexplained(browser, at):
    refund = make_refund()
    at(2026, 12, 20)
    browser.sign_in(make_person(Role.FINANCE))
    line = one_line("-3.00", "Bank")
    with pytest.raises(Refused, match="money that left"):
        actions.close_books(DAY, "November")
    explain(line)
    actions.close_books(DAY, "November")
    page = browser.get("/staff/dues/bank/by-hand")
    assert "Money that came" in page
    assert refund.reason in page


def test_the_desk_counts_what_is_to_explain_and_others_may_not_look(browser, finance):
    one_line("-3.00", "Bank")
    assert "Money that left, to explain" in browser.get("/staff/")
    assert "Everything is on a statement" in browser.get("/staff/dues/bank/by-hand")
    browser.sign_in(make_person(Role.EDITOR))
    browser.get("/staff/dues/bank/by-hand", status=403)


def test_the_list_of_what_left_costs_the_same_with_many_lines(browser, finance, statements):
    def asked():
        statements.clear()
        browser.get("/staff/dues/bank/?state=left")
        return len(statements)

    make_refund()
    one_line("-50.00", "Kapok Voice")
    few = asked()
    make_refund(6000, make_firm(name="Rowan Contact"))
    imported(mt940(*[(f"-{n}.00", "Rowan Contact") for n in range(55, 64)]))
    assert asked() == few
    assert db.session.query(BankMatch).count() == 0
    assert db.session.query(Refund).count() == 2
