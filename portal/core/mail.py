"""Mail: one template makes subject, text and HTML; one table holds them; one job sends.

The only module that imports flask_mail.
"""

import re
import secrets
import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate, parseaddr
from typing import Any, cast
from urllib.parse import urlsplit

from blinker import Signal
from flask import Flask, current_app
from flask_mail import Connection, Mail, Message
from markupsafe import Markup
from sqlalchemy import CheckConstraint, ForeignKey, event, func, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column, relationship

from portal.core import clock, documents, jobs
from portal.core.bounces import forget_bounces, note_bounce, read_report, refusal
from portal.core.config import Settings
from portal.core.db import Key, Model, db, release
from portal.core.links import link, settings
from portal.core.mail_host import open_host
from portal.core.mail_html import paragraph

# What can be mailed without SMTPUTF8, and goes where it says: no comment, group, encoded word
# or route is hidden in it (RFC 5322 3.4, RFC 2047). Only a mail that arrives proves an address.
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS = re.compile(rf"[A-Za-z0-9.#$&'*+/=^_`{{|}}~-]+@(?:{LABEL}\.)+(?=[A-Za-z]){LABEL}\Z")
SECRET_LINK = re.compile(r"(https?://[^\s<>\"]*/)[\w-]{32,}")
STOP_LINK = re.compile(r"https?://[^\s<>\"]*/stop-mail/[\w.-]+")
UNFOLDED = SMTP.clone(max_line_length=998)  # a folded address becomes an encoded word: no address
TIMEOUT = 20  # seconds for each step of an SMTP conversation
mail = Mail()
bounced = Signal()  # sent with a mail that did not arrive, in the transaction that notes it

# Each may say of a mail, when it would leave, that it is not to be sent any more.
withholders: list[Callable[["OutgoingMail"], bool]] = []
# What every mail may say without being told: features add "association" and the like.
common: dict[str, Callable[[], object]] = {}


@dataclass(frozen=True)
class Attachment:
    name: str
    content_type: str  # "application/pdf"
    body: bytes


@dataclass(frozen=True)
class Document:
    """A PDF that is made when the mail is sent, of facts as they are when it is queued."""

    name: str
    template: str  # of `templates/documents`
    facts: dict[str, Any]


class OutgoingMail(Model):
    __tablename__ = "outgoing_mail"

    id: Mapped[Key]
    template: Mapped[str]
    recipient: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]  # it did not arrive, and will not
    withheld_at: Mapped[datetime | None]  # it was not to be sent any more when its turn came
    attachments: Mapped[list["MailAttachment"]] = relationship()


class MailAttachment(Model):
    """A file as it was sent; one that is yet to be made has its template and facts instead."""

    __tablename__ = "mail_attachments"
    __table_args__ = (CheckConstraint("body IS NOT NULL OR document IS NOT NULL", "can_be_made"),)

    id: Mapped[Key]
    mail_id: Mapped[int] = mapped_column(ForeignKey("outgoing_mail.id"), index=True)
    name: Mapped[str]
    content_type: Mapped[str]
    body: Mapped[bytes | None]
    document: Mapped[str | None]
    facts: Mapped[dict[str, Any]]

    def file(self) -> bytes:
        """The file; made now, and the same from now on, where it was not yet."""
        if self.body is None:
            self.body = documents.pdf(str(self.document), self.facts)
        return self.body


def queue(
    template: str, to: str, attachments: Sequence[Attachment | Document] = (), **context: object
) -> OutgoingMail:
    """Put `emails/<template>.txt` in the outbox; it is sent only if the caller commits.

    The template has three blocks: subject, body, and why (a plain reason why it came).
    """
    page = current_app.jinja_env.get_template(f"emails/{template}.txt")
    shared = {name: value() for name, value in common.items()}
    made = page.new_context({"link": link} | shared | context)
    parts = {name: "".join(page.blocks[name](made)).strip() for name in ("subject", "body", "why")}
    subject = " ".join(parts["subject"].split())  # no line break ever reaches a header
    return _queued(OutgoingMail(
        template=template, recipient=to.strip(), subject=subject, queued_at=clock.now(),
        text=_as_text(parts, shared), html=_as_html(parts, shared), message_id="",
        attachments=[_attached(one) for one in attachments],
    ))  # fmt: skip


def _queued(row: OutgoingMail) -> OutgoingMail:
    row.message_id = f"<{secrets.token_hex(12)}.{int(row.queued_at.timestamp())}@{_domain()}>"
    db.session.add(row)
    db.session.info.setdefault("mails", []).append(row)
    jobs.wake_workers()
    return row


def _queue_delivery(session: Session) -> None:
    """Of all mails of a transaction, when it commits: by then they have their numbers."""
    if session.info.get("mails"):
        session.flush()
        rows = session.info.pop("mails")
        jobs.queue_many(deliver, {f"mail:{row.id}": {"mail_id": row.id} for row in rows})


def _forget_rolled_back(session: Session, _part: SessionTransaction) -> None:
    session.info["mails"] = [row for row in session.info.get("mails", []) if row in session]


def _attached(one: Attachment | Document) -> MailAttachment:
    if isinstance(one, Document):
        facts = {"document": one.template, "facts": one.facts}
        return MailAttachment(name=one.name, content_type="application/pdf", body=None, **facts)
    return MailAttachment(name=one.name, content_type=one.content_type, body=one.body, facts={})


def _domain() -> str:
    return urlsplit(settings().site_url).hostname or "localhost"


def _as_text(parts: dict[str, str], shared: dict[str, object]) -> str:
    body = re.sub(r"\n{3,}", "\n\n", parts["body"])
    return f"{body}\n\n-- \n{parts['why']}\n"


def _as_html(parts: dict[str, str], shared: dict[str, object]) -> str:
    layout = current_app.jinja_env.get_template("emails/layout.html")
    paragraphs = Markup("").join(map(paragraph, re.split(r"\n\s*\n", parts["body"])))
    return layout.render(shared, subject=parts["subject"], body=paragraphs, why=parts["why"])


@jobs.job
def deliver(mail_id: int) -> None:
    """Send one mail; the SMTP conversation happens with no transaction open.

    Its documents are made and kept first: every try, and whoever asks later, has the same file.
    """
    row = db.session.get_one(OutgoingMail, mail_id)
    if row.sent_at or row.bounced_at or row.withheld_at:
        return
    if any(withholds(row) for withholds in withholders):
        row.withheld_at = clock.now()
        row.text, row.html = forget_secrets(row.text), forget_secrets(row.html)
        return
    message, why = as_message(row), None
    release()
    try:
        send(message)
    except smtplib.SMTPRecipientsRefused as refused:
        why = refusal(refused)
        if why is None:
            raise
    row = db.session.get_one(OutgoingMail, mail_id)
    if why is None:
        row.sent_at = clock.now()
        forget_bounces([row.recipient])
    else:
        take_back(row, why)
    row.text, row.html = forget_secrets(row.text), forget_secrets(row.html)


def take_back(row: OutgoingMail, why: str) -> None:
    """A mail did not arrive: features hear of it and may have it go elsewhere. Once each."""
    if row.bounced_at is None:
        row.bounced_at = clock.now()
        note_bounce(row.recipient, why)
        bounced.send(row)


def take_report(raw: bytes) -> int:
    """How many mails that we sent to that very address it takes back. The caller commits."""
    count = 0
    for one in read_report(raw):
        row = db.session.scalar(select(OutgoingMail).filter_by(message_id=one.message_id))
        if row and row.recipient.lower() == one.address and row.bounced_at is None:
            take_back(row, one.why)
            count += 1
    return count


def send_copy(row: OutgoingMail, to: str) -> OutgoingMail:
    """The same mail to somebody else, with what was attached."""
    made = OutgoingMail(
        template=row.template, recipient=to, subject=row.subject, text=row.text, html=row.html,
        queued_at=clock.now(), message_id="",
    )  # fmt: skip
    names = "name", "content_type", "body", "document", "facts"
    made.attachments = [
        MailAttachment(**{name: getattr(one, name) for name in names}) for one in row.attachments
    ]
    return _queued(made)


def forget_secrets(text: str) -> str:
    """Who reads our copy of a mail later cannot use the secret links that were in it."""
    return SECRET_LINK.sub(r"\1…", text)


def as_message(row: OutgoingMail) -> EmailMessage:
    """The row as MIME: the standard library refuses breaks in headers."""
    message = EmailMessage(policy=SMTP)
    name, address = parseaddr(settings().mail_from)
    message["From"] = formataddr((name, address))
    message["To"], message["Subject"] = row.recipient, row.subject
    message["Message-ID"], message["Date"] = row.message_id, formatdate(row.queued_at.timestamp())
    message["Auto-Submitted"] = "auto-generated"
    stop = STOP_LINK.search(row.text)
    if stop and stop[0].startswith(settings().site_url):
        message["List-Unsubscribe"] = f"<{stop[0]}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message.set_content(row.text)
    message.add_alternative(row.html, subtype="html")
    for one in row.attachments:
        main, sub = one.content_type.split(";")[0].split("/")
        filename, body = re.sub(r"[^\w.-]+", "-", one.name), one.file()
        method = re.search(rb"^METHOD:([A-Z]+)", body, re.MULTILINE)
        extra: dict[str, Any] = (
            {"params": {"method": method[1].decode()}} if sub == "calendar" and method else {}
        )
        message.add_attachment(body, maintype=main, subtype=sub, filename=filename, **extra)
    return message


class ReadyMessage(Message):
    """flask_mail's envelope around MIME that is already built."""

    def __init__(self, mime: EmailMessage) -> None:
        super().__init__(
            subject=mime["Subject"], recipients=[mime["To"]], sender=parseaddr(mime["From"])[1]
        )
        self.mime = mime

    def as_bytes(self) -> bytes:
        return self.mime.as_bytes(policy=UNFOLDED)

    def as_string(self) -> str:
        return self.mime.as_string(policy=UNFOLDED)


class PatientConnection(Connection):
    """flask_mail's connection with what it lacks: a time-out, TLS that is asked for by the URL."""

    def configure_host(self) -> smtplib.SMTP:
        return open_host(settings().smtp_url, TIMEOUT)


def send(mime: EmailMessage) -> None:
    """One recipient per message, so that a refusal is never silent; raises what SMTP raised."""
    with PatientConnection(cast("Any", mail)) as connection:
        connection.send(ReadyMessage(mime))


def waiting(longer_than: timedelta = timedelta(minutes=15)) -> int:
    """How many mails have not left although they should have: the health page asks."""
    ends = (OutgoingMail.sent_at, OutgoingMail.bounced_at, OutgoingMail.withheld_at)
    query = select(func.count(OutgoingMail.id)).where(*(end.is_(None) for end in ends))
    return db.session.scalar(query.where(OutgoingMail.queued_at < clock.now() - longer_than)) or 0


def init_app(app: Flask, settings: Settings) -> None:
    app.config.from_mapping(
        MAIL_DEFAULT_SENDER=settings.mail_from, MAIL_SUPPRESS_SEND=False, MAIL_MAX_EMAILS=None
    )
    mail.init_app(app)
    with app.app_context():
        event.listen(db.sessionmaker, "before_commit", _queue_delivery)
        event.listen(db.sessionmaker, "after_soft_rollback", _forget_rolled_back)
