"""Three upheld reports of a pitch keep their author from posting for 90 days."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import or_, select

from portal.accounts.models import Person
from portal.association.queries import day_of, today
from portal.core.db import db
from portal.core.states import Refused
from portal.library.authors import is_by
from portal.library.models import Proposal, ProposalKind, Remark, RemarkKind, RemarkStatus

REPORTS = 3
DAYS = timedelta(days=90)


def until(upheld: Iterable[date]) -> date | None:
    """The last day of the suspension that the latest full three brought; none: there was none."""
    days = sorted(upheld)
    full = len(days) - len(days) % REPORTS
    return days[full - 1] + DAYS if full else None


def suspended_until(person: Person) -> date | None:
    """Until when a person does not post; none: they may."""
    is_of_the_practice = Proposal.practice_id == Remark.practice_id
    is_of_the_practice &= Proposal.kind != ProposalKind.EXPERIENCE
    is_meant = or_(
        Remark.proposal_id == Proposal.id, Remark.proposal_id.is_(None) & is_of_the_practice
    )
    upheld = (
        select(Remark.answered_at)
        .join(Proposal, is_meant)
        .where(Remark.kind == RemarkKind.PITCH, Remark.status == RemarkStatus.UPHELD)
        .where(is_by(person))
    )
    last = until(day_of(at) for at in db.session.scalars(upheld) if at)
    return last if last and last >= today() else None


def words_for(person: Person) -> str:
    """The sentence at the form; empty when there is nothing to say."""
    last = suspended_until(person)
    if last is None:
        return ""
    return (
        f"Three reports of a pitch in what you posted were upheld: you may post again after "
        f"{last.day} {last:%B %Y}. Reading, voting and asking stay open to you."
    )


def refuse_suspended(person: Person) -> None:
    words = words_for(person)
    if words:
        raise Refused(words)
