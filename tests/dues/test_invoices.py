from datetime import date

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions, queries, signals
from portal.dues.actions import LineDraft
from portal.dues.models import Account, PaymentMethod, Posting
from tests.dues.books import make_invoice
from tests.make import make_firm, make_person


@pytest.fixture
def settled():
    """The numbers of the invoices that were settled, in order."""
    numbers = []

    def note(invoice):
        numbers.append(invoice.number)

    with signals.invoice_settled.connected_to(note):
        yield numbers


def test_numbers_count_from_one_in_each_year(at):
    at(2026, 11, 22)
    assert [make_invoice().number for _ in range(2)] == ["TH-2026-000001", "TH-2026-000002"]
    at(2027, 1, 1)
    assert make_invoice().number == "TH-2027-000001"


def test_a_year_begins_at_the_associations_midnight(at):
    at(2026, 12, 31, 23, 30)  # half past midnight in Amsterdam
    assert make_invoice().number == "TH-2027-000001"


def test_an_invoice_that_is_not_issued_takes_no_number():
    make_invoice()
    with pytest.raises(ZeroDivisionError):
        make_invoice(tax_percent="1/0")
    db.session.rollback()
    assert make_invoice().number.endswith("000002")


def test_tax_is_reckoned_once_on_the_sum_of_the_lines():
    lines = [LineDraft("bands", f"Line {n}", 3335, "dues") for n in range(3)]
    invoice = make_invoice(lines=lines, tax_percent="21")
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (10005, 2101, 12106)


def test_the_journal_of_an_issue_sums_to_zero_by_income():
    lines = [LineDraft("bands", "Dues", 90758, "dues"), LineDraft("fee", "Fee", 25000, "entry")]
    make_invoice(lines=lines, tax_percent="21")
    booked = {(one.account, one.income): one.minor for one in db.session.scalars(select(Posting))}
    assert booked == {
        (Account.RECEIVABLE, None): 140067, (Account.INCOME, "dues"): -90758,
        (Account.INCOME, "entry"): -25000, (Account.TAX_PAYABLE, None): -24309,
    }  # fmt: skip


def test_an_invoice_of_nothing_is_settled_at_issue(settled):
    invoice = make_invoice(total=0)
    assert settled == [invoice.number]
    assert queries.face(invoice) == "Paid"


@pytest.mark.parametrize(
    "table",
    ["invoices", "invoice_lines", "payments", "postings", "credit_notes", "credit_note_lines"],
)
def test_what_was_issued_or_booked_can_never_be_changed(table):
    invoice = make_invoice()
    actions.record_transfer(invoice, Money(5, "EUR"), date(2026, 1, 1))
    actions.credit(invoice, "A duplicate")
    db.session.commit()
    for change in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text(change))
        db.session.rollback()


def test_a_transfer_in_parts_settles_once_and_too_much_is_kept_for_the_payer(settled):
    invoice = make_invoice(total=1000)
    first = actions.record_transfer(
        invoice, Money(400, "EUR"), date(2026, 1, 1), "statement 1", by=make_person()
    )
    assert queries.balance(invoice) == Money(600, "EUR")
    assert queries.face(invoice) == "Partly paid, EUR\xa04.00 paid so far"
    assert settled == []
    second = actions.record_transfer(
        invoice, Money(700, "EUR"), date(2026, 1, 2), by=make_person()
    )
    db.session.commit()
    assert settled == [invoice.number]
    assert not queries.balance(invoice)
    assert queries.payments_of(invoice) == [
        (first, Money(400, "EUR")), (second, Money(600, "EUR"))
    ]  # fmt: skip
    assert db.session.execute(queries.unallocated()).all() == [(second, 100)]
    assert list(queries.ledger_faults()) == []


@pytest.mark.parametrize("money", [Money(0, "EUR"), Money(-5, "EUR"), Money(100, "USD")])
def test_a_transfer_of_nothing_or_in_another_currency_is_refused(money):
    with pytest.raises(Refused, match="amount of EUR above zero"):
        actions.record_transfer(make_invoice(), money, date(2026, 1, 1))


def test_money_cannot_have_arrived_tomorrow(at):
    at(2026, 5, 1)
    with pytest.raises(Refused, match="not come"):
        actions.record_transfer(make_invoice(), Money(1, "EUR"), date(2026, 5, 2))


def test_G55_an_unpaid_claim_is_credited_whole():
    invoice = make_invoice(total=181600, tax_percent="21")
    note = actions.credit(invoice, "Unpaid drop")
    db.session.commit()
    assert (note.number[:7], note.total_minor) == ("TC-2026", 219736)
    assert queries.face(invoice) == "Taken back by a credit note"
    assert list(queries.ledger_faults()) == []


def test_G56_what_was_paid_on_a_credited_claim_is_the_payers_again(sent):
    invoice = make_invoice(total=181600, tax_percent="21")
    payment = actions.record_transfer(
        invoice, Money(50000, "EUR"), date(2026, 1, 1), by=make_person()
    )
    actions.credit(invoice, "Unpaid drop")
    db.session.commit()
    assert not queries.balance(invoice)
    assert db.session.execute(queries.unallocated()).all() == [(payment, 50000)]
    assert list(queries.ledger_faults()) == []
    receipt, credited = sent()
    assert "Receipt" in receipt["Subject"]
    assert "Unpaid drop" in credited.get_body("plain").get_content()
    assert credited.get_payload()[-1].get_filename().startswith("TC-2026")


def test_a_claim_is_credited_once():
    invoice = make_invoice()
    actions.credit(invoice, "A duplicate")
    with pytest.raises(Refused, match="nothing left"):
        actions.credit(invoice, "Again")


def test_late_money_on_a_credited_invoice_is_unallocated(settled):
    invoice = make_invoice(total=500)
    actions.credit(invoice, "A mistake")
    payment = actions.record_transfer(invoice, Money(500, "EUR"), date(2026, 1, 1))
    db.session.commit()
    assert db.session.execute(queries.unallocated()).all() == [(payment, 500)]
    assert settled == []


def test_the_invoice_is_mailed_as_a_pdf_with_its_pay_link(sent):
    invoice = make_invoice(total=241800)
    actions.mail_invoice(invoice, "finance@test.example")
    db.session.commit()
    (message,) = sent()
    body = message.get_body("plain").get_content()
    assert message["Subject"].endswith("EUR 2,418.00")
    assert f"/pay/{actions.pay_link(invoice).token}" in body
    assert invoice.reference in body
    assert message.get_payload()[-1].get_content().startswith(b"%PDF-")
    assert [one.mail.recipient for one in queries.mails_of(invoice)] == ["finance@test.example"]


def test_the_record_names_the_invoice_and_its_number():
    invoice = make_invoice()
    event = db.session.scalars(select(AuditEvent).filter_by(verb="invoice.issued")).one()
    assert event.subject == f"invoice:{invoice.id}"
    assert event.details["number"] == invoice.number


def test_faces_follow_the_calendar_and_the_ledger(at):
    at(2026, 3, 1)
    invoice = make_invoice(total=1000, due_in=10)
    assert queries.face(invoice) == "Open, nothing paid yet"
    at(2026, 3, 11)
    assert queries.face(invoice) == "Open, nothing paid yet"
    at(2026, 3, 12)
    assert queries.face(invoice) == "Overdue by 1 day, nothing paid yet"


def test_ageing_counts_what_is_owed_by_days_overdue(at):
    at(2026, 6, 1)
    for due_in, total in ((5, 100), (-1, 200), (-30, 300), (-31, 400), (-120, 500)):
        make_invoice(total=total, due_in=due_in)
    paid = make_invoice(total=900, due_in=-50)
    actions.record_transfer(paid, Money(900, "EUR"), date(2026, 6, 1))
    found = [(one.name, one.count, one.minor) for one in queries.ageing(date(2026, 6, 1))]
    assert found == [
        ("not yet due", 1, 100), ("1 to 30 days", 2, 500), ("31 to 60 days", 1, 400),
        ("over 90 days", 1, 500),
    ]  # fmt: skip


def test_lists_filter_by_state_kind_and_words():
    firm = make_firm(name="Kapok Advisory")
    overdue = make_invoice(firm, due_in=-3)
    paid = make_invoice(total=5)
    actions.record_transfer(paid, Money(5, "EUR"), date(2026, 1, 1))
    credited = make_invoice()
    actions.credit(credited, "A mistake")
    db.session.commit()

    def listed(**filters):
        return set(db.session.scalars(queries.invoices(**filters)).unique())

    assert listed() == {overdue, paid, credited}
    assert listed(state="open") == listed(state="overdue") == {overdue}
    assert listed(state="paid") == {paid}
    assert listed(state="credited") == {credited}
    assert listed(text="kapok") == {overdue}
    assert listed(text=overdue.reference[:4] + " " + overdue.reference[4:]) == {overdue}
    assert listed(kind="event") == set()
    assert listed(organization_id=firm.id) == {overdue}
    (total,) = queries.totals(state="open")
    assert (total.count, total.owed) == (1, Money(241800, "EUR"))
    for state in ("", "open", "overdue", "held", "paid", "credited", "written_off", "void"):
        counted = sum(one.count for one in queries.totals(state=state))
        assert counted == len(listed(state=state)), state
    (total,) = queries.totals()
    assert (total.count, total.owed) == (3, Money(241800, "EUR"))


def test_a_ledger_that_was_tampered_with_is_found():
    invoice = make_invoice(total=1000, tax_percent="21")
    payment = actions.record_transfer(invoice, Money(500, "EUR"), date(2026, 1, 1))
    db.session.commit()
    extra = {"on": date(2026, 1, 1), "currency": "EUR", "minor": 7}
    db.session.add(Posting(journal="odd:1", account=Account.BANK, payment=payment, **extra))
    db.session.execute(text("UPDATE number_series SET last = 9"))
    db.session.commit()
    faults = list(queries.ledger_faults())
    assert "Journal odd:1 is off by 7 minor units of EUR." in faults
    assert f"Payment {payment.id}: 500 received, 507 booked, 500 placed." in faults
    assert f"Series TH-{invoice.year}: 1 numbers, 1 to 1, 9 taken." in faults


def test_G47_withheld_tax_pays_with_its_certificate():
    invoice = make_invoice(total=75_000_000, tax_percent="18", currency="INR")
    assert invoice.total_minor == 88_500_000
    cash = Money(81_000_000, "INR")
    actions.record_transfer(invoice, cash, date(2026, 5, 1), "NEFT", by=make_person())
    db.session.commit()
    assert queries.balance(invoice) == Money(7_500_000, "INR")
    method = PaymentMethod.WITHHOLDING
    certificate = Money(7_500_000, "INR")
    actions.record_transfer(
        invoice, certificate, date(2026, 5, 2), "Form 16A", method=method, by=make_person()
    )
    db.session.commit()
    assert not queries.balance(invoice)
    assert list(queries.ledger_faults()) == []
    held = select(func.sum(Posting.minor)).where(Posting.account == Account.WITHHELD)
    assert db.session.scalar(held) == 7_500_000


def test_lines_of_two_tax_rates_are_taxed_once_for_each_rate():
    lines = [
        LineDraft("bands", "Dues", 3335, "dues"), LineDraft("bands", "Dues", 3335, "dues"),
        LineDraft("levy", "Levy", 3335, "other"),
        LineDraft("donation", "Gift", 5000, "gift", tax_percent="0"),
    ]  # fmt: skip
    invoice = make_invoice(lines=lines, tax_percent="21")
    assert (invoice.net_minor, invoice.tax_minor) == (15005, 2101)
    assert list(queries.ledger_faults()) == []


def test_what_is_left_of_a_payment_pays_another_invoice_and_can_be_taken_back(settled):
    firm = make_firm()
    first, second = make_invoice(firm, total=1000), make_invoice(firm, total=500)
    payment = actions.record_transfer(
        first, Money(1300, "EUR"), date(2026, 1, 1), by=make_person()
    )
    actions.allocate(payment, second, Money(300, "EUR"))
    assert (queries.balance(second).minor, queries.unallocated_of(payment)) == (200, 0)
    with pytest.raises(Refused, match=r"Only EUR\s0.00 is left"):
        actions.allocate(payment, second, Money(200, "EUR"))
    actions.free(payment, first, "It was for somebody else")
    assert (queries.balance(first).minor, queries.unallocated_of(payment)) == (1000, 1000)
    with pytest.raises(Refused, match="pays nothing"):
        actions.free(payment, first, "Twice")
    actions.allocate(payment, second, Money(200, "EUR"))
    db.session.commit()
    assert settled == [first.number, second.number]
    assert list(queries.ledger_faults()) == []


def test_one_payment_pays_several_invoices_and_never_more_than_is_owed():
    firm = make_firm()
    bills = [make_invoice(firm, total=1000), make_invoice(firm, total=500)]
    arrived = actions.Arrival(Money(1600, "EUR"), date(2026, 1, 1), firm.id, by=make_person())
    for shares, words in (((1001, 1), "is owed on"), ((1000, 601), "more than"), ((0, 1), "owed")):
        with pytest.raises(Refused, match=words):
            actions.receive(arrived, list(zip(bills, shares, strict=True)))
        db.session.rollback()
    payment = actions.receive(arrived, [(bills[0], 1000), (bills[1], 500)])
    db.session.commit()
    assert queries.unallocated_of(payment) == 100
    assert not any(queries.balances(bill.id for bill in bills).values())
    dollars = make_invoice(firm, currency="USD")
    with pytest.raises(Refused, match="is in USD"):
        actions.allocate(payment, dollars, Money(1, "EUR"))
    db.session.rollback()
    assert list(queries.ledger_faults()) == []
