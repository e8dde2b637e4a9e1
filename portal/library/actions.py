"""Changes to practices. The caller commits."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db
from portal.core.markdown import plain
from portal.core.search import index
from portal.core.states import Refused
from portal.library.front_matter import frankness_faults, hash_of
from portal.library.models import Practice, PracticeStatus, Revision, Visibility

SHORT_LIVED = {"compliance", "tax", "transport"}  # themes reviewed after six months, not twelve


def fill(practice: Practice, front: Mapping[str, Any], body: str) -> None:
    """Take front matter and body over into the row; the status is not theirs to change."""
    practice.front, practice.body = dict(front), body
    practice.title, practice.summary = str(front["title"]), str(front["summary"])
    practice.kind, practice.service = front["kind"], front["service"]
    practice.stage, practice.theme = front["stage"], front["theme"]
    practice.outcome = front.get("outcome")
    practice.visibility = Visibility(front.get("visibility", "members"))
    practice.has_teaser = bool(front.get("teaser", False))
    practice.words = len(plain(body).split())
    due = front.get("review_due")
    practice.review_due_on = date.fromisoformat(due) if due else None


def keep_revision(practice: Practice, note: str, author: Person | None) -> None:
    """The state of a practice as its next version."""
    db.session.flush()
    db.session.add(
        Revision(
            practice_id=practice.id, version=practice.version, front=practice.front,
            body=practice.body, change_note=note, author=author, made_at=clock.now(),
        )
    )  # fmt: skip
    _find_again(practice)


def _find_again(practice: Practice) -> None:
    """Its files are found by whoever may read it: they follow each of its changes."""
    index.changed("practice", practice.id)
    for one in practice.attachments:
        index.changed("attachment", one.id)


def next_ref() -> str:
    refs = db.session.scalars(select(Practice.ref).where(Practice.ref.like("A%")))
    numbers = [int(ref[1:]) for ref in refs if ref[1:].isdigit()]
    return f"A{max(numbers, default=0) + 1:02}"


def start(slug: str, front: Mapping[str, Any], body: str, author: Person) -> Practice:
    """A new draft. The slug's uniqueness is the database's to check."""
    practice = Practice(slug=slug, ref=next_ref(), version=1, status=PracticeStatus.DRAFT)
    fill(practice, {**front, "id": practice.ref}, body)
    db.session.add(practice)
    keep_revision(practice, "First draft", author)
    audit.record("practice.started", practice, slug=slug)
    return practice


def revise(
    practice: Practice, front: Mapping[str, Any], body: str, note: str, author: Person
) -> None:
    """A new version; of a published practice readers see it, and the note, at once."""
    front = {**practice.front, **front}
    if practice.status is not PracticeStatus.DRAFT:
        _refuse_unfrank({**front, "status": practice.status.value})
    fill(practice, front, body)
    practice.version += 1
    if practice.status is PracticeStatus.PUBLISHED:
        practice.updated_on = today()
    keep_revision(practice, note, author)
    audit.record("practice.revised", practice, version=practice.version, note=note)


def _refuse_unfrank(front: Mapping[str, Any]) -> None:
    found = frankness_faults(front)
    if found:
        raise Refused("Not yet: " + "; ".join(found) + ".")


def move(practice: Practice, new: PracticeStatus, why: str) -> None:
    """Draft to review, review to published or back, published to archived or withdrawn."""
    if new is PracticeStatus.PUBLISHED or new is PracticeStatus.IN_REVIEW:
        _refuse_unfrank({**practice.front, "status": new.value})
    audit.move(practice, new, why)
    if new is PracticeStatus.PUBLISHED:
        day = today()
        practice.published_on = practice.published_on or day
        practice.updated_on = day
        months = 182 if practice.theme in SHORT_LIVED else 365
        practice.review_due_on = day + timedelta(days=months)
        dates = {"reviewed_on": day, "review_due": practice.review_due_on}
        practice.front = {**practice.front, **{k: v.isoformat() for k, v in dates.items()}}
    practice.front = {**practice.front, "status": new.value}
    _find_again(practice)


def hash_now(practice: Practice) -> str:
    return hash_of(practice.front, practice.body)
