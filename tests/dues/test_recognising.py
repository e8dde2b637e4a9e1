"""Money that staff entered by hand and a bank statement shows later: recognised, booked once."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from portal.association.models import Association
from portal.core.access import Role
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions, queries
from portal.dues.matching import Came, Ground, Proposal
from portal.dues.models import BankMatch, Payment, PaymentMethod, Posting
from portal.dues.recognising import Entered, rather, recognise
from tests.dues.books import make_invoice
from tests.dues.statements import DAY, imported, moved, mt940
from tests.make import make_firm, make_person

NUMBER = "TH-2026-000001"


def entered(n=1, minor=10000, on=DAY, days=7, **facts):
    known = {
        "how": "transfer", "payer": "Kapok Voice Ltd", "organization_id": 7, "numbers": [NUMBER],
        "note": "",
    }  # fmt: skip
    return Entered(id=n, money=Money(minor, "EUR"), on=on, days=days, **known | facts)


def look(*those, name="", text="", numbers=(), holders=(), on=DAY):
    came = Came(Money(10000, "EUR"), name, numbers, holders)
    return recognise(came, on, text, those)


def test_what_names_the_same_invoice_is_certain():
    found = look(entered(), numbers=[NUMBER])
    assert (found.ground, found.payment_id) == (Ground.REFERENCE, 1)
    assert "transfer that was entered by hand" in found.why


def test_the_number_of_a_cheque_is_certain():
    cheque = entered(note="Cheque 004512", how="cheque", days=35)
    assert look(cheque, text="DEPOSIT CHQ 004512").ground is Ground.REFERENCE
    assert look(cheque, name="Bank", text="DEPOSIT CHQ 004513") is None


def test_a_number_beside_somebody_else_is_likely_and_a_day_is_no_number():
    noted = entered(note="Slip 4512771 of 20261105")
    assert look(noted, name="Oriole Ltd", text="CHQ 4512771").ground is Ground.KNOWN_HOLDER
    assert look(noted, name="Oriole Ltd", text="DUES VALUE 20261105") is None


def test_the_same_payer_is_likely_by_account_or_by_name():
    assert look(entered(), name="x", holders={7}).ground is Ground.KNOWN_HOLDER
    assert look(entered(), name="KAPOK VOICE").ground is Ground.KNOWN_HOLDER
    assert look(entered(), name="Rowan", holders={8}) is None


def test_a_line_that_names_another_invoice_is_other_money():
    assert look(entered(), name="Kapok Voice", numbers=["TH-2026-000002"]) is None


def test_a_line_of_nobody_is_possible_while_one_payment_alone_fits():
    assert look(entered()).words == "Possible"
    assert look(entered(), entered(2)) is None


@pytest.mark.parametrize(
    ("other", "days"),
    [(entered(minor=10001), 0), (entered(), 8), (entered(), -8), (entered(days=35), 36)],
)
def test_other_amounts_and_days_are_other_money(other, days):
    assert look(other, numbers=[NUMBER], on=DAY + timedelta(days=days)) is None


def test_the_nearest_day_is_taken():
    far, near = entered(1, on=DAY - timedelta(days=5)), entered(2, on=DAY - timedelta(days=1))
    assert look(far, near, numbers=[NUMBER]).payment_id == 2


def test_where_two_rules_are_certain_nothing_is_booked_alone():
    booked, pays = look(entered(), numbers=[NUMBER]), Proposal(Ground.REFERENCE, 100, "owed")
    both = rather(booked, pays)
    assert (both.payment_id, both.ground) == (1, Ground.KNOWN_HOLDER)
    assert "second payment" in both.why
    assert rather(booked, Proposal(None, 0, "")) is booked
    assert rather(None, pays) is pays
    assert rather(look(entered()), pays) is pays


def by_hand(invoice, minor=10000, on=DAY, method=PaymentMethod.BANK, note=""):
    by = make_person(Role.FINANCE)
    money = Money(minor, invoice.currency)
    payment = actions.record_transfer(invoice, money, on, note, method, by)
    db.session.commit()
    return payment


def one_line(*facts, **more):
    return imported(mt940(moved(*facts, **more)))[0]


def is_one_payment():
    assert db.session.query(Payment).count() == 1
    assert list(queries.ledger_faults()) == []


def test_a_transfer_entered_first_is_matched_at_import_without_a_second_posting():
    db.session.get(Association, 1).books_alone = True
    invoice = make_invoice(total=10000)
    payment = by_hand(invoice)
    before = db.session.query(Posting).count()
    line = one_line("100.00", "A", invoice.reference)
    match = queries.live_matches([line.id])[line.id]
    assert (match.payment_id, match.ground, match.was_by_hand) == (
        payment.id, Ground.REFERENCE, True,
    )  # fmt: skip
    assert db.session.query(Posting).count() == before
    assert queries.bank_line_of(payment) == line
    assert queries.balance(invoice).minor == 0
    is_one_payment()


def test_of_two_lines_one_is_the_payment_and_the_other_pays_the_rest():
    db.session.get(Association, 1).books_alone = True
    invoice = make_invoice(total=20000)
    payment = by_hand(invoice, 10000)
    one, two = imported(mt940(*[("100.00", "A", invoice.reference)] * 2))
    assert queries.live_matches([one.id, two.id]).keys() == {two.id}
    assert queries.proposals([one])[one.id].payment_id == payment.id
    assert actions.book_certain([one]) == 1
    assert queries.balance(invoice).minor == 0
    assert db.session.query(Payment).count() == 2
    assert list(queries.ledger_faults()) == []


def test_a_cheque_is_proposed_and_taken_with_one_press(browser):
    browser.sign_in(make_person(Role.FINANCE))
    firm = make_firm(name="Kapok Voice Ltd")
    invoice = make_invoice(firm, total=10000)
    payment = by_hand(invoice, on=DAY - timedelta(days=20), method=PaymentMethod.CHEQUE)
    line = one_line("100.00", "KAPOK VOICE", "paper")
    assert "booked already" in browser.get("/staff/dues/bank/")
    page = f"/staff/dues/bank/lines/{line.id}"
    assert "It is this payment" in browser.get(page)
    browser.post(f"{page}/book", page=page, payment=payment.id)
    assert "The payment that was entered by hand" in browser.get(page)
    assert "The bank line that shows it" in browser.get(f"/staff/dues/payments/{payment.id}")
    is_one_payment()


def test_a_payment_of_another_day_is_chosen_by_hand_and_a_strange_number_is_refused(browser):
    browser.sign_in(make_person(Role.FINANCE))
    payment = by_hand(make_invoice(total=10000), on=DAY - timedelta(days=60))
    line = one_line("100.00", "Somebody", "?")
    page = f"/staff/dues/bank/lines/{line.id}"
    assert queries.proposals([line])[line.id].payment_id is None
    browser.post(f"{page}/book", page=page, payment="x", status=404)
    browser.post(f"{page}/book", page=page, payment=payment.id)
    assert queries.live_matches([line.id])[line.id].ground is Ground.HAND
    is_one_payment()


def test_undone_the_payment_pays_on_and_the_line_is_to_do_again(browser):
    browser.sign_in(make_person(Role.FINANCE))
    invoice = make_invoice(total=10000)
    payment, line = by_hand(invoice), one_line("100.00", "A", invoice.reference)
    actions.book_payment(line, payment, Ground.HAND, "By hand")
    db.session.commit()
    page = f"/staff/dues/bank/lines/{line.id}/undo"
    assert "stays as it is" in browser.get(page)
    browser.post(page, page=page, reason="Another line")
    assert queries.balance(invoice).minor == 0
    assert queries.bank_counts()["todo"] == 1
    actions.book_payment(line, payment, Ground.HAND, "By hand")
    assert actions.unmatch(payment, invoice, "Another's") is False, "the line still shows it"
    assert queries.bank_counts()["matched"] == 1
    is_one_payment()


def test_only_one_line_shows_a_payment_and_only_one_that_fits():
    invoice = make_invoice(total=10000)
    payment = by_hand(invoice)
    other, first, second = imported(mt940(("99.00", "A"), ("100.00", "A"), ("100.00", "B")))
    with pytest.raises(Refused, match="other money"):
        actions.book_payment(other, payment, Ground.HAND, "")
    actions.book_payment(first, payment, Ground.HAND, "")
    with pytest.raises(Refused, match="its bank line already"):
        actions.book_payment(second, payment, Ground.HAND, "")
    kept = actions.book(second, [], Ground.HAND, "").payment
    actions.undo(queries.match_of(kept), "x")
    with pytest.raises(Refused, match="not entered by hand"):
        actions.book_payment(second, kept, Ground.HAND, "")
    third = by_hand(make_invoice(total=10000))
    with pytest.raises(Refused, match="payment of its own"):
        actions.book_payment(second, third, Ground.HAND, "")


def test_the_database_refuses_a_second_line_for_a_payment():
    payment = by_hand(make_invoice(total=10000))
    first, second = imported(mt940(("100.00", "A"), ("100.00", "B")))
    match = actions.book_payment(first, payment, Ground.HAND, "")
    db.session.add(
        BankMatch(line_id=second.id, payment_id=payment.id, why="", made_at=match.made_at)
    )
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_the_proof_names_a_match_of_other_money_and_money_that_came_twice():
    invoice = make_invoice(total=20000)
    payment = by_hand(invoice)
    line, small = imported(mt940(("100.00", "A"), ("99.00", "A")))
    match = actions.book_payment(line, payment, Ground.HAND, "")
    match.line_id = small.id
    db.session.flush()
    assert any("9900 on its bank line" in one for one in queries.ledger_faults())
    match.line_id = line.id
    arrival = actions.Arrival(line.money, DAY, external_id=line.external_ids[0])
    actions.receive(arrival, [])
    assert any("of one bank line" in one for one in queries.ledger_faults())


def enter(browser, invoice, status=303, **facts):
    page = f"/staff/dues/{invoice.id}/transfer"
    sent = {"amount": "100.00", "received_on": str(DAY), "method": "bank"} | facts
    return browser.post(page, page=page, status=status, **sent)


def test_entering_by_hand_what_a_statement_brought_is_warned_of(browser):
    browser.sign_in(make_person(Role.FINANCE))
    firm = make_firm()
    invoice, next_one = make_invoice(firm, total=10000), make_invoice(firm, total=10000)
    line = one_line("100.00", "A", invoice.reference)
    actions.book(line, [(invoice, 10000)], Ground.HAND, "")
    db.session.commit()
    warned = enter(browser, next_one, status=200, note="Their slip").text
    assert "booked already from the statement of" in warned
    assert "Their slip" in warned
    is_one_payment()
    enter(browser, next_one, is_other="y")
    assert db.session.query(Payment).count() == 2


def test_entering_by_hand_while_the_line_waits_sends_to_the_line(browser):
    browser.sign_in(make_person(Role.FINANCE))
    invoice = make_invoice(total=10000)
    line = one_line("100.00", "Somebody", "?")
    page = enter(browser, invoice, status=200).text
    assert f"/staff/dues/bank/lines/{line.id}" in page
    assert "waits to be matched" in page
    assert db.session.query(Payment).count() == 0


def test_entering_the_same_by_hand_twice_is_warned_of_and_other_days_are_not(browser):
    browser.sign_in(make_person(Role.FINANCE))
    invoice = make_invoice(total=30000)
    assert "other money" not in browser.get(f"/staff/dues/{invoice.id}/transfer")
    enter(browser, invoice)
    assert "was entered by hand for" in enter(browser, invoice, status=200).text
    enter(browser, invoice, received_on=str(DAY - timedelta(days=30)))
    enter(browser, make_invoice(total=10000))
    assert db.session.query(Payment).count() == 3
