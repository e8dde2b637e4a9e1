"""Above a limit two people: one proposes, another approves, and nothing is booked before."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Person
from portal.association.models import Association
from portal.core.access import Role
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import IllegalMove, Refused
from portal.dues import actions, queries
from portal.dues.models import (
    Approval,
    ApprovalKind,
    ApprovalStatus,
    CreditNote,
    CreditReason,
    PaymentMethod,
    Posting,
    Refund,
)
from portal.dues.queries.approvals import needs_second
from tests.dues.books import make_invoice
from tests.dues.test_races import at_once
from tests.make import business_day, make_firm, make_person

LIMIT = 100000
PAGE = "/staff/dues/approvals/{}".format


@pytest.fixture(autouse=True)
def _limit():
    db.session.get(Association, 1).approval_above_minor = LIMIT
    db.session.commit()


@pytest.fixture
def one(browser):
    return browser.sign_in(make_person(Role.FINANCE, display_name="Odile One"))


@pytest.fixture
def two(another_browser):
    return another_browser.sign_in(make_person(Role.FINANCE, display_name="Tomas Two"))


def overpaid(minor=150000):
    """A payment of which so much pays nothing."""
    invoice = make_invoice(make_firm(billing_email="firm@test.example"), total=10000)
    by = make_person(Role.MEMBERSHIP)
    paid = Money(10000 + minor, "EUR")
    payment = actions.record_transfer(invoice, paid, business_day(), by=by)
    db.session.commit()
    return payment


def send_back(browser, payment, amount, status=303):
    page = f"/staff/dues/payments/{payment.id}/refund"
    facts = {"amount": amount, "method": "bank", "reason": "Paid twice"}
    return browser.post(page, page=page, status=status, **facts)


def the_only():
    return db.session.scalars(select(Approval)).one()


def postings():
    return db.session.query(Posting).count()


def asked(kind=ApprovalKind.REFUND, subject=None, minor=150000, **facts):
    by = make_person(Role.FINANCE)
    facts = {"reason": "So", "method": "bank"} | facts
    subject = subject or overpaid()
    made = actions.propose(kind, subject, Money(minor, "EUR"), facts, by)
    db.session.commit()
    return made, by


@pytest.mark.parametrize(
    ("money", "before", "is_needed"),
    [
        (Money(LIMIT, "EUR"), 0, False), (Money(LIMIT + 1, "EUR"), 0, True),
        (Money(60000, "EUR"), 40000, False), (Money(60000, "EUR"), 40001, True),
        (Money(1, "USD"), 0, True),
    ],
)  # fmt: skip
def test_two_are_needed_above_the_limit_for_many_small_ones_and_in_other_currencies(
    money, before, is_needed
):
    assert needs_second(money, before) is is_needed


def test_without_a_limit_one_is_enough():
    db.session.get(Association, 1).approval_above_minor = None
    assert not needs_second(Money(10**12, "USD"))


def test_a_refund_waits_and_another_person_sends_it(browser, another_browser, one, two, sent):
    payment, before = overpaid(), None
    before = postings()
    assert "a colleague approves it first" in browser.get(
        f"/staff/dues/payments/{payment.id}/refund"
    )
    answer = send_back(browser, payment, "1,500.00")
    assert "a colleague has to approve it" in browser.get(answer.location)
    found = the_only()
    assert (postings(), db.session.query(Refund).count()) == (before, 0)
    assert "waits for a second person" in browser.get(f"/staff/dues/payments/{payment.id}")
    mails = [one for one in sent() if "waits for a second person" in one["Subject"]]
    assert {one["To"] for one in mails} == {two.email}
    assert "For a second person" in another_browser.get("/staff/")
    assert "Approve and book it" not in browser.get(PAGE(found.id))
    another_browser.post(f"{PAGE(found.id)}/approve", page=PAGE(found.id))
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.amount_minor, refund.status.value) == (150000, "succeeded")
    assert the_only().decided_by_id == two.id
    assert any("was approved" in one["Subject"] and one["To"] == one_email(one) for one in sent())
    assert list(queries.ledger_faults()) == []


def one_email(message):
    return db.session.scalars(select(Approval)).one().proposed_by.email


def test_nobody_approves_their_own_proposal(browser, one, two):
    payment = overpaid()
    send_back(browser, payment, "1,500.00")
    found = the_only()
    before = postings()
    answer = browser.send("POST", f"{PAGE(found.id)}/approve", data={"csrf_token": browser.token})
    assert answer.status_code == 409
    with pytest.raises(Refused, match="withdraw it instead"):
        actions.refuse(found, "x", one)
    db.session.rollback()
    assert (postings(), the_only().status) == (before, ApprovalStatus.PROPOSED)
    found.decided_by_id = one.id
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_below_the_limit_one_person_is_enough_until_the_sum_passes_it(browser, one, two):
    payment = overpaid()
    send_back(browser, payment, "900.00")
    assert db.session.query(Refund).count() == 1
    send_back(browser, payment, "200.00")
    assert (db.session.query(Refund).count(), the_only().amount_minor) == (1, 20000)


def test_where_nobody_else_may_approve_it_is_said_and_what_was_typed_stays(browser, one):
    page = send_back(browser, overpaid(), "1,500.00", status=200).text
    assert "nobody else may approve it" in page
    assert "Paid twice" in page
    assert db.session.query(Approval).count() == 0


def test_the_same_is_proposed_once_and_too_much_not_at_all(browser, one, two):
    payment = overpaid()
    assert "no more can be sent back" in send_back(browser, payment, "9,000", status=200).text
    send_back(browser, payment, "1,500.00")
    assert "is proposed already" in send_back(browser, payment, "1,400.00", status=200).text
    assert db.session.query(Approval).count() == 1


def test_a_refusal_needs_a_reason_and_books_nothing(browser, another_browser, one, two, sent):
    send_back(browser, overpaid(), "1,500.00")
    found, before = the_only(), postings()
    page = PAGE(found.id)
    wrong = another_browser.post(f"{page}/refuse", page=page, status=200, reason="")
    assert "Say why" in wrong.text
    another_browser.post(f"{page}/refuse", page=page, reason="Ask the firm first")
    assert "Ask the firm first" in browser.get(page)
    assert (postings(), the_only().status) == (before, ApprovalStatus.REFUSED)
    assert any("was refused" in message["Subject"] for message in sent())
    assert "Refused" in browser.get("/staff/dues/approvals/?state=decided")
    send_back(browser, the_only().payment, "1,500.00")
    assert db.session.query(Approval).count() == 2, "it may be proposed anew"


def test_who_proposed_it_withdraws_it_and_nobody_else(browser, one, two):
    send_back(browser, overpaid(), "1,500.00")
    found = the_only()
    with pytest.raises(Refused, match="Only who proposed"):
        actions.withdraw(found, two)
    browser.post(f"{PAGE(found.id)}/withdraw", page=PAGE(found.id))
    assert the_only().status is ApprovalStatus.WITHDRAWN
    assert "Nothing waits" in browser.get("/staff/dues/approvals/")


def test_a_credit_note_is_issued_as_it_was_proposed(browser, another_browser, one, two):
    invoice = make_invoice(total=200000, tax_percent="21")
    page = f"/staff/dues/{invoice.id}/credit"
    line = invoice.lines[0].id
    facts = {"code": "goodwill", "reason": "A site closed", f"line-{line}": "1,000.00"}
    browser.post(page, page=page, **facts)
    found = the_only()
    assert (found.kind, found.amount_minor) == (ApprovalKind.CREDIT, 121000)
    assert db.session.query(CreditNote).count() == 0
    assert "1,000.00" in another_browser.get(PAGE(found.id))
    another_browser.post(f"{PAGE(found.id)}/approve", page=PAGE(found.id))
    note = db.session.scalars(select(CreditNote)).one()
    assert (note.total_minor, note.code) == (121000, CreditReason.GOODWILL)
    assert list(queries.ledger_faults()) == []


def test_a_write_off_waits_and_takes_what_is_owed_then(browser, another_browser, one, two):
    invoice = make_invoice(total=200000)
    page = f"/staff/dues/{invoice.id}/write-off"
    facts = {"body": "board", "decided_on": str(business_day()), "title": "Insolvent"}
    browser.post(page, page=page, **facts)
    found = the_only()
    assert queries.balance(invoice).minor == 200000
    assert "waits for a second person" in browser.get(f"/staff/dues/{invoice.id}")
    by = make_person(Role.MEMBERSHIP)
    actions.record_transfer(invoice, Money(50000, "EUR"), business_day(), by=by)
    db.session.commit()
    another_browser.post(f"{PAGE(found.id)}/approve", page=PAGE(found.id))
    assert queries.sums([invoice.id])[invoice.id].written_off == 150000
    assert list(queries.ledger_faults()) == []


def test_what_became_more_than_was_proposed_is_not_done():
    invoice = make_invoice(total=200000)
    make_person(Role.ADMIN)
    facts = {"body": "board", "decided_on": str(business_day())}
    found, _ = asked(ApprovalKind.WRITE_OFF, invoice, 190000, **facts)
    with pytest.raises(Refused, match="more than was proposed"):
        actions.approve(found, make_person(Role.ADMIN))


def test_what_cannot_be_done_any_more_stays_proposed(browser, two, another_browser):
    found, _ = asked()
    actions.request_refund(
        found.payment, Money(100000, "EUR"), actions.Sending("x", PaymentMethod.BANK, by=two)
    )
    db.session.commit()
    another_browser.get(PAGE(found.id))
    data = {"csrf_token": another_browser.token}
    answer = another_browser.send("POST", f"{PAGE(found.id)}/approve", data=data)
    assert answer.status_code == 409
    db.session.expire_all()
    assert the_only().status is ApprovalStatus.PROPOSED


def test_what_is_above_the_limit_is_not_voided_instead():
    db.session.get(Association, 1).may_void = True
    with pytest.raises(Refused, match="limit for one person"):
        actions.void(make_invoice(total=200000), "x")


def test_every_state_and_every_verb():
    make_person(Role.ADMIN)
    second = make_person(Role.FINANCE)
    for end in ("approve", "refuse", "withdraw"):
        found, by = asked()
        acts = {
            "approve": lambda it: actions.approve(it, second),
            "refuse": lambda it: actions.refuse(it, "no", second),
            "withdraw": lambda it, by=by: actions.withdraw(it, by),
        }
        acts[end](found)
        db.session.commit()
        for act in acts.values():
            with pytest.raises(IllegalMove):
                act(found)
            db.session.rollback()


def test_two_who_approve_at_once_are_one_refund(app):
    make_person(Role.ADMIN)
    found, _ = asked(minor=60000)
    others = [make_person(Role.FINANCE).id for _ in range(4)]
    number, payment_id = found.id, found.payment_id

    def act(n):
        try:
            actions.approve(db.session.get(Approval, number), db.session.get(Person, others[n]))
            db.session.commit()
        except Refused:
            db.session.rollback()
            return 0
        return 1

    assert sum(at_once(app, 4, act)) == 1
    db.session.expire_all()
    assert [one.payment_id for one in db.session.scalars(select(Refund))] == [payment_id]
    assert list(queries.ledger_faults()) == []


@pytest.mark.parametrize("page", ["", "1"])
def test_others_do_not_see_what_waits(browser, page):
    asked_by_others = make_person(Role.FINANCE)
    asked()
    browser.sign_in(make_person(Role.EDITOR))
    browser.get(f"/staff/dues/approvals/{page}", status=403)
    assert asked_by_others
