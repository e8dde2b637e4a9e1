"""Addresses at which mail does not arrive: refused at once, reported later, or seen by staff."""

import smtplib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Any, cast

from blinker import Signal
from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Key, Model, db
from portal.core.states import Refused

# Sent with its row when mail came back from an address once more, in the same transaction.
came_back = Signal()
# Sent when an address does not count as bouncing any more, in the same transaction.
mended = Signal()


class BouncedAddress(Model):
    """It bounces until a mail arrives there again, or somebody says that it works."""

    __tablename__ = "bounced_addresses"

    id: Mapped[Key]
    address: Mapped[str] = mapped_column(unique=True)  # lower case
    since_at: Mapped[datetime] = mapped_column(index=True)
    times: Mapped[int]
    why: Mapped[str]  # what the mail server said, or staff


def note_bounce(address: str, why: str) -> BouncedAddress:
    """The caller commits."""
    address = address.strip().lower()
    row = db.session.scalar(select(BouncedAddress).filter_by(address=address))
    if row is None:
        row = BouncedAddress(address=address, since_at=clock.now(), times=0, why="")
        db.session.add(row)
    row.times, row.why = row.times + 1, why[:500]
    db.session.flush()
    came_back.send(row)
    return row


def forget_bounces(addresses: Iterable[str]) -> None:
    """Mail arrives there, or the address is nobody's any more."""
    wanted = [one.strip().lower() for one in addresses]
    those = delete(BouncedAddress).where(BouncedAddress.address.in_(wanted))
    gone = cast("CursorResult[Any]", db.session.execute(those))
    if gone.rowcount:
        mended.send(None)


def bouncing(addresses: Iterable[str]) -> set[str]:
    """Those of them at which mail does not arrive, in lower case."""
    wanted = {one.strip().lower() for one in addresses}
    query = select(BouncedAddress.address).where(BouncedAddress.address.in_(wanted))
    return set(db.session.scalars(query)) if wanted else set()


def are_bouncing(addresses: Collection[str]) -> dict[str, bool]:
    """Of each of them whether mail does not arrive there."""
    found = bouncing(addresses)
    return {one: one.strip().lower() in found for one in addresses}


def refusal(error: smtplib.SMTPRecipientsRefused) -> str | None:
    """What the server said of a recipient whom it will never take; None when it may later."""
    code, words = next(iter(error.recipients.values()))
    told = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return f"{code} {' '.join(told.split())}" if 500 <= code < 600 else None


@dataclass(frozen=True)
class Report:
    """One recipient of a delivery status message to whom a mail could not be delivered."""

    message_id: str  # of the mail that we sent
    address: str
    why: str


def read_report(raw: bytes) -> list[Report]:
    """Those that failed for good in a delivery status message (RFC 3464).

    Raises `Refused` when it is no such message, or does not say which mail it is about.
    """
    message = message_from_bytes(raw, policy=compat32)
    parts = list(message.walk())
    status = next((one for one in parts if one.get_content_type() == STATUS), None)
    if status is None:
        raise Refused("This is no delivery status message (RFC 3464).")
    message_id = next((one for part in parts if (one := _original(part))), "")
    if not message_id:
        raise Refused("The report does not say which mail it is about.")
    blocks = status.get_payload()
    found = [_failed(one, message_id) for one in blocks if isinstance(one, Message)]
    return [one for one in found if one]


STATUS = "message/delivery-status"


def _original(part: Message) -> str:
    """The Message-ID of the mail that came back, whole or as its headers."""
    inner = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(inner, list):
        return str(inner[0].get("Message-ID", "")).strip()  # type: ignore[union-attr]
    if part.get_content_type() == "text/rfc822-headers":
        body = part.get_payload(decode=True)
        headers = message_from_bytes(body if isinstance(body, bytes) else b"", policy=compat32)
        return str(headers.get("Message-ID", "")).strip()
    return ""


def _failed(block: Message, message_id: str) -> Report | None:
    if str(block.get("Action", "")).strip().lower() != "failed":
        return None
    named = block.get("Original-Recipient") or block.get("Final-Recipient") or ""
    address = str(named).rpartition(";")[2].strip().lower()
    why = block.get("Diagnostic-Code") or block.get("Status") or "could not be delivered"
    return Report(message_id, address, " ".join(str(why).split())[:500])
