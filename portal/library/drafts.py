"""Drafts that keep themselves while an editor types. The caller commits."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.core import clock
from portal.core.db import db
from portal.core.states import Refused
from portal.library.models import Draft, Practice

LARGEST = 300_000  # characters of one draft
STILL_WRITING = timedelta(minutes=10)  # since the last word
NEVER_KEPT = ("csrf_token", "preview", "insert", "more")


def mine(practice: Practice | None, editor: Person) -> Draft | None:
    """What this editor typed and did not keep; of a new practice where none is given."""
    number = practice.id if practice else None
    query = select(Draft).where(Draft.editor_id == editor.id)
    return db.session.scalar(query.where(Draft.practice_id.is_not_distinct_from(number)))


def keep(practice: Practice | None, editor: Person, facts: dict[str, Any]) -> Draft:
    """Keep the form as it stands. Raises `Refused` where it is too long to be one."""
    facts = {name: one for name, one in facts.items() if name not in NEVER_KEPT}
    if len(json.dumps(facts)) > LARGEST:
        raise Refused("This is too long to be kept as a draft.")
    now, draft = clock.now(), mine(practice, editor)
    if draft is None:
        draft = Draft(practice_id=practice.id if practice else None, editor=editor, started_at=now)
        db.session.add(draft)
    draft.facts, draft.saved_at = facts, now
    return draft


def drop(practice: Practice | None, editor: Person) -> None:
    number = practice.id if practice else None
    gone = delete(Draft).where(Draft.editor_id == editor.id)
    db.session.execute(gone.where(Draft.practice_id.is_not_distinct_from(number)))


def others(practice: Practice | None, editor: Person) -> Sequence[Draft]:
    """Who else is writing on this practice at present."""
    if practice is None:
        return ()
    query = select(Draft).options(joinedload(Draft.editor)).order_by(Draft.started_at)
    query = query.where(Draft.practice_id == practice.id, Draft.editor_id != editor.id)
    return db.session.scalars(query.where(Draft.saved_at > clock.now() - STILL_WRITING)).all()


def write_once(keep_id: int, lose_id: int) -> None:
    """Two accounts of one person become one: of two drafts the kept account's stays."""
    kept = db.session.scalars(select(Draft.practice_id).where(Draft.editor_id == keep_id)).all()
    for one in db.session.scalars(select(Draft).where(Draft.editor_id == lose_id)).all():
        if one.practice_id in kept:
            db.session.delete(one)
