"""The mailbox page: what the demo's mail server was given, newest first."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, jsonify, render_template, request

from portal.core.access import public
from portal.core.links import settings
from portal.core.web import Page, page_number

blueprint = Blueprint("mailbox", __name__)
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:)]")
SHOWN = 25


@dataclass(frozen=True)
class Letter:
    name: str
    to: str
    subject: str
    text: str
    date: str
    links: tuple[str, ...]
    attachments: tuple[str, ...]

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The text cut at its addresses: (piece, is it an address)."""
        cut = re.split(f"({LINK.pattern})", self.text)
        return [(piece, bool(number % 2)) for number, piece in enumerate(cut)]


def _files() -> list[Path]:
    return sorted((settings().data / "mailbox").glob("*.eml"), reverse=True)


def _message(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=default)


@lru_cache(maxsize=1000)
def _read(path: Path) -> Letter:
    """A letter never changes once it lies here, so it is read once."""
    message = _message(path)
    part = message.get_body(("plain",))
    text = part.get_content().replace("\r\n", "\n") if part else ""
    names = tuple(one.get_filename() or "file" for one in message.iter_attachments())
    links = tuple(LINK.findall(text))
    sent = str(message["Date"])
    return Letter(path.stem, str(message["To"]), str(message["Subject"]), text, sent, links, names)


@blueprint.get("/mailbox/")
@public
def index() -> str:
    wanted = request.args.get("to", "").strip().lower()
    letters = [one for one in map(_read, _files()[:500]) if wanted in one.to.lower()]
    number = page_number()
    shown = letters[(number - 1) * SHOWN : number * SHOWN]
    page = Page(shown, number, len(letters), SHOWN)
    return render_template("demo/mailbox.html", page=page, wanted=wanted)


@blueprint.get("/mailbox/<string:name>/<int:number>")
@public
def attachment(name: str, number: int) -> Response:
    path = next((one for one in _files() if one.stem == name), None) or abort(404)
    parts = list(_message(path).iter_attachments())
    part = parts[number] if number < len(parts) else abort(404)
    shown = f'attachment; filename="{part.get_filename()}"'
    body = part.get_payload(decode=True)
    headers = {"Content-Disposition": shown}
    return Response(body, mimetype=part.get_content_type(), headers=headers)


@blueprint.get("/mailbox.json")
@public
def as_json() -> Response:
    """Newest first: to, subject, text, links."""
    letters = [
        {"to": one.to, "subject": one.subject, "text": one.text, "links": one.links}
        for one in map(_read, _files()[:200])
    ]
    return jsonify(letters)
