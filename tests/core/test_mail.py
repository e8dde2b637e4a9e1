"""Mail: in the outbox with the fact it tells of, sent once, and patient with a sick server."""

import pytest
from sqlalchemy import select, update

from portal.accounts.actions import send_reset
from portal.core import clock, jobs, mail
from portal.core.db import db
from portal.core.jobs import Job
from portal.core.mail import Attachment, OutgoingMail
from tests.make import make_person


def queue(**facts):
    person = make_person(**facts)
    send_reset(person.email)
    db.session.commit()
    return person


def test_a_mail_is_sent_once(sent):
    person = queue()
    assert [one["To"] for one in sent()] == [person.email]
    assert len(sent()) == 1


def test_a_mail_of_a_transaction_that_failed_is_never_sent(sent):
    send_reset(make_person().email)
    db.session.rollback()
    assert sent() == []


@pytest.mark.parametrize("answer", ["451 try later", "550 unknown"])
def test_a_server_that_refuses_is_asked_again_later(sent, smtp, answer):
    queue()
    smtp.refuse_with(answer)
    assert sent() == []
    waiting = db.session.scalars(select(Job).where(Job.key.startswith("mail:"))).one()
    assert waiting.due_at > clock.now()
    smtp.refuse_with("250 OK")
    db.session.execute(update(Job).values(due_at=clock.now()))
    db.session.commit()
    assert len(sent()) == 1


def test_no_line_break_reaches_a_header(sent):
    queue(display_name="Rosa\r\nBcc: all@evil.example")
    message = sent()[0]
    assert message["Bcc"] is None


def test_long_words_are_folded_and_arrive_whole(sent):
    words = "schwungvoll " * 200
    person = make_person(display_name=words.strip())
    send_reset(person.email)
    db.session.commit()
    text = sent()[0].get_body(("plain",)).get_content()
    assert words.strip() in " ".join(text.split())


def test_attachments_travel_under_a_harmless_name(sent):
    person = make_person()
    file = Attachment('in"voice\r\n.pdf', "application/pdf", b"%PDF-1.7 test")
    mail.queue("accounts/password_changed", to=person.email, person=person, attachments=[file])
    db.session.commit()
    part = next(sent()[0].iter_attachments())
    assert part.get_content() == b"%PDF-1.7 test"
    assert part.get_filename() == "in-voice-.pdf"


def test_html_parts_escape_what_people_typed(sent):
    queue(display_name="<script>alert(1)</script>")
    html = sent()[0].get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_mails_that_wait_too_long_are_counted(smtp):
    queue()
    db.session.execute(update(OutgoingMail).values(queued_at=clock.now() - jobs.KEPT))
    db.session.commit()
    assert mail.waiting() == 1
