"""Sessions of chambers and councils: from `content/sessions.csv`, from bills, from people.

The caller commits. What staff set by hand stays theirs.
"""

import csv
from datetime import date
from pathlib import Path

from sqlalchemy import select

from portal.core import audit, clock, jobs
from portal.core.db import db
from portal.legislation.bills import session_key
from portal.legislation.models import BillSession
from portal.places.models import Place


def load_sessions(path: Path) -> int:
    """Take every row over; twice is the same as once. The number of sessions."""
    places = {one.slug: one for one in db.session.scalars(select(Place))}
    known = {(one.place_id, one.key): one for one in db.session.scalars(select(BillSession))}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        place, key = places[row["place"]], session_key(row["session"])
        one = known.setdefault((place.id, key), BillSession(place=place, key=key))
        if one.is_by_hand:
            continue
        before = one.ends_on, one.carries_over
        one.name, one.end_kind, one.source = row["name"], row["end_kind"], row["source"]
        one.ends_on = date.fromisoformat(row["ends_on"]) if row["ends_on"] else None
        one.carries_over = row["carries_over"] == "yes"
        db.session.add(one)
        if one.id and (one.ends_on, one.carries_over) != before:  # bills named it before
            _derive_later(one)
    return len(rows)


def known_sessions() -> set[tuple[int, str]]:
    """By place and key."""
    rows = db.session.execute(select(BillSession.place_id, BillSession.key))
    return {(place_id, key) for place_id, key in rows}


def open_session(place_id: int, key: str, source: str) -> None:
    """One that a bill names and nobody has described: it goes on until somebody says otherwise."""
    db.session.add(
        BillSession(place_id=place_id, key=key, name=f"Session {key}", ends_on=None,
                    end_kind="open", carries_over=False, source=source)
    )  # fmt: skip


def set_end(
    one: BillSession, ends_on: date | None, end_kind: str, source: str, *, carries_over: bool
) -> None:
    """What a person says of its end; its open bills are derived anew by a job."""
    one.ends_on, one.end_kind, one.source = ends_on, end_kind, source
    one.carries_over, one.is_by_hand = carries_over, True
    audit.record("bill_session.end_set", one, ends_on=str(ends_on), source=source)
    _derive_later(one)


def _derive_later(one: BillSession) -> None:
    db.session.flush()
    jobs.queue(
        "portal.legislation.jobs.derive_session", key=f"bill-session:{one.id}:{clock.now()}",
        session_id=one.id,
    )  # fmt: skip
