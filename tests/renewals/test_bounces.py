"""A dues contact whose mail bounces: the next of the firm's people is written to."""

from portal.accounts.actions import send_reset
from portal.core import jobs
from portal.core.bounces import bouncing, note_bounce
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.renewals import actions, queries
from tests.renewals.making import issue, make_life, person_of


def told():
    rows = db.session.query(OutgoingMail).order_by(OutgoingMail.id)
    return [(one.template, one.recipient, one.bounced_at is not None) for one in rows]


def test_the_next_role_is_asked_while_the_dues_contact_bounces():
    term = make_life()
    firm_id, payer = term.membership.organization_id, person_of(term)
    assert queries.recipients(firm_id) == [payer]
    note_bounce(payer.email, "gone")
    assert queries.recipients(firm_id) == [person_of(term, "manager")]
    note_bounce(person_of(term, "manager").email, "gone")
    assert queries.recipients(firm_id) == []


def test_an_invoice_that_bounces_goes_to_who_stands_in_with_a_link_that_works(at, smtp, sent):
    at(2026, 11, 10)
    term = make_life(billing_email="ap@acacia.example")
    payer, deputy = person_of(term).email, person_of(term, "manager").email
    smtp.clear()
    smtp.know_nobody_at(payer)
    issue(term)
    jobs.work()
    found = [one for one in told() if one[0] == "dues/issued"]
    assert found == [("dues/issued", payer, True), ("dues/issued", deputy, False)]
    assert [one["To"] for one in smtp.messages if "Invoice" in one["Subject"]] == [deputy]


def test_invoices_go_to_the_dues_contact_then_to_the_firm_then_to_who_stands_in():
    term = make_life(billing_email="ap@acacia.example")
    firm, payer = term.membership.organization, person_of(term).email
    assert queries.addresses_of(firm) == [payer]
    note_bounce(payer, "gone")
    assert queries.addresses_of(firm) == ["ap@acacia.example"]
    note_bounce("ap@acacia.example", "gone")
    assert queries.addresses_of(firm) == [person_of(term, "manager").email]


def test_a_notice_that_bounces_is_passed_on_once_word_for_word(at, smtp, sent):
    at(2026, 10, 5)
    term = make_life(billing_email="")
    payer, manager = person_of(term).email, person_of(term, "manager").email
    smtp.know_nobody_at(payer)
    actions.open_window(term)
    db.session.commit()
    jobs.work()
    jobs.work()
    assert [one[1:] for one in told()] == [(payer, True), (manager, False)]
    first, second = db.session.query(OutgoingMail).order_by(OutgoingMail.id)
    assert (first.text, first.message_id == second.message_id) == (second.text, False)
    assert bouncing([payer]) == {payer}


def test_a_personal_mail_that_bounces_goes_to_nobody_else(smtp, sent):
    term = make_life()
    payer = person_of(term).email
    smtp.know_nobody_at(payer)
    send_reset(payer)
    db.session.commit()
    jobs.work()
    assert [one[1:] for one in told() if one[0] == "accounts/reset"] == [(payer, True)]
