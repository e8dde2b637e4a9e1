from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.core import clock, jobs
from portal.core.db import db
from portal.dues import actions as dues
from portal.dues.actions.money_out import take_out
from portal.dues.instalments import instalments
from portal.dues.models import Account, AttemptStatus, Dispute, DisputeStatus, PaymentAttempt
from portal.dues.queries import balance
from portal.dues.queries.arrears import overdue_days, owes_too_long
from portal.members.endings import Laying, suspend
from portal.members.models import Affiliation, Organization, OverlayKind
from portal.members.overlays import overlays_of
from portal.members.policy import Feature
from portal.notices.models import Notice
from portal.renewals import actions, queries
from portal.renewals.history import features_of
from tests.access import SHUT
from tests.dues.books import make_invoice
from tests.make import make_contact, make_firm, make_membership, make_person, save
from tests.renewals.making import issue, make_life, pay, person_of

DAY = timedelta(days=1)


@pytest.fixture
def invoice(at):
    """Due on 31 January 2027, issued in December."""
    at(2026, 12, 1, 9)
    firm = make_firm()
    make_contact(firm, "dues_contact", email="dues@test.example")
    make_contact(firm, "roster_manager", email="manager@test.example")
    return make_invoice(firm, due_in=61)


def steps(invoice):
    """Codes of what was sent, in order."""
    query = db.session.query(Notice).filter(Notice.key.like(f"dunning:{invoice.id}:%"))
    return [one.key.rpartition(":")[2] for one in query.order_by(Notice.id)]


def run(at, *day):
    at(*day, 9)
    jobs.work()
    db.session.expire_all()


def test_each_step_once_in_its_order(at, invoice):
    for day in [(2027, 1, 24), (2027, 1, 25), (2027, 1, 31), (2027, 3, 2), (2027, 3, 2),
                (2027, 3, 17), (2027, 4, 1), (2027, 5, 1), (2027, 6, 1)]:  # fmt: skip
        run(at, *day)
    assert steps(invoice) == [
        "coming_due", "due", "reminder", "second_reminder", "collection", "general_meeting"
    ]  # fmt: skip


def test_a_job_that_was_away_sends_the_latest_step_only(at, invoice):
    run(at, 2027, 4, 20)
    run(at, 2027, 4, 21)
    assert steps(invoice) == ["collection"]


def test_it_goes_to_the_dues_contact_with_the_reason_why(at, invoice, sent):
    run(at, 2027, 3, 2)
    (mail,) = [one for one in sent() if one["Subject"].startswith("Reminder")]
    assert mail["To"] == "dues@test.example"
    for kind in ("plain", "html"):
        text = mail.get_body((kind,)).get_content()
        assert "this invoice is not paid" in text
        assert invoice.reference in text
    assert mail["List-Unsubscribe"] is None


@pytest.mark.parametrize(("gone", "to"), [(1, "manager@test.example"), (2, "delegate@x.example")])
def test_without_a_dues_contact_to_the_manager_then_to_the_delegate(at, invoice, sent, gone, to):
    make_contact(invoice.organization, "delegate", email="delegate@x.example")
    for one in db.session.query(Affiliation).order_by(Affiliation.id).limit(gone):
        one.until_on = date(2026, 12, 2)
    db.session.commit()
    run(at, 2027, 3, 2)
    assert [one["To"] for one in sent() if one["Subject"].startswith("Reminder")] == [to]


@pytest.mark.parametrize("kind", ["pause", "hold", "excuse"])
def test_a_pause_a_hold_and_a_dispute_stop_it_and_after_it_one_notice_comes(at, invoice, kind):
    at(2027, 2, 1, 9)
    laying = Laying(OverlayKind(kind), "They dispute it.", date(2027, 2, 1), date(2027, 4, 10))
    actions.stop_reminding(invoice, laying)
    db.session.commit()
    run(at, 2027, 3, 2)
    stopped = kind != "excuse"
    assert steps(invoice) == ([] if stopped else ["reminder"])
    run(at, 2027, 4, 10)
    assert steps(invoice) == ([] if stopped else ["reminder", "collection"])
    run(at, 2027, 4, 11)
    assert steps(invoice)[-1] == "collection"


@pytest.mark.parametrize("end", ["paid", "credited", "resigned"])
def test_nothing_comes_after_it_is_over(at, end):
    at(2026, 11, 5, 9)
    term = make_life()
    invoice = make_invoice(term.membership.organization, due_in=20)
    if end == "paid":
        pay(invoice)
    elif end == "credited":
        dues.credit(invoice, "A slip.")
    else:
        made = actions.resign(term.membership, date(2026, 11, 5), "Sold.", None, date(2026, 11, 9))
        assert made.leaves_on == date(2026, 11, 9)
    db.session.commit()
    run(at, 2027, 1, 20)
    assert steps(invoice) == []


def test_a_card_that_failed_has_a_ladder_of_its_own(at, invoice, stripe):
    at(2026, 12, 10, 9)
    attempt = PaymentAttempt(
        invoice_id=invoice.id, n=1, status=AttemptStatus.FAILED, currency="EUR",
        amount_minor=100, key="k", back="/", made_at=clock.now(), expires_at=clock.now() + DAY,
    )  # fmt: skip
    save(attempt)
    for day in (10, 11, 12, 17, 24, 25):
        run(at, 2026, 12, day)
    assert steps(invoice) == ["failed", "again", "week", "person"]


def test_a_reminder_names_the_day_of_the_part_that_is_due(at, invoice, sent):
    parts = instalments(balance(invoice), date(2027, 3, 10), 3)
    dues.agree_plan(invoice, parts)
    db.session.commit()
    at(2027, 3, 10, 9)
    last = sent()[-1]
    assert "Due today" in last["Subject"]
    assert last["Subject"].endswith("EUR 806.00")
    words = last.get_body(("plain",)).get_content()
    assert f"{parts[0][1]} is due on 10\N{NO-BREAK SPACE}Mar\N{NO-BREAK SPACE}2027" in words
    assert f"In all {balance(invoice)} is open" in words
    at(2027, 4, 25, 9)
    assert sent()[-1]["Subject"].endswith("EUR 1,612.00")


def test_steps_that_ask_for_a_person_wait_on_the_desk(at, invoice, browser):
    at(2027, 3, 16, 9)
    browser.sign_in(make_person("membership"))
    assert queue(browser) == "0"
    at(2027, 3, 17, 9)
    browser.sign_in(make_person("membership"))
    assert queue(browser) == "1"
    page = browser.get("/staff/members/arrears")
    assert "Call the firm" in page
    browser.post(
        f"/staff/members/arrears/{invoice.id}/stop", kind="pause", until_on="2027-04-30",
        reason="They pay in April.",
    )  # fmt: skip
    assert queue(browser) == "0"
    assert "They pay in April." in browser.get("/staff/members/arrears")


def queue(browser):
    waiting = browser.get("/staff/").partition("Nothing waits in:")[0]
    found = waiting.partition("Arrears to act on")[2]
    if not found:
        return "0"
    digits = found.partition("</tr>")[0].partition("</li>")[0]
    return next((one for one in "123456789" if f">{one}<" in digits), "0")


def test_a_suspension_for_arrears_ends_by_itself_when_the_invoice_is_paid(at):
    at(2026, 11, 5, 9)
    term = make_life()
    invoice = issue(term)
    laying = Laying(
        OverlayKind.SUSPENSION, f"Arrears: {invoice.number}", date(2026, 11, 5), scope="all"
    )
    suspend(term.membership, laying, "general meeting")
    db.session.commit()
    pay(invoice)
    (overlay,) = overlays_of("membership", [term.membership_id])
    assert overlay.lifted_at


def test_a_firm_that_nobody_can_be_found_for_is_marked_for_staff(at, browser):
    at(2026, 12, 1, 9)
    firm = make_firm(billing_email="")
    invoice = make_invoice(firm, due_in=10, email="")
    run(at, 2026, 12, 12)
    assert steps(invoice) == ["due"]
    browser.sign_in(make_person("membership"))
    assert "reached nobody" in browser.get(f"/staff/members/{firm.id}/life")


def test_recipients_are_asked_in_their_order():
    firm = make_firm()
    assert queries.recipients(firm.id) == []
    delegate = make_contact(firm, "delegate")
    assert queries.recipients(firm.id) == [delegate]
    manager = make_contact(firm, "roster_manager")
    assert queries.recipients(firm.id) == [manager]
    payers = [make_contact(firm, "dues_contact"), make_contact(firm, "dues_contact")]
    assert queries.recipients(firm.id) == payers


def test_the_payer_is_asked_by_name_of_role(at):
    at(2026, 11, 5, 9)
    term = make_life()
    assert queries.recipients(term.membership.organization_id) == [person_of(term)]


def shut_out(day):
    """The firms that owe too much for too long."""
    return db.session.scalars(
        select(Organization.id).where(owes_too_long(day, Organization.id, SHUT))
    ).all()


def test_what_is_owed_again_after_100_days_is_reminded_of_anew_and_shuts_nobody_out(
    at, invoice, sent, browser
):
    firm = invoice.organization
    membership = make_membership(firm, start=date(2026, 1, 1), end=date(2027, 12, 31))
    at(2027, 1, 20, 9)
    payment = pay(invoice)
    dispute = Dispute(
        payment=payment, external_id="dp_1", currency=invoice.currency,
        amount_minor=invoice.total_minor, reason="fraudulent", status=DisputeStatus.OPEN,
        opened_at=clock.now(),
    )  # fmt: skip
    save(dispute)
    at(2027, 5, 11, 9)
    take_out(payment, invoice.total_minor, f"dispute:{dispute.id}", Account.CARD_CLEARING)
    dispute.status = DisputeStatus.LOST
    db.session.commit()
    run(at, 2027, 5, 11)
    assert steps(invoice) == ["owed_again"]
    assert "Owed again" in sent()[-1]["Subject"]
    day = date(2027, 5, 11)
    assert overdue_days(firm.id, day) == 0
    assert shut_out(day) == []
    assert Feature.VOTE in features_of(membership.organization)
    assert db.session.execute(queries.to_act_on(day)).all() == []
    browser.sign_in(make_person("membership"))
    page = browser.get("/staff/members/arrears")
    assert invoice.number in page
    assert "Put it to the general meeting" not in page
    for month, number in [(6, 10), (6, 25), (7, 10), (8, 9)]:
        run(at, 2027, month, number)
    assert steps(invoice) == [
        "owed_again", "reminder", "second_reminder", "collection", "general_meeting"
    ]  # fmt: skip
    assert overdue_days(firm.id, date(2027, 8, 9)) == 90
    assert (shut_out(date(2027, 8, 8)), shut_out(date(2027, 8, 9))) == ([], [firm.id])
