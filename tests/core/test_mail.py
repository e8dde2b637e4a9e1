"""Mail: in the outbox with the fact it tells of, sent once, and patient with a sick server."""

import re
import socket
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from portal import create_app
from portal.accounts.actions import send_reset
from portal.core import clock, jobs, mail
from portal.core.db import db
from portal.core.jobs import Job
from portal.core.mail import Attachment, OutgoingMail
from tests.browser import Browser
from tests.make import make_person

EMAILS = Path(__file__).parents[2] / "templates" / "emails"
TEMPLATES = [path.relative_to(EMAILS.parent).as_posix() for path in EMAILS.glob("*/*.txt")]


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


def test_a_mail_is_sent_though_a_part_of_its_transaction_failed_later_and_that_parts_never(sent):
    first, second, third = make_person(), make_person(), make_person()
    send_reset(first.email)
    with suppress(ZeroDivisionError), db.session.begin_nested():
        send_reset(second.email)
        db.session.flush()
        raise ZeroDivisionError
    with suppress(ZeroDivisionError), db.session.begin_nested():
        raise ZeroDivisionError
    with db.session.begin_nested():
        send_reset(third.email)
    db.session.commit()
    assert sorted(one["To"] for one in sent()) == sorted([first.email, third.email])


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


def test_a_server_that_is_gone_or_silent_costs_a_request_nothing(settings, browser):
    person = make_person()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for port in (9, silent.getsockname()[1]):
            app = create_app(replace(settings, smtp_url=f"smtp://127.0.0.1:{port}"))
            visitor = Browser(app.test_client())
            began = time.monotonic()
            visitor.post("/reset", email=person.email)
            assert time.monotonic() - began < mail.TIMEOUT / 4
            with app.app_context():
                db.engine.dispose()
    assert db.session.query(Job).filter(Job.done_at.is_(None)).count() == 2


@pytest.mark.parametrize("name", sorted(TEMPLATES), ids=str)
def test_every_mail_has_its_words_and_a_plain_reason_why_it_came(app, name):
    template = app.jinja_env.get_template(name)
    assert set(template.blocks) == {"subject", "body", "why"}
    source = " ".join((EMAILS.parent / name).read_text().split())
    why = source.partition("{% block why %}")[2].partition("{% endblock")[0]
    assert re.match(r"You get this (mail|receipt)( once)? because \S+ \S+ \S+", why)


def test_our_copy_of_a_mail_keeps_its_words_but_not_its_secret_links():
    link = "https://portal.example/invitation/" + "s" * 43
    words = f"Hello.\n{link}\nAlso https://portal.example/legislation/12 and\n{link}/x."
    kept = mail.forget_secrets(words)
    assert "sss" not in kept
    assert kept.startswith("Hello.\nhttps://portal.example/invitation/…\n")
    assert "https://portal.example/legislation/12 and" in kept


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
