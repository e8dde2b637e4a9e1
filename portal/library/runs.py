"""Checklists as firms fill them: who may see and fill one, opened, answered, taken along, deleted.

The caller commits.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.accounts.queries import sent_before
from portal.core import audit, clock, jobs
from portal.core.access import Permission
from portal.core.db import db
from portal.core.states import Refused
from portal.library.checklists import Change, Item, Progress, change, items, progress
from portal.library.kin import colleagues, firm_ids_of, kin_of
from portal.library.models import (
    Answer,
    ChecklistAnswer,
    ChecklistHelper,
    ChecklistRun,
    Practice,
    Revision,
)
from portal.library.queries import may_read, versions_of
from portal.members.models import Organization
from portal.members.policy import Feature
from portal.members.queries import has

FORGET = "portal.library.jobs.forget_file"
CLOSED = "The checklist is closed: open it again to change it."


@dataclass(frozen=True)
class Said:
    """What somebody says of one item."""

    answer: Answer = Answer.OPEN
    note: str = ""
    owner_id: int | None = None
    due_on: date | None = None

    @property
    def mark(self) -> str:
        """Differs when anything in it does: a form says by it what its reader had before them."""
        facts = f"{self.answer.value}|{self.owner_id}|{self.due_on}|{self.note}"
        return hashlib.sha256(facts.encode()).hexdigest()[:12]


def visible_to(person: Person | Any) -> ColumnElement[bool]:
    """Those of one's firm; and of sister firms, where one is the owner or helps.

    Without a seat one sees what the firm has once it left, to take it along.
    """
    mine = firm_ids_of(person)
    helped = select(ChecklistHelper.run_id).where(ChecklistHelper.person_id == person.id)
    run = ChecklistRun
    named = or_(run.owner_id == person.id, run.id.in_(helped))
    seen = or_(run.organization_id.in_(mine), and_(named, run.organization_id.in_(kin_of(mine))))
    if person.may(Permission.LIBRARY_READ):
        return seen
    return and_(seen, ~has(Feature.FULL, run.organization_id))


def listed(person: Person | Any, practice: Practice | None = None) -> Select[ChecklistRun]:
    """The open ones first, then the newest."""
    query = select(ChecklistRun).where(visible_to(person)).options(
        joinedload(ChecklistRun.practice), joinedload(ChecklistRun.owner),
        joinedload(ChecklistRun.organization),
    )  # fmt: skip
    if practice is not None:
        query = query.where(ChecklistRun.practice_id == practice.id)
    is_closed = ChecklistRun.closed_at.is_not(None)
    return query.order_by(is_closed, ChecklistRun.opened_at.desc(), ChecklistRun.id.desc())


def lock(run_id: int) -> None:
    """Whoever changes it at the same moment waits: read it after this."""
    db.session.execute(select(ChecklistRun.id).where(ChecklistRun.id == run_id).with_for_update())


def helpers_of(run: ChecklistRun) -> list[Person]:
    query = select(Person).join(ChecklistHelper, ChecklistHelper.person_id == Person.id)
    query = query.where(ChecklistHelper.run_id == run.id)
    return list(db.session.scalars(query.order_by(Person.display_name, Person.id)))


def may_fill(run: ChecklistRun, person: Person | Any) -> bool:
    """Owner and helpers, as long as their seat holds; the run itself is visible to them."""
    named = {run.owner_id, *(one.id for one in helpers_of(run))}
    return run.closed_at is None and person.may(Permission.LIBRARY_READ) and person.id in named


def has_lost_owner(run: ChecklistRun) -> bool:
    """True when its owner works neither at the firm nor at a sister."""
    return run.owner_id not in colleagues(run.organization_id)


def items_of(run: ChecklistRun) -> tuple[Item, ...]:
    return items_at(run.practice_id, run.version)


def items_at(practice_id: int, version: int) -> tuple[Item, ...]:
    at = select(Revision.body).filter_by(practice_id=practice_id, version=version)
    return items(db.session.scalar(at) or "")


def answers_of(run: ChecklistRun) -> dict[str, ChecklistAnswer]:
    query = select(ChecklistAnswer).filter_by(run_id=run.id).order_by(ChecklistAnswer.id)
    shown = joinedload(ChecklistAnswer.owner), joinedload(ChecklistAnswer.changed_by)
    return {one.item_key: one for one in db.session.scalars(query.options(*shown))}


def said(row: ChecklistAnswer | None) -> Said:
    return Said(row.answer, row.note, row.owner_id, row.due_on) if row else Said()


def progress_of(found: Sequence[ChecklistRun]) -> dict[int, Progress]:
    """How far each is: two statements, however many there are."""
    numbers = [one.id for one in found]
    at = (Revision.practice_id == ChecklistRun.practice_id) & (
        Revision.version == ChecklistRun.version
    )
    bodies = select(ChecklistRun.id, Revision.body).join(Revision, at)
    texts = db.session.execute(bodies.where(ChecklistRun.id.in_(numbers))).all()
    answers: dict[int, dict[str, str]] = {one: {} for one in numbers}
    rows = select(ChecklistAnswer.run_id, ChecklistAnswer.item_key, ChecklistAnswer.answer)
    for run_id, key, answer in db.session.execute(rows.where(ChecklistAnswer.run_id.in_(numbers))):
        answers[run_id][key] = answer.value
    return {run_id: progress(items(body), answers[run_id]) for run_id, body in texts}


def start(practice: Practice, firm: Organization, title: str, person: Person) -> ChecklistRun:
    """Of the newest version that readers have; the same form sent again begins nothing more.

    Raises `Refused` where there is nothing to fill.
    """
    version = newest(practice)
    if version is None or not items_at(practice.id, version):
        raise Refused("This practice has no checklist to fill.")
    facts = {
        "practice": practice, "version": version, "organization": firm, "title": title,
        "owner": person,
    }  # fmt: skip
    if twin := sent_before(ChecklistRun, ChecklistRun.opened_at, person, **facts):
        return twin
    run = ChecklistRun(opened_at=clock.now(), **facts)
    db.session.add(run)
    db.session.flush()
    audit.record("checklist.opened", run, version=version)
    return run


def newest(practice: Practice) -> int | None:
    return max((one.version for one in versions_of(practice)), default=None)


def say(run: ChecklistRun, item: Item, new: Said, person: Person) -> ChecklistAnswer:
    """Keep what is said of an item from now on. Raises `Refused` when the run is closed."""
    if run.closed_at is not None:
        raise Refused(CLOSED)
    own = select(ChecklistAnswer).filter_by(run_id=run.id, item_key=item.key)
    row = db.session.scalar(own)
    if row is None:
        row = ChecklistAnswer(run_id=run.id, item_key=item.key)
        db.session.add(row)
    row.item_text, row.answer, row.note = item.text, new.answer, new.note
    row.owner_id, row.due_on = new.owner_id, new.due_on
    row.changed_at, row.changed_by = clock.now(), person
    db.session.flush()
    return row


def settle(run: ChecklistRun, title: str, owner_id: int, helper_ids: Iterable[int]) -> None:
    """Its name and its people, all of the firm's group."""
    wanted = {*helper_ids, owner_id}
    if not wanted <= colleagues(run.organization_id).keys():
        raise Refused("Choose people of your firm or of a firm of the same owner.")
    run.title, run.owner_id = title, owner_id
    db.session.execute(delete(ChecklistHelper).where(ChecklistHelper.run_id == run.id))
    db.session.add_all(
        ChecklistHelper(run_id=run.id, person_id=one) for one in sorted(wanted - {owner_id})
    )
    audit.record("checklist.people_changed", run, owner=owner_id, helpers=len(wanted) - 1)


def take_over(run: ChecklistRun, person: Person) -> None:
    if not has_lost_owner(run):
        raise Refused("Its owner is still with the firm: ask them.")
    run.owner = person
    audit.record("checklist.taken_over", run)


def close(run: ChecklistRun) -> None:
    run.closed_at = clock.now()
    audit.record("checklist.closed", run)


def reopen(run: ChecklistRun) -> None:
    run.closed_at = None
    audit.record("checklist.opened_again", run)


def newer_version(run: ChecklistRun, reader: Person | Any) -> int | None:
    """A later version than the run's, if this reader may read it."""
    if run.practice.version <= run.version or not may_read(run.practice, reader):
        return None
    found = newest(run.practice)
    return found if found is not None and found > run.version else None


def difference(run: ChecklistRun, version: int) -> Change:
    return change(items_of(run), items_at(run.practice_id, version))


def go_over(run: ChecklistRun, version: int, carried: Mapping[str, str]) -> None:
    """To another version: the same items keep their answers, `carried` says which new item takes
    over which old one's. What has no item any more stays with the run, and in its exports.
    """
    if run.closed_at is not None:
        raise Refused(CLOSED)
    texts = {one.key: one.text for one in items_at(run.practice_id, version)}
    rows = answers_of(run)
    for new_key, old_key in carried.items():
        if new_key in texts and old_key in rows and new_key not in rows:
            rows[old_key].item_key, rows[old_key].item_text = new_key, texts[new_key]
    audit.record("checklist.went_over", run, old=run.version, new=version)
    run.version = version


def remove(run: ChecklistRun, why: str) -> None:
    """The run with all that was answered; the bytes of evidence go by a job."""
    keys = select(ChecklistAnswer.file_key).filter_by(run_id=run.id)
    for key in db.session.scalars(keys.where(ChecklistAnswer.file_key.is_not(None))).all():
        jobs.queue(FORGET, key=f"forget:{key}", file_key=key)
    audit.record("checklist.deleted", run, why=why)
    for model in (ChecklistAnswer, ChecklistHelper):
        db.session.execute(delete(model).where(model.run_id == run.id))
    db.session.delete(run)
