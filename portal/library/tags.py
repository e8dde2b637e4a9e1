"""Free words on practices: which there are, and many practices given or relieved of them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import defer

from portal.accounts.models import Person
from portal.core.db import db
from portal.core.states import Refused
from portal.library import actions
from portal.library.models import Practice, PracticeStatus

LONGEST, MOST = 40, 20
# What is under review is read as it is; what is closed is as it was.
CLOSED = {PracticeStatus.IN_REVIEW, PracticeStatus.ARCHIVED, PracticeStatus.WITHDRAWN}


@dataclass(frozen=True)
class Change:
    practice: Practice
    before: tuple[str, ...]
    after: tuple[str, ...]


def tags_of(practice: Practice) -> tuple[str, ...]:
    return tuple(str(one) for one in practice.front.get("tags") or ())


def counted() -> list[tuple[str, int]]:
    """Every tag with how many practices bear it, the most frequent first."""
    fronts = db.session.scalars(select(Practice.front))
    found = Counter(tag for front in fronts for tag in front.get("tags") or ())
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def read(text: str) -> tuple[str, ...]:
    """Tags with commas between, as they are kept: small letters, each once. Raises `Refused`."""
    found = dict.fromkeys(
        tag for one in text.split(",") if (tag := re.sub(r"\s+", " ", one).strip().lower())
    )
    for one in found:
        if len(one) > LONGEST:
            raise Refused(f"“{one[:LONGEST]}…” is longer than {LONGEST} letters")
    return tuple(found)


def chosen(theme: str = "", kind: str = "") -> Select[Practice]:
    """Practices that may still change, narrowed by what is given."""
    query = select(Practice).where(Practice.status.not_in(CLOSED)).options(defer(Practice.body))
    for column, asked in ((Practice.theme, theme), (Practice.kind, kind)):
        if asked:
            query = query.where(column == asked)
    return query.order_by(Practice.ref)


def changes(
    query: Select[Practice], with_tag: str, more: Sequence[str], fewer: Iterable[str]
) -> list[Change]:
    """What would become of the tags of those that bear `with_tag`, if one is given."""
    found, gone = [], set(fewer)
    for practice in db.session.scalars(query):
        before = tags_of(practice)
        after = tuple(dict.fromkeys([one for one in before if one not in gone] + list(more)))
        if (not with_tag or with_tag in before) and after != before:
            found.append(Change(practice, before, after[:MOST]))
    return found


def apply(found: Iterable[Change], author: Person) -> tuple[int, list[str]]:
    """How many have a new version, and why others were left; the caller commits."""
    done, left = 0, []
    for one in found:
        front = one.practice.front | {"tags": list(one.after) or None}
        note = f"Tags: {', '.join(one.after) or 'none'}"
        try:
            actions.revise(one.practice, front, one.practice.body, note, author)
        except Refused as refusal:
            left.append(f"{one.practice.ref}: {refusal}")
        else:
            done += 1
    return done, left
