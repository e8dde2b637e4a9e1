"""Mail that does not arrive: refused at once, reported later, or noted by staff."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.accounts import tokens
from portal.accounts.actions import change_email, send_reset
from portal.accounts.models import TokenKind
from portal.core import mail
from portal.core.bounces import BouncedAddress, bouncing, note_bounce, read_report
from portal.core.db import db
from portal.core.jobs import Job
from portal.core.mail import OutgoingMail
from portal.core.states import Refused
from tests.make import make_contact, make_firm, make_person

HEADERS = "Message-ID: {}\nSubject: Invoice\n"


def write_to(address="rosa@test.example"):
    make_person(email=address)
    send_reset(address)
    db.session.commit()
    return db.session.scalars(select(OutgoingMail)).one()


def report(row, action="failed", address=None):
    """A delivery status message, as RFC 3464 words it."""
    told = (
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nSorry.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {address or row.recipient}\nAction: {action}\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1\n no such user\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\n{HEADERS.format(row.message_id)}\n--b--\n"
    )
    return f"From: MAILER-DAEMON@mx.example\nMIME-Version: 1.0\n{told}".encode()


def test_an_address_that_the_server_does_not_know_bounces_and_is_not_tried_again(sent, smtp):
    row = write_to()
    smtp.know_nobody_at("rosa@test.example")
    assert sent() == []
    db.session.expire_all()
    assert (row.sent_at, row.bounced_at is None) == (None, False)
    assert "…" in row.text  # its secret link is forgotten as after sending
    found = db.session.scalars(select(BouncedAddress)).one()
    assert (found.times, found.why) == (1, "550 5.1.1 no such user")
    assert db.session.query(Job).filter(Job.key.like("mail:%"), Job.done_at.is_(None)).count() == 0
    assert mail.waiting(timedelta(days=-1)) == 0


def test_a_recipient_refused_for_now_is_no_bounce(sent, smtp):
    row = write_to()
    smtp.know_nobody_at("rosa@test.example", "450 4.2.0 try later")
    assert sent() == []
    db.session.expire_all()
    assert row.bounced_at is None
    assert bouncing(["rosa@test.example"]) == set()


def test_a_mail_that_arrives_clears_the_address(sent):
    note_bounce("Rosa@test.example", "full")
    assert bouncing(["rosa@TEST.example"]) == {"rosa@test.example"}
    write_to()
    assert len(sent()) == 1
    assert bouncing(["rosa@test.example"]) == set()


def test_a_new_address_leaves_the_bounces_of_the_old_behind():
    person = make_person(email="old@test.example")
    note_bounce("old@test.example", "gone")
    change_email(tokens.make(TokenKind.CHANGE_EMAIL, "new@test.example", person))
    assert bouncing(["old@test.example"]) == set()


def test_a_report_takes_back_a_mail_of_ours_once(sent):
    row = write_to()
    sent()
    assert mail.take_report(report(row)) == 1
    assert mail.take_report(report(row)) == 0
    found = db.session.scalars(select(BouncedAddress)).one()
    assert (found.address, found.times) == ("rosa@test.example", 1)
    assert found.why == "smtp; 550 5.1.1 no such user"


@pytest.mark.parametrize("facts", [
    {"action": "delayed"}, {"action": "delivered"}, {"address": "chair@test.example"},
])  # fmt: skip
def test_what_was_only_delayed_or_names_somebody_else_takes_back_nothing(sent, facts):
    row = write_to()
    sent()
    assert mail.take_report(report(row, **facts)) == 0
    assert db.session.query(BouncedAddress).count() == 0


def test_a_forged_report_about_a_mail_that_we_never_sent_is_nothing(sent):
    row = write_to()
    sent()
    forged = report(row).replace(row.message_id.encode(), b"<1@elsewhere.example>")
    assert mail.take_report(forged) == 0


@pytest.mark.parametrize("raw", [b"", b"Subject: hello\n\nI am away.", b"\xff\xfe\x00"])
def test_what_is_no_report_is_refused_in_words(raw):
    with pytest.raises(Refused, match="no delivery status message"):
        read_report(raw)


@pytest.mark.view
def test_staff_see_whose_address_it_is_note_one_and_clear_it(browser):
    browser.sign_in(make_person("membership"))
    firm = make_firm(name="Acacia", billing_email="AP@acacia.example")
    make_contact(firm, "dues_contact", email="dora@acacia.example", display_name="Dora")
    where = "/staff/members/bounced"
    page = browser.post(where, status=200, address="nobody", why="").text
    assert "Enter an e-mail address" in page
    assert 'value="nobody"' in page
    browser.post(where, address="dora@acacia.example", why="No such user")
    browser.post(where, address="ap@acacia.example", why="Mailbox full")
    page = browser.get(where)
    assert "Dora, dues contact" in page
    assert "its invoices" in page
    assert "Addresses that bounce" in browser.get("/staff/")
    found = db.session.scalars(select(BouncedAddress)).first()
    browser.post(f"{where}/{found.id}/works", page=where)
    assert db.session.query(BouncedAddress).count() == 1
