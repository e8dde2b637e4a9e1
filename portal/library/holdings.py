"""Versions of practices that a person wrote, and what they proposed, under a pseudonym too."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload

from portal.accounts.holdings import HOLDINGS, Holding, Rows, addresses, plain
from portal.accounts.models import Person
from portal.core.db import db
from portal.core.merging import ids_of
from portal.dues import firm_bundle
from portal.library.authors import is_by, marks_of
from portal.library.models import (
    Comment,
    Draft,
    Naming,
    Practice,
    Proposal,
    ProposalStatus,
    Remark,
    Reply,
    Review,
    Revision,
    SealedAuthor,
    Vote,
)
from portal.library.models.proposals import BY_NOBODY


def _rows(person: Person) -> Rows:
    mine = Revision.author_id.in_(ids_of(Person, person.id))
    query = select(Revision).where(mine).order_by(Revision.id)
    shown = joinedload(Revision.practice)
    return [
        {
            "practice": one.practice.slug, "title": one.front.get("title", ""),
            **plain(one, "version", "made_at", "change_note", "body"),
        }
        for one in db.session.scalars(query.options(shown))
    ]  # fmt: skip


def _proposals(person: Person) -> Rows:
    names = (
        "kind", "title", "happened", "numbers", "not_again", "outcome", "naming", "pseudonym",
        "status", "sent_at", "answer", "answered_at",
    )  # fmt: skip
    query = select(Proposal).where(is_by(person)).order_by(Proposal.id)
    return [plain(one, *names) for one in db.session.scalars(query)]


def _of_firm(numbers: set[int]) -> Rows:
    """What its people gave to the library in their and its name, and all may read; of the rest,
    a pseudonym's and the Chatham House rule's too, even their firm does not learn.
    """
    named = Proposal.naming == Naming.NAMED, Proposal.organization_id.in_(numbers)
    query = select(Proposal).where(*named, Proposal.status == ProposalStatus.ACCEPTED)
    shown = joinedload(Proposal.person), joinedload(Proposal.practice)
    names = "title", "happened", "numbers", "not_again", "outcome", "sent_at"
    for one in db.session.scalars(query.options(*shown).order_by(Proposal.id)):
        if one.shown_author != BY_NOBODY:
            yield {
                "kind": one.kind.value, "by": one.shown_author,
                "practice": one.practice.slug if one.practice else "", **plain(one, *names),
            }  # fmt: skip


firm_bundle.more["contributions"] = _of_firm


def _break_seals(person: Person) -> None:
    """What was told under a pseudonym stays; from now on nobody can know by whom."""
    own = SealedAuthor.mark.in_(marks_of(person))
    db.session.execute(delete(SealedAuthor).where(own))


def _votes(person: Person) -> Rows:
    mine = Vote.person_id.in_(ids_of(Person, person.id))
    query = select(Vote).where(mine).order_by(Vote.id).options(joinedload(Vote.practice))
    return [
        {"practice": one.practice.slug, **plain(one, "version", "is_useful", "text", "at")}
        for one in db.session.scalars(query)
    ]


def _forget_votes(person: Person) -> None:
    mine = Vote.person_id.in_(ids_of(Person, person.id))
    db.session.execute(delete(Vote).where(mine))


def _remarks(person: Person) -> Rows:
    mine = Remark.person_id.in_(ids_of(Person, person.id))
    names = ("kind", "text", "made_at", "status", "answer", "answered_at")
    query = select(Remark).where(mine).order_by(Remark.id)
    return [plain(one, *names) for one in db.session.scalars(query)]


HOLDINGS += [
    Holding(
        "practices", "What you wrote for the library", "So that others learn from it", "You",
        "Whoever may read it", "For good, without your name: it belongs to what all may cite",
        _rows,
    ),
    Holding(
        "proposals", "What you proposed to the library", "To make practices of it, and to answer",
        "You", "Editors; under a pseudonym nobody, unless a seal is opened",
        "For good, without your name; under a pseudonym the sealed name until you ask for erasure",
        _proposals, erase=_break_seals,
    ),
    Holding(
        "votes", "Which practices you found useful", "To improve them", "You",
        "Editors; to others only how many", "Until you ask for erasure", _votes,
        erase=_forget_votes,
    ),
    Holding(
        "remarks", "What you reported to the library and asked of it", "To answer you", "You",
        "Editors; an answered question readers, without your name",
        "For good, without your name: what was decided rests on it", _remarks,
    ),
]  # fmt: skip


def _reviews(person: Person) -> Rows:
    mine = (
        select(Review).where(Review.reviewer_id == person.id).options(joinedload(Review.practice))
    )
    for one in db.session.scalars(mine.order_by(Review.id)):
        yield {"practice": one.practice.slug, "asked_at": one.asked_at, "due_on": one.due_on}
    said = select(Comment, Practice.slug).join(Practice, Practice.id == Comment.practice_id)
    of_theirs = said.where(Comment.author_id == person.id).order_by(Comment.id)
    for comment, slug in db.session.execute(of_theirs):
        yield {"practice": slug} | plain(comment, "version", "verdict", "text", "made_at")


def _replies(person: Person) -> Rows:
    mine = select(Reply).where(func.lower(Reply.email).in_(addresses(person))).order_by(Reply.id)
    return [
        plain(one, "party", "invited_on", "due_on", "text") for one in db.session.scalars(mine)
    ]


def _erase_replies(person: Person) -> None:
    """The words are the counterparty's, and printed; the address goes."""
    mine = select(Reply).where(func.lower(Reply.email).in_(addresses(person)))
    for one in db.session.scalars(mine).all():
        one.email = "erased"


def _drafts(person: Person) -> Rows:
    mine = select(Draft).where(Draft.editor_id == person.id).order_by(Draft.id)
    return [plain(one, "practice_id", "facts", "saved_at") for one in db.session.scalars(mine)]


def _forget_drafts(person: Person) -> None:
    db.session.execute(delete(Draft).where(Draft.editor_id == person.id))


HOLDINGS += [
    Holding(
        "drafts", "What you typed for the library and did not keep", "So that it is not lost",
        "You", "Nobody; other editors see that you write", "Until you keep it or throw it away",
        _drafts, erase=_forget_drafts,
    ),
    Holding(
        "reviews", "Practices you were asked to review, and what you said of them",
        "So that what is published was read by others first", "You", "Editors, other reviewers",
        "For good, without your name: why something was published, or not", _reviews,
    ),
    Holding(
        "replies", "Replies to practices that were asked for at your address",
        "So that whoever is named can answer", "You", "Editors; readers see the words",
        "The words for good, beside what they answer; the address until erasure", _replies,
        erase=_erase_replies,
    ),
]  # fmt: skip


def review_once(keep_id: int, lose_id: int) -> None:
    """Two accounts of one person become one: they were asked once."""
    kept = select(Review.practice_id).where(Review.reviewer_id == keep_id)
    twice = delete(Review).where(Review.reviewer_id == lose_id, Review.practice_id.in_(kept))
    db.session.execute(twice)
