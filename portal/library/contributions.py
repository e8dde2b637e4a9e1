"""What firms gave to the library: texts, reviews, figures and answers; reading is none."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload

from portal.association.queries import association
from portal.core import clock
from portal.core.db import db
from portal.library.benchmarks.models import Answer
from portal.library.models import (
    Comment,
    Naming,
    Proposal,
    ProposalKind,
    ProposalStatus,
    Remark,
    RemarkStatus,
    Review,
)
from portal.library.models.proposals import BY_NOBODY
from portal.members.models import Affiliation

WORDS = {
    "text": "Practices, cases and experiences in the firm’s name",
    "review": "Reviews of what others wrote",
    "benchmark": "Benchmarks answered",
    "answer": "Answers to readers’ questions",
}


@dataclass(frozen=True)
class Given:
    """One thing that a firm gave, at its last moment."""

    what: str  # of WORDS
    number: int
    at: datetime


def given(organization_ids: Collection[int], since: date) -> list[Given]:
    """What firms gave from a day on, each thing once, the last first.

    What was told under a pseudonym, or where readers see neither person nor firm, counts for
    nobody: else the count would tell who it was.
    """
    last: dict[tuple[str, int], datetime] = {}
    for find in (_texts, _reviews, _benchmarks, _answers):
        for one in find(organization_ids):
            if day_of(one.at) >= since:
                key = one.what, one.number
                last[key] = max(last.get(key, one.at), one.at)
    found = [Given(what, number, at) for (what, number), at in last.items()]
    return sorted(found, key=lambda one: one.at, reverse=True)


def day_of(at: datetime) -> date:
    return clock.day_of(at, association().zone)


def _texts(firms: Collection[int]) -> Iterator[Given]:
    for one in _named(firms):
        if one.shown_author != BY_NOBODY:
            yield Given("text", one.id, one.sent_at)


def _reviews(firms: Collection[int]) -> Iterator[Given]:
    """Of peers, for the firm at which they worked then."""
    asked = and_(
        Review.practice_id == Comment.practice_id, Review.reviewer_id == Comment.author_id
    )
    query = select(Review.id, Comment.made_at, Affiliation.from_on, Affiliation.until_on)
    query = query.join(Comment, asked).join(
        Affiliation, Affiliation.person_id == Review.reviewer_id
    )
    query = query.where(
        Review.is_peer, Comment.verdict.is_not(None), Affiliation.organization_id.in_(firms)
    )
    for number, at, begun, ended in db.session.execute(query):
        if begun <= day_of(at) <= (ended or date.max):
            yield Given("review", number, at)


def _benchmarks(firms: Collection[int]) -> Iterator[Given]:
    query = select(Answer.survey_id, Answer.saved_at).where(Answer.organization_id.in_(firms))
    for number, at in db.session.execute(query):
        yield Given("benchmark", number, at)


def _answers(firms: Collection[int]) -> Iterator[Given]:
    """Of authors whose name their practice shows."""
    own = [
        one.practice_id for one in _named(firms)
        if one.kind is not ProposalKind.EXPERIENCE and one.shown_author != BY_NOBODY
    ]  # fmt: skip
    query = select(Remark.id, Remark.answered_at).where(
        Remark.practice_id.in_(own), Remark.is_by_author, Remark.status == RemarkStatus.ANSWERED
    )
    for number, at in db.session.execute(query):
        if at:  # it always is, of one that was answered
            yield Given("answer", number, at)


def _named(firms: Collection[int]) -> list[Proposal]:
    query = select(Proposal).where(
        Proposal.organization_id.in_(firms), Proposal.naming == Naming.NAMED,
        Proposal.status == ProposalStatus.ACCEPTED,
    )  # fmt: skip
    return list(db.session.scalars(query.options(joinedload(Proposal.practice))))
