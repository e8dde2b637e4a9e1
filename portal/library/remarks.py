"""Pitches and errors that readers report, and what they ask. The caller commits."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.accounts.queries import sent_before
from portal.core import audit, clock
from portal.core.db import db
from portal.core.merging import ids_of
from portal.core.states import Refused
from portal.library import answering
from portal.library.models import Practice, Proposal, Remark, RemarkKind, RemarkStatus
from portal.library.proposals import decline

NAMES = {
    RemarkKind.PITCH: "Report of a pitch", RemarkKind.ERROR: "Report of an error",
    RemarkKind.QUESTION: "Question",
}  # fmt: skip
WORDS = {
    RemarkStatus.OPEN: ("needs", "with the editors"), RemarkStatus.UPHELD: ("ok", "upheld"),
    RemarkStatus.DISMISSED: ("", "not upheld"), RemarkStatus.ANSWERED: ("ok", "answered"),
}  # fmt: skip
IS_A_PITCH = "Editors found that it pitches a product: it may be discussed, not sold here."


def report(
    kind: RemarkKind, practice: Practice, text: str, person: Person, about: Proposal | None = None
) -> Remark:
    """Of a practice, or of one experience beside it; raises `Refused` when it waits already."""
    facts = {"practice": practice, "proposal": about, "text": text, "person": person}
    made = Remark(kind=kind, made_at=clock.now(), **facts)
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        raise Refused("You reported this already: the editors are at it.") from None
    audit.record("remark.made", made, kind=kind.value)
    return made


def ask(text: str, person: Person, practice: Practice | None = None) -> Remark:
    """The author and the editors, or without a practice the whole library; once if sent twice."""
    facts = {"kind": RemarkKind.QUESTION, "practice": practice, "text": text, "person": person}
    if twin := sent_before(Remark, Remark.made_at, person, **facts):
        return twin
    made = Remark(made_at=clock.now(), status=RemarkStatus.OPEN, **facts)
    db.session.add(made)
    db.session.flush()
    audit.record("remark.made", made, kind=made.kind.value)
    if practice:
        answering.tell_asked(made, practice)
    return made


def answer(remark: Remark, new: RemarkStatus, words: str) -> None:
    """Decide a report or answer a question: whoever sent it is told. An upheld pitch in an
    experience takes that off the page.
    """
    db.session.refresh(remark, with_for_update={"of": Remark})
    is_question = remark.kind is RemarkKind.QUESTION
    if is_question is not (new is RemarkStatus.ANSWERED):
        raise Refused("Answer a question; uphold or dismiss a report.")
    remark.answer, remark.answered_at, remark.is_by_author = words, clock.now(), False
    audit.move(remark, new)
    is_pitch = remark.kind is RemarkKind.PITCH and new is RemarkStatus.UPHELD
    if is_pitch and remark.proposal and remark.proposal.status.value == "accepted":
        decline(remark.proposal, IS_A_PITCH)
    answering.tell_answered(remark, NAMES[remark.kind].lower())


def _whole() -> Select[Remark]:
    """With the practice and the experience that a list names, in the one statement."""
    return select(Remark).options(joinedload(Remark.practice), joinedload(Remark.proposal))


def of_person(person: Person) -> Sequence[Remark]:
    mine = Remark.person_id.in_(ids_of(Person, person.id))
    return db.session.scalars(_whole().where(mine).order_by(Remark.id.desc())).all()


def answered_about(practice: Practice) -> Sequence[Remark]:
    """Questions that readers see with their answers, by nobody's name."""
    query = select(Remark).filter_by(practice_id=practice.id, status=RemarkStatus.ANSWERED)
    return db.session.scalars(query.order_by(Remark.id.desc()).limit(20)).all()


def report_once(keep: int, lose: int) -> None:
    """Two records of one person report a thing once: what waits twice is answered once."""
    kept = {(one.kind, one.practice_id, one.proposal_id) for one in _open_reports(keep)}
    for one in _open_reports(lose):
        if (one.kind, one.practice_id, one.proposal_id) in kept:
            db.session.delete(one)


def _open_reports(person_id: int) -> Sequence[Remark]:
    query = select(Remark).filter_by(person_id=person_id, status=RemarkStatus.OPEN)
    return db.session.scalars(query.where(Remark.kind != RemarkKind.QUESTION)).all()


def listed(status: str, kind: str = "") -> Select[Remark]:
    query = _whole()
    if status in set(RemarkStatus):
        query = query.where(Remark.status == RemarkStatus(status))
    if kind in set(RemarkKind):
        query = query.where(Remark.kind == RemarkKind(kind))
    return query.order_by(Remark.id if status == "open" else Remark.id.desc())


def waiting() -> tuple[int, datetime | None]:
    """How many wait for an answer, and since when the oldest."""
    facts = select(func.count(), func.min(Remark.made_at))
    count, since = db.session.execute(facts.where(Remark.status == RemarkStatus.OPEN)).one()
    return count, since
