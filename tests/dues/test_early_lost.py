"""What was off for paying early is owed again once that money is gone, whichever way it went."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core import clock, documents
from portal.core.db import db
from portal.core.money import Money
from portal.core.receipts import Receipt
from portal.core.stripe_gateway import DisputeReceipt, RefundReceipt
from portal.dues import actions, papers, queries
from portal.dues.actions import Reversing
from portal.dues.actions.credits import claim_again
from portal.dues.languages import WORDS
from portal.dues.matching import Ground
from portal.dues.models import (
    AttemptStatus,
    BankLine,
    CreditNote,
    CreditReason,
    Payment,
    PaymentAttempt,
    PaymentMethod,
    ReversalKind,
)
from portal.dues.queries import reports
from portal.dues.queries.tax import tax_by_month
from tests.dues.kept import mails
from tests.dues.statements import camt, moved
from tests.dues.test_early import DAY, offered, pay, state
from tests.make import make_firm, make_person

LESS, OFF, ALL = 114950, 6050, 121000
PAST = DAY + timedelta(days=15)


@pytest.fixture
def invoice(on):
    on(DAY)
    return offered()


def by_card(invoice, minor=LESS):
    """The card payment of a page that asked for so much."""
    made = PaymentAttempt(
        invoice=invoice, n=1, currency="EUR", amount_minor=minor, back="/", key="inv-1-att-1",
        made_at=clock.now(), session_id="cs_1", status=AttemptStatus.OPEN,
        expires_at=clock.now() + timedelta(hours=2),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    told = Receipt(
        session_id="cs_1", attempt_id=made.id, money=made.money, status="complete", is_paid=True,
        has_failed=False, payment_intent="pi_1",
    )  # fmt: skip
    actions.settle(told)
    db.session.commit()
    return db.session.scalars(select(Payment)).one()


def decide(status, minor=LESS):
    told = DisputeReceipt(
        dispute_id="dp_1", payment_intent="pi_1", money=Money(minor, "EUR"), status=status,
        reason="fraudulent", evidence_due=None, opened=int(clock.now().timestamp()),
    )  # fmt: skip
    for _twice in range(2):
        actions.apply_dispute(told)
        db.session.commit()


def send_back(minor):
    money = Money(minor, "EUR")
    actions.apply_refund(RefundReceipt("re_1", 0, "pi_1", money, "succeeded", ""))
    db.session.commit()


def codes(invoice):
    return [one.code.value.removeprefix("early_") for one in queries.credit_notes_of(invoice)]


def books_are_well():
    return list(queries.ledger_faults()) == []


@pytest.mark.parametrize("kind", ReversalKind)
def test_a_payment_that_is_reversed_takes_it_along(on, invoice, kind):
    method = PaymentMethod.CHEQUE if kind is ReversalKind.BOUNCED else PaymentMethod.BANK
    payment = pay(invoice, LESS, method=method)
    assert state(invoice)[1:] == (0, OFF)
    on(PAST)
    actions.reverse(payment, Reversing(kind, "So it was", PAST))
    db.session.commit()
    assert state(invoice) == ("open", ALL, 0)
    given, lost = queries.credit_notes_of(invoice)
    assert (lost.code, lost.total_minor) == (CreditReason.EARLY_LOST, -given.total_minor)
    assert (lost.net_minor, lost.tax_minor, lost.sequence) == (-5000, -1050, given.sequence + 1)
    assert books_are_well()


def test_a_refund_at_the_card_processor_takes_it_along(invoice):
    by_card(invoice)
    assert state(invoice)[1:] == (0, OFF)
    send_back(100)
    assert state(invoice)[1:] == (OFF + 100, 0)
    assert books_are_well()


def test_what_was_paid_beyond_it_may_go_back(invoice):
    by_card(invoice, ALL)
    send_back(OFF)
    assert state(invoice)[1:] == (0, OFF)
    assert (codes(invoice), books_are_well()) == (["payment"], True)


def test_a_dispute_takes_it_when_it_is_lost_and_gives_it_again_when_it_is_won(invoice):
    by_card(invoice)
    decide("open")
    assert state(invoice)[:2] == ("disputed", 0)
    decide("lost")
    assert state(invoice)[1:] == (ALL, 0)
    assert books_are_well()
    decide("won")
    assert state(invoice)[1:] == (0, OFF)
    assert (codes(invoice), books_are_well()) == (["payment", "lost", "payment"], True)


def test_a_dispute_that_is_won_at_once_leaves_it(invoice):
    by_card(invoice)
    decide("open")
    decide("won")
    assert (state(invoice)[1:], codes(invoice)) == ((0, OFF), ["payment"])


def test_won_at_last_it_pays_nothing_that_it_did_not_pay_when_it_was_lost(on, invoice):
    payment = by_card(invoice)
    actions.free(payment, invoice, "Another firm's")
    on(PAST)
    decide("lost")
    decide("won")
    assert (state(invoice)[1:], queries.unallocated_of(payment)) == ((ALL, 0), LESS)
    assert books_are_well()


def test_a_wrong_match_takes_it_and_the_right_one_gives_it_again(on, invoice):
    payment = pay(invoice, LESS)
    on(PAST)
    actions.free(payment, invoice, "Another firm's")
    db.session.commit()
    assert state(invoice)[1:] == (ALL, 0)
    actions.allocate(payment, invoice, Money(LESS, "EUR"))
    assert state(invoice)[1:] == (0, OFF)
    assert (codes(invoice), books_are_well()) == (["payment", "lost", "payment"], True)


def test_a_bank_match_that_is_undone_takes_it(invoice):
    by = make_person("finance")
    row = moved("1149.50", "A payer", "dues", reference="B1", day=DAY)
    actions.import_file(actions.stage(camt(row), "statement.xml"), by)
    (line,) = db.session.scalars(select(BankLine))
    match = actions.book(line, [(invoice, LESS)], Ground.HAND, "They wrote", by)
    db.session.commit()
    assert state(invoice)[1:] == (0, OFF)
    actions.undo(match, "It was another's")
    db.session.commit()
    assert (state(invoice)[1:], books_are_well()) == ((ALL, 0), True)


def test_one_of_two_parts_that_goes_back_takes_all_of_it(invoice):
    first, _second = pay(invoice, 60000), pay(invoice, LESS - 60000)
    actions.reverse(first, Reversing(ReversalKind.TWICE, "Once", DAY))
    db.session.commit()
    assert state(invoice)[1:] == (ALL - (LESS - 60000), 0)
    pay(invoice, 60000)
    assert state(invoice)[1:] == (0, OFF)
    assert books_are_well()


def test_who_pays_again_after_the_day_pays_all(on, invoice):
    actions.reverse(pay(invoice, LESS), Reversing(ReversalKind.RETURNED, "Closed", DAY))
    db.session.commit()
    on(PAST)
    pay(invoice, LESS, PAST)
    assert state(invoice)[1:] == (OFF, 0)
    pay(invoice, OFF, PAST)
    assert (state(invoice)[1:], books_are_well()) == ((0, 0), True)


def test_a_correction_that_frees_old_money_leaves_it(on):
    on(DAY - timedelta(days=30))
    firm = make_firm()
    old = pay(offered(firm=firm), 300000, DAY - timedelta(days=30))
    on(DAY)
    invoice = offered(firm=firm)
    actions.allocate(old, invoice, Money(LESS, "EUR"))
    on(PAST)
    (line,) = invoice.lines
    actions.credit(invoice, "Band", CreditReason.PRICE_CORRECTION, {line.id: 10000})
    db.session.commit()
    assert (state(invoice)[1:], books_are_well()) == ((0, OFF + 12100), True)


def test_the_payer_is_told_with_a_way_to_pay(on, invoice):
    payment = pay(invoice, LESS)
    on(PAST)
    actions.free(payment, invoice, "Another firm's")
    db.session.commit()
    (sent,) = mails("dues/early_lost")
    assert sent.recipient == "finance@test.example"
    assert sent.subject == f"Invoice {invoice.number}: EUR 60.50 is owed again"
    assert "EUR 1,210.00 in all" in sent.text
    assert "/pay/" in sent.text
    assert "settles it still" not in sent.text


@pytest.mark.parametrize("language", WORDS)
def test_its_paper_says_in_each_language_what_is_claimed_again(on, language):
    on(DAY)
    invoice = offered(firm=make_firm(language=language))
    actions.free(pay(invoice, LESS), invoice, "Another firm's")
    paper = papers.of_note(queries.credit_notes_of(invoice)[-1])
    assert paper.facts["title"] == WORDS[language]["note_back"]
    assert invoice.number in paper.facts["takes_back"]
    assert documents.pdf(paper.template, paper.facts).startswith(b"%PDF")


def test_the_tax_return_and_the_income_come_out_as_if_it_had_never_been_given(invoice):
    def told():
        (months,) = reports.income_by_month(DAY.replace(day=1), 12).values()
        claimed, earned = sum(one.claimed for one in months), sum(one.earned for one in months)
        return tax_by_month(DAY, DAY), claimed, earned, months[-1].deferred

    before = told()
    actions.free(pay(invoice, LESS), invoice, "Another firm's")
    db.session.commit()
    assert told() == before


def test_the_page_of_the_invoice_lists_both_papers(browser, invoice):
    actions.free(pay(invoice, LESS), invoice, "Another firm's")
    db.session.commit()
    browser.sign_in(make_person("finance"))
    page = browser.get(f"/staff/dues/{invoice.id}")
    for note in queries.credit_notes_of(invoice):
        assert note.number in page
    assert "went back, or was another" in page


def test_who_takes_the_money_off_is_told_before_what_is_lost_with_it(browser, invoice):
    by = make_person("finance")
    row = moved("1149.50", "A payer", "dues", reference="B1", day=DAY)
    actions.import_file(actions.stage(camt(row), "statement.xml"), by)
    (line,) = db.session.scalars(select(BankLine))
    match = actions.book(line, [(invoice, LESS)], Ground.HAND, "They wrote", by)
    late = offered()
    pay(late, 100)
    browser.sign_in(by)
    lost = "60.50 was taken off"
    for url in (
        f"payments/{match.payment_id}/reverse", f"{invoice.id}/free/{match.payment_id}",
        f"bank/lines/{line.id}/undo",
    ):  # fmt: skip
        assert lost in browser.get(f"/staff/dues/{url}")
    (one,) = [one for one, _ in queries.payments_of(late)]
    assert lost not in browser.get(f"/staff/dues/payments/{one.id}/reverse")


def test_an_undone_match_is_not_offered_to_be_undone_again(browser, invoice):
    payment = pay(invoice, LESS)
    browser.sign_in(make_person("finance"))
    url = f"/staff/dues/{invoice.id}/free/{payment.id}"
    assert "will pay nothing on it" in browser.get(url)
    browser.post(url, reason="Another firm's")
    answer = browser.send("GET", url)
    assert f"It pays nothing on {invoice.number}" in browser.get(answer.location)


def test_a_ledger_in_which_it_stands_unearned_is_found_out(on, invoice):
    on(PAST)
    pay(invoice, LESS, PAST)
    (line,) = invoice.lines
    actions.credit(invoice, "By hand", CreditReason.EARLY_PAYMENT, {line.id: 5000})
    db.session.commit()
    assert [one for one in queries.ledger_faults() if "paid early" in one] == [
        f"Invoice {invoice.number}: 6050 is off for 0 paid early, of 114950 needed."
    ]


def test_a_ledger_in_which_more_was_lost_than_given_is_found_out(invoice):
    pay(invoice, LESS)
    note = db.session.scalars(select(CreditNote)).one()
    (line,) = note.lines
    for _twice in range(2):
        lines = {line.invoice_line_id: 5000}
        claim_again(invoice, "By hand", CreditReason.EARLY_LOST, lines)
    assert any("-6050 is off" in one for one in queries.ledger_faults())
