"""Write-offs, holds, plans by instalments, the faces, closing the books, and the proofs."""

import itertools
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions, queries
from portal.dues.faces import Face, Sums, face_of
from portal.dues.instalments import instalments
from portal.dues.models import Account, Payment, Posting
from portal.members.models import Decision
from tests.dues.books import make_invoice
from tests.dues.statements import imported, moved, mt940
from tests.make import business_day, make_contact, make_firm, make_member, make_person, save

DUE, BEFORE, AFTER = date(2026, 6, 10), date(2026, 6, 10), date(2026, 6, 11)


def pay(invoice, minor, on=None, **facts):
    money, signed = Money(minor, invoice.currency), make_person("finance")
    return actions.record_transfer(invoice, money, on or invoice.issued_on, by=signed, **facts)


def decided(title="Written off in June"):
    return save(Decision(body="board", decided_on=date(2026, 5, 1), title=title, text="So be it."))


def face(invoice):
    return queries.bill(invoice).face.value


def bad_debt():
    rows = {one.account: one.minor for one in queries.trial_balance(date(2099, 1, 1))}
    return rows.get(Account.BAD_DEBT, 0)


def books_are_well():
    db.session.commit()
    assert list(queries.ledger_faults()) == []


@pytest.mark.parametrize(
    ("sums", "then", "later"),
    [
        (Sums(100, 0, 0), "open", "overdue"),
        (Sums(60, 40, 0), "part_paid", "overdue"),
        (Sums(60, 40, 0, 0, 40), "part_paid", "overdue"),
        (Sums(60, 0, 40), "open", "overdue"),
        (Sums(0, 100, 0), "paid", "paid"),
        (Sums(0, 0, 0), "paid", "paid"),
        (Sums(0, 0, 100), "credited", "credited"),
        (Sums(0, 60, 40), "settled_mixed", "settled_mixed"),
        (Sums(0, 0, 0, 100), "written_off", "written_off"),
        (Sums(0, 40, 20, 40), "written_off", "written_off"),
        (Sums(0, 100, 0, 0, 100), "disputed", "disputed"),
        (Sums(0, 0, 0, 0, 0, 100), "void", "void"),
        (Sums(0, 60, 40, 0, 60), "disputed", "disputed"),
    ],
)
def test_every_face_of_an_invoice(sums, then, later):
    assert (face_of(sums, DUE, BEFORE), face_of(sums, DUE, AFTER)) == (Face(then), Face(later))


EVENTS = ("pay", "free", "credit", "write_off", "hold", "release", "plan", "end_plan")
ALLOWED = {
    "open": {"pay", "credit", "write_off", "hold", "plan"},
    "held": {"pay", "credit", "write_off", "release", "plan"},
    "planned": {"pay", "credit", "write_off", "hold", "plan", "end_plan"},
    "part_paid": {"pay", "free", "credit", "write_off", "hold", "plan"},
    "paid": {"pay", "free", "credit", "hold"},
    "credited": {"pay", "hold"},
    "written_off": {"pay", "credit", "hold"},
}  # fmt: skip


def act(invoice, event):
    today, owed = business_day(), queries.balance(invoice)
    payment = db.session.scalars(select(Payment).order_by(Payment.id)).first()
    parts = instalments(owed, today, 2) if owed else []
    {
        "pay": lambda: pay(invoice, 500),
        "free": lambda: actions.free(payment or pay(invoice, 0), invoice, "Wrong"),
        "credit": lambda: actions.credit(invoice, "Wrong"),
        "write_off": lambda: actions.write_off(invoice, decided()),
        "hold": lambda: actions.put_on_hold(invoice, "Disputed"),
        "release": lambda: actions.release_hold(invoice),
        "plan": lambda: actions.agree_plan(invoice, parts),
        "end_plan": lambda: actions.end_plan(invoice),
    }[event]()


def in_state(state):
    invoice = make_invoice(total=1000)
    steps = {"held": ["hold"], "planned": ["plan"], "part_paid": ["pay"], "paid": ["pay", "pay"],
             "credited": ["credit"], "written_off": ["write_off"]}  # fmt: skip
    for event in steps.get(state, ()):
        act(invoice, event)
    db.session.commit()
    return invoice


@pytest.mark.parametrize(("state", "event"), list(itertools.product(ALLOWED, EVENTS)))
def test_every_event_in_every_state_of_an_invoice_is_done_or_refused(state, event):
    invoice = in_state(state)
    before = queries.bill(invoice)
    if event in ALLOWED[state]:
        act(invoice, event)
    else:
        with pytest.raises(Refused):
            act(invoice, event)
        db.session.rollback()
        assert queries.bill(invoice).sums == before.sums
    books_are_well()


def test_what_is_written_off_is_bad_debt_by_a_decision_and_closes_the_claim():
    invoice = make_invoice(total=1000)
    pay(invoice, 300)
    actions.write_off(invoice, decided())
    assert (face(invoice), queries.balance(invoice).minor, bad_debt()) == ("written_off", 0, 700)
    assert queries.face(invoice) == "Written off, EUR\xa03.00 paid so far"
    assert list(db.session.scalars(queries.invoices(state="written_off")).unique()) == [invoice]
    assert db.session.scalars(queries.invoices(state="paid")).unique().all() == []
    books_are_well()


@pytest.mark.parametrize(("minor", "lost", "left"), [(400, 600, 0), (1000, 0, 0), (1300, 0, 300)])
def test_money_that_comes_later_revives_what_was_written_off(minor, lost, left):
    invoice = make_invoice(total=1000)
    actions.write_off(invoice, decided())
    payment = pay(invoice, minor)
    assert (bad_debt(), queries.unallocated_of(payment)) == (lost, left)
    assert face(invoice) == ("written_off" if lost else "paid")
    books_are_well()


def test_a_credit_note_on_a_written_off_claim_takes_the_loss_back_before_the_money():
    invoice = make_invoice(total=1000)
    payment = pay(invoice, 300)
    actions.write_off(invoice, decided())
    line = invoice.lines[0].id
    actions.credit(invoice, "Half", lines={line: 500})
    assert (bad_debt(), queries.unallocated_of(payment)) == (200, 0)
    actions.credit(invoice, "All")
    assert (bad_debt(), queries.unallocated_of(payment)) == (0, 300)
    books_are_well()


def test_a_hold_ends_by_itself_and_the_due_day_stays(at):
    at(2026, 6, 1)
    invoice = make_invoice(due_in=-5)
    actions.put_on_hold(invoice, "Under discussion", date(2026, 6, 10), make_person("finance"))
    assert queries.hold_of(invoice, date(2026, 6, 10)).reason == "Under discussion"
    assert queries.hold_of(invoice, date(2026, 6, 11)) is None
    assert face(invoice) == "overdue"
    assert list(db.session.scalars(queries.invoices(state="held")).unique()) == [invoice]
    at(2026, 6, 11)
    assert list(db.session.scalars(queries.invoices(state="held")).unique()) == []


def test_the_payer_reads_of_a_hold_without_its_reason_and_of_two_due_days(browser):
    firm = make_firm()
    invoice = make_invoice(firm, due_in=-5)
    browser.sign_in(make_contact(firm, "dues_contact"))
    assert "We are looking into it" not in browser.get(f"/invoices/{invoice.id}")
    actions.put_on_hold(invoice, "Under discussion", None, make_person("finance"))
    actions.agree_plan(invoice, instalments(invoice.total, business_day(), 2))
    db.session.commit()
    page = browser.get(f"/invoices/{invoice.id}")
    assert "We are looking into it" in page
    assert "Under discussion" not in page
    assert "Due, as issued" in page


def with_plan(total=181600, parts=3, due_in=-40):
    invoice = make_invoice(total=total, due_in=due_in)
    actions.agree_plan(invoice, instalments(invoice.total, business_day(), parts))
    db.session.commit()
    return invoice


def test_G52_a_plan_has_equal_parts_and_the_remainder_last(at):
    at(2026, 1, 31)
    for total, parts, expected in (
        (181600, 3, [60533, 60533, 60534]), (362700, 12, [30225] * 12),
    ):  # fmt: skip
        plan = queries.bill(with_plan(total, parts)).plan
        assert [one.amount_minor for one in plan] == expected
    assert [one.due_on.isoformat() for one in plan[:3]] == [
        "2026-01-31", "2026-02-28", "2026-03-31",
    ]  # fmt: skip


def test_with_a_plan_late_is_only_what_the_plan_says(at):
    at(2026, 1, 10)
    invoice = with_plan()
    assert (face(invoice), queries.bill(invoice).due_on) == ("open", date(2026, 1, 10))
    at(2026, 1, 13)
    assert queries.face(invoice).startswith("Overdue by 3 days")
    pay(invoice, 60533)
    assert (face(invoice), queries.bill(invoice).due_on) == ("part_paid", date(2026, 2, 10))
    at(2026, 2, 12)
    assert list(db.session.scalars(queries.invoices(state="overdue")).unique()) == [invoice]
    assert [(one.name, one.since) for one in queries.ageing(date(2026, 2, 12))] == [
        ("not yet due", date(2026, 3, 10)), ("1 to 30 days", date(2026, 2, 10)),
    ]  # fmt: skip
    pay(invoice, 60000)
    assert queries.bill(invoice).due_on == date(2026, 2, 10)  # part of a part is not the part
    pay(invoice, 533)
    assert db.session.scalars(queries.invoices(state="overdue")).unique().all() == []
    assert [words for _on, _part, words, _kind in queries.bill(invoice).parts] == [
        "Paid", "Paid", "To pay",
    ]  # fmt: skip
    actions.end_plan(invoice)
    assert face(invoice) == "overdue"
    books_are_well()


@pytest.mark.parametrize(
    "parts",
    [[], [(date(2026, 2, 1), 181600)], [(date(2026, 2, 1), 1), (date(2026, 3, 1), 1)],
     [(date(2025, 2, 1), 100000), (date(2026, 3, 1), 81600)],
     [(date(2026, 2, 1), 181600), (date(2026, 3, 1), 0)]],
)  # fmt: skip
def test_a_plan_that_is_none_is_refused(at, parts):
    at(2026, 1, 10)
    invoice = make_invoice(total=181600)
    with pytest.raises(Refused):
        actions.agree_plan(invoice, [(on, Money(minor, "EUR")) for on, minor in parts])


@pytest.fixture
def finance(browser, at):
    at(2026, 6, 15)
    return browser.sign_in(make_person("finance"))


def test_staff_hold_release_plan_and_write_off(browser, finance):
    invoice = make_invoice(total=1000)
    page = f"/staff/dues/{invoice.id}"
    browser.get(f"{page}/hold")
    assert (
        "still to come"
        in browser.post(f"{page}/hold", status=200, reason="x", until_on="2026-06-14").text
    )
    browser.post(f"{page}/hold", reason="They dispute the seats", until_on="")
    assert "They dispute the seats" in browser.get(page)
    browser.post(f"{page}/release", page=page)
    assert "They dispute the seats" not in browser.get(page)
    browser.get(f"{page}/plan")
    browser.post(f"{page}/plan", parts="2", first_on="2026-07-01")
    assert "Payment plan" in browser.get(page)
    assert "Payment plan" in browser.get(f"/invoices/{invoice.id}")
    browser.post(f"{page}/end-plan", page=page)
    form = {"body": "board", "decided_on": "2026-06-20", "title": "Minute 7"}
    browser.get(f"{page}/write-off")
    assert "has not come" in browser.post(f"{page}/write-off", status=200, **form).text
    browser.post(f"{page}/write-off", **form | {"decided_on": "2026-06-01"})
    page = browser.get(page)
    assert "EUR\xa010.00 is written off" in page
    assert "Record a transfer" in page
    books_are_well()


def test_the_firm_sees_its_plan(browser, at):
    at(2026, 1, 10)
    firm = make_firm()
    person = make_member("dues_contact", firm=firm)
    invoice = with_plan()
    firm_invoice = make_invoice(firm, total=900)
    actions.agree_plan(firm_invoice, instalments(firm_invoice.total, date(2026, 1, 20), 3))
    db.session.commit()
    browser.sign_in(person)
    page = browser.get(f"/invoices/{firm_invoice.id}")
    assert page.count("EUR\xa03.00") >= 3
    browser.get(f"/invoices/{invoice.id}", status=404)


def test_nothing_is_booked_on_a_day_of_which_the_books_are_closed(at):
    at(2026, 1, 20)
    invoice = make_invoice(total=1000)
    actions.close_books(date(2025, 12, 31), "The year is done")
    db.session.commit()
    with pytest.raises(Refused, match=r"closed until 31\sDec\s2025"):
        pay(invoice, 100, date(2025, 12, 31))
    db.session.rollback()
    pay(invoice, 100, date(2026, 1, 1))
    books_are_well()


@pytest.mark.parametrize("until", [date(2026, 1, 20), date(2026, 2, 1)])
def test_a_day_that_is_not_over_is_not_closed(at, until):
    at(2026, 1, 20)
    with pytest.raises(Refused, match="days that are over"):
        actions.close_books(until, "Too soon")


def test_days_with_something_still_open_are_not_closed(at):
    at(2026, 1, 5)
    arrived = actions.Arrival(Money(500, "EUR"), date(2026, 1, 2))
    actions.receive(arrived, [])  # nobody signed for it
    at(2026, 2, 20)
    with pytest.raises(Refused, match="Faults in the books: 1"):
        actions.close_books(date(2026, 1, 31), "Done")


def test_bank_lines_are_dealt_with_before_their_days_are_closed(at):
    """Afterwards their money could not be booked on its day."""
    at(2026, 2, 20)
    imported(mt940(moved("5.00", "Somebody", "dues", day=date(2026, 1, 10))))
    with pytest.raises(Refused, match="Bank lines to deal with: 1"):
        actions.close_books(date(2026, 1, 31), "Done")
    actions.close_books(date(2026, 1, 9), "Done")


def test_open_again_with_a_reason_that_stays_in_the_record(browser, at):
    at(2026, 2, 20)
    browser.sign_in(make_person("finance"))
    assert "Every day is open" in browser.get("/staff/dues/close?until=2026-01-31")
    form = {"until_on": "2026-01-31", "reason": "January is done"}
    browser.post("/staff/dues/close", **form)
    assert "closed until 31\xa0Jan\xa02026" in browser.get("/staff/dues/close")
    assert "already" in browser.post("/staff/dues/close", status=200, **form).text
    invoice = make_invoice(total=1000)
    url = f"/staff/dues/{invoice.id}/transfer"
    browser.get(url)
    transfer = {"amount": "1", "method": "bank", "received_on": "2026-01-30", "seen": "1"}
    assert "The books are closed until" in browser.post(url, status=200, **transfer).text
    browser.get("/staff/dues/close/reopen")
    reopen = {"until_on": "2026-02-01", "reason": "A late cheque"}
    assert (
        "Choose a day before"
        in browser.post("/staff/dues/close/reopen", status=200, **reopen).text
    )
    assert "Say why" in browser.post("/staff/dues/close/reopen", status=200, reason="").text
    browser.post("/staff/dues/close/reopen", reason="A late cheque", until_on="2026-01-15")
    assert queries.closed_until() == date(2026, 1, 15)
    record = db.session.scalars(select(AuditEvent).filter_by(verb="books.opened")).one()
    assert (record.details["reason"], record.actor[:7]) == ("A late cheque", "person:")
    browser.post(url, **transfer)


def test_money_that_nobody_signed_for_is_found():
    payment = actions.record_transfer(make_invoice(total=5), Money(5, "EUR"), date(2026, 1, 1))
    db.session.commit()
    (fault,) = queries.ledger_faults()
    assert fault.startswith(f"Payment {payment.id}: nobody knows where 5 by bank came from")


def test_a_face_that_its_papers_do_not_make_is_found():
    invoice = make_invoice(total=1000)
    rows = ((Account.RECEIVABLE, -400), (Account.INCOME, 400))
    db.session.add_all(
        Posting(
            journal="odd:1", on=date(2026, 1, 1), account=account, currency="EUR", minor=minor,
            invoice_id=invoice.id,
        )
        for account, minor in rows
    )  # fmt: skip
    db.session.commit()
    faults = " ".join(queries.ledger_faults())
    assert f"Invoice {invoice.number}: 1000 less 0 paid, 0 credited, 0 written off" in faults


def test_a_refund_whose_journal_is_another_is_found():
    payment = actions.receive(
        actions.Arrival(Money(500, "EUR"), date(2026, 1, 2), by=make_person()), []
    )
    actions.request_refund(payment, Money(200, "EUR"), actions.Sending("Because"))
    db.session.commit()
    db.session.execute(text("UPDATE refunds SET amount_minor = 600"))
    faults = list(queries.ledger_faults())
    assert f"Payment {payment.id}: 600 sent back of 500." in faults
    assert any("600 asked for, 200 booked" in fault for fault in faults)


def test_overdue_by_the_plan_is_the_same_in_the_list_and_on_the_page(at):
    at(2026, 1, 10)
    for parts in (2, 3, 5):
        with_plan(parts=parts)
    for days in (0, 1, 31, 60, 200):
        day = date(2026, 1, 10) + timedelta(days=days)
        at(day.year, day.month, day.day)
        late = set(db.session.scalars(queries.invoices(state="overdue")).unique())
        everyone = queries.bills(db.session.scalars(queries.invoices()).unique())
        assert late == {one.invoice for one in everyone if one.face is Face.OVERDUE}
