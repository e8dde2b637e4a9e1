"""Readers of what other bodies publish: bytes in, bills and votes in our plain form out.

Each module has `SOURCE`, `LICENCE`, `split(raw)`, which yields the records of a file as bytes,
and `parse(record)`, which makes a `Bill`, `RollCall` or `Meeting` of one, or None of what is
rightly there and none of these (a person). Both raise `Unreadable` with words when the bytes are
not what the format promises. The records are kept as they came: all else is derived from them.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from portal.legislation.bills import Unreadable, Vote

LARGEST = 50 * 2**20
# Touched without anything having happened.
VOLATILE = frozenset({
    "LastModified", "updated_at", "updateDate", "updateDateIncludingText", "scraped_at",
    "_processing", "lastUpdate", "log_file_created", "openstates_url", "AgendaLastPublished",
    "MinutesLastPublished",
})  # fmt: skip


@dataclass(frozen=True)
class RollCall:
    """A vote that lies in a file of its own; `refers` is the key of its bill, "" if only named."""

    source: str
    vote: Vote
    refers: str = ""
    session: str = ""
    identifier: str = ""


@dataclass(frozen=True)
class Meeting:
    """A hearing as its body announced it. `begins_at` keeps the source's offset."""

    source: str
    key: str
    body: str
    begins_at: str
    status: str  # tentative, confirmed, deferred, cancelled
    place: str = ""
    location: str = ""
    url: str = ""
    comment: str = ""
    items: tuple[tuple[str, str], ...] = ()  # (number of a matter, what it is about)
    revised_at: str = ""


def from_json(raw: bytes) -> Any:
    """What a JSON file holds; a mark of order at its beginning is nothing."""
    if len(raw) > LARGEST:
        raise Unreadable("The file is larger than 50 MB")
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as trouble:
        raise Unreadable(f"The file is not whole JSON: {trouble}") from None


def text_of(value: Any) -> str:
    """A text without blanks around it; numbers become text, nothing becomes ""."""
    return "" if value is None else str(value).strip()


def needed(record: Any, *names: str) -> None:
    """Refuse what is not an object, or lacks a field without which it is no record."""
    if not isinstance(record, dict):
        raise Unreadable("There is a list or a text where an object should be")
    missing = [name for name in names if text_of(record.get(name)) == ""]
    if missing:
        raise Unreadable(f"It has no {', '.join(missing)}")


def each_of(raw: bytes, *names: str) -> Iterator[bytes]:
    """The records of a list, or of an object that has one under one of these names; or `raw`."""
    whole = from_json(raw)
    rows = whole if isinstance(whole, list) else None
    for name in names:
        if isinstance(whole, dict) and isinstance(whole.get(name), list):
            rows = whole[name]
    if rows is None:
        yield raw
    else:
        for one in rows:
            yield json.dumps(one, ensure_ascii=False).encode()


def digest(record: bytes) -> str:
    """SHA-256 over what a record says: no volatile keys, keys in order, texts trimmed, NFC."""
    if record.lstrip()[:1] == b"<":
        return hashlib.sha256(record).hexdigest()
    text = json.dumps(_steady(from_json(record)), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _steady(one) for name, one in value.items() if name not in VOLATILE}
    if isinstance(value, list):
        return [_steady(one) for one in value]
    return value.strip() if isinstance(value, str) else value
