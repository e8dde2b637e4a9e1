"""Readers' questions that the author of a practice answers. The caller commits."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.core import audit, clock, mail
from portal.core.audit import Transition
from portal.core.db import db
from portal.core.states import Refused
from portal.library.authors import author_of, became, gives_away, is_by
from portal.library.models import (
    Naming,
    Practice,
    PracticeStatus,
    Proposal,
    ProposalKind,
    Remark,
    RemarkKind,
    RemarkStatus,
)
from portal.library.suspensions import refuse_suspended

AUTHOR = "author"  # in the record, whoever it is
GIVES_AWAY = "You are this practice's author under a pseudonym: leave your name and firm out."


def tell_asked(remark: Remark, practice: Practice) -> None:
    """By mail to whoever sent the practice; under a pseudonym the mail does not say of what."""
    for one in db.session.scalars(became(practice)).all():
        person = author_of(one)
        if person and person.is_active and person.id != remark.person_id:
            shown = None if one.naming is Naming.ANONYMISED else remark
            mail.queue("library/question_asked", person.email, person=person, remark=shown)


def asked_of(person: Person) -> Sequence[Remark]:
    """Questions about published practices that came of what the person sent, open ones first."""
    own = select(Proposal.practice_id).where(
        is_by(person), Proposal.kind != ProposalKind.EXPERIENCE
    )
    query = select(Remark).join(Remark.practice).options(joinedload(Remark.practice))
    query = query.where(
        Remark.kind == RemarkKind.QUESTION, Practice.id.in_(own),
        Practice.status == PracticeStatus.PUBLISHED, Remark.person_id != person.id,
    )  # fmt: skip
    is_open = Remark.status == RemarkStatus.OPEN
    return db.session.scalars(query.order_by(is_open.desc(), Remark.id.desc())).all()


def open_to(practice: Practice, person: Person) -> list[Remark]:
    """What waits for this person's answer on the page of the practice."""
    found = asked_of(person)
    return [
        one for one in found
        if one.practice_id == practice.id and one.status is RemarkStatus.OPEN
    ]  # fmt: skip


def answer(remark: Remark, practice: Practice, words: str, person: Person) -> None:
    """Shown at once under no name; raises `Refused`, also where a pseudonym would be lost."""
    refuse_suspended(person)
    own = db.session.scalars(became(practice).where(is_by(person))).all()
    is_sealed = any(one.naming is Naming.ANONYMISED for one in own)
    if is_sealed and any(word in words.casefold() for word in gives_away(person)):
        raise Refused(GIVES_AWAY)
    db.session.refresh(remark, with_for_update={"of": Remark})
    remark.answer, remark.answered_at, remark.is_by_author = words, clock.now(), True
    audit.move(remark, RemarkStatus.ANSWERED, by=AUTHOR)
    tell_answered(remark, "question")


def tell_answered(remark: Remark, name: str) -> None:
    if remark.person.is_active:
        mail.queue(
            "library/remark_answered", remark.person.email, person=remark.person, remark=remark,
            name=name, upheld=remark.status is RemarkStatus.UPHELD,
        )  # fmt: skip


def take_off(remark: Remark, reason: str) -> None:
    """An answer leaves the page, and the question is open again; its author reads why."""
    db.session.refresh(remark, with_for_update={"of": Remark})
    if remark.kind is not RemarkKind.QUESTION or remark.status is not RemarkStatus.ANSWERED:
        raise Refused("No answer to a question stands on the page.")
    audit.move(remark, RemarkStatus.OPEN, reason)
    remark.answered_at = None


def reasons(found: Iterable[Remark]) -> dict[int, str]:
    """Of open questions why their last answer was taken off."""
    named = {audit.name_of(one): one.id for one in found if one.status is RemarkStatus.OPEN}
    query = select(Transition).where(Transition.subject.in_(named), Transition.new == "open")
    moves = db.session.scalars(query.order_by(Transition.id))
    return {named[one.subject]: one.reason for one in moves}
