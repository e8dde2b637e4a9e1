"""Who may review a practice, what they said, and what is still missing. The caller commits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.accounts.actions import refuse_closed
from portal.accounts.models import Person
from portal.accounts.queries import person_by_email, sent_before
from portal.association.queries import association, today
from portal.core import audit, clock, mail, working_days
from portal.core.access import Permission
from portal.core.audit import Transition, name_of
from portal.core.db import db
from portal.core.states import Refused
from portal.library import authors as behind_it
from portal.library.models import Comment, Practice, PracticeStatus, Review, Verdict
from portal.members.models import Affiliation, GroupMembership, Organization
from portal.members.queries import in_group, live_affiliations

ANSWER_DAYS = 5  # working days to the first answer
UNTOLD = "They cannot review this one: ask somebody else."
KEPT = (
    "Its author is under seal: peers are asked by whoever may open it, since a refusal "
    "could give the author’s group away."
)
AT_A_FIRM = "Its author is under seal: an editor who works for a firm does not review it."


@dataclass(frozen=True)
class Service:
    """How fast a practice that was sent to review had its first answer."""

    sent_on: date
    due_on: date
    answered_on: date | None

    @property
    def is_late(self) -> bool:
        return (self.answered_on or today()) > self.due_on

    @property
    def days(self) -> int:
        """Working days until the answer."""
        return working_days.between(self.sent_on, self.answered_on or today())


def authors(practice: Practice) -> list[Person]:
    """Everybody who wrote a version, and who sent in what it came of."""
    wrote = [one.author for one in practice.revisions if one.author]
    return list({one.id: one for one in wrote + behind_it.behind(practice)}.values())


def owners(firm_ids: Iterable[int]) -> set[str]:
    """The corporate groups of firms; a firm without one stands for itself."""
    ids = set(firm_ids)
    if not ids:
        return set()
    query = select(GroupMembership.organization_id, GroupMembership.group_id)
    rows = db.session.execute(
        query.where(GroupMembership.organization_id.in_(ids), in_group(today()))
    )
    groups: dict[int, int] = dict(rows.all())
    return {f"group {groups[one]}" if one in groups else f"firm {one}" for one in ids}


def owners_of(people: Iterable[Person]) -> set[str]:
    """The corporate groups for which people work now."""
    ids = {one.id for one in people}
    at_work = select(Affiliation.organization_id).where(
        Affiliation.person_id.in_(ids), Affiliation.until_on.is_(None)
    )
    return owners(db.session.scalars(at_work))


def owners_of_authors(practice: Practice) -> set[str]:
    """Those of the people, and of the firms that the front matter names as authors."""
    said = practice.front.get("authors") or []
    names = {str(one.get("org") or "").casefold() for one in said if isinstance(one, dict)} - {""}
    firms = select(Organization.id).where(func.lower(Organization.name).in_(names))
    named = owners(db.session.scalars(firms)) if names else set()
    return owners_of(authors(practice)) | named


def pays(practice: Practice, person: Person) -> bool:
    """True of whoever works for the group that paid for it: they see no review before readers."""
    if practice.sponsor_id is None:
        return False
    return bool(owners([practice.sponsor_id]) & owners_of([person]))


def objection(practice: Practice, person: Person, *, is_peer: bool) -> str:
    """Why this person cannot review it, in a sentence; or nothing.

    Where the author is under seal no answer tells of them: editors at a firm are all refused,
    and of peers the sentence is always the same; `may_ask` says who sees that.
    """
    if not behind_it.sealed(practice):
        return _objection(practice, person, is_peer=is_peer)
    if not is_peer and owners_of([person]):
        return AT_A_FIRM
    return UNTOLD if _objection(practice, person, is_peer=is_peer) else ""


def may_ask(practice: Practice, editor: Person) -> bool:
    """A refusal tells of an author: of one under seal to nobody who may not open it."""
    return editor.may(Permission.LIBRARY_IDENTITIES) or not behind_it.sealed(practice)


def _objection(practice: Practice, person: Person, *, is_peer: bool) -> str:
    if person.id in {one.id for one in authors(practice)}:
        return "Whoever wrote a version does not review it: ask somebody else."
    if pays(practice, person):
        return "The group that paid for it neither reviews it nor sees what is said of it."
    if owners_of([person]) & owners_of_authors(practice):
        return "Author and reviewer are of the same corporate group: ask somebody else."
    if is_peer and not (person.may(Permission.LIBRARY_READ) and live_affiliations(person)):
        return "A peer works for a firm whose membership is in force: ask somebody else."
    return ""


def ask_peer(practice: Practice, email: str, editor: Person) -> Review:
    """Ask a colleague of another firm, by mail. Raises `Refused`; see `note_refusal`."""
    if not may_ask(practice, editor):
        raise Refused(KEPT)
    peer = db.session.scalar(person_by_email(email))
    if peer is None:
        raise Refused("Nobody here has this address.")
    refuse_closed(peer)
    if practice.status is not PracticeStatus.IN_REVIEW:
        raise Refused("Send it to review first.")
    why_not = objection(practice, peer, is_peer=True)
    if why_not:
        raise Refused(why_not)
    if _review_of(practice, peer):
        raise Refused("They were asked already.")
    review = _ask(practice, peer, is_peer=True)
    mail.queue("library/review_asked", peer.email, person=peer, review=review, editor=editor)
    audit.record("practice.review_asked", practice, of=name_of(peer))
    return review


def note_refusal(practice: Practice, email: str, editor: Person) -> None:
    """After `ask_peer` refused: an author under seal is told, whatever spoke against the peer."""
    peer = db.session.scalar(person_by_email(email))
    if peer and may_ask(practice, editor) and objection(practice, peer, is_peer=True):
        behind_it.tell_refused(practice)


def _ask(practice: Practice, reviewer: Person, *, is_peer: bool) -> Review:
    due = working_days.after(today(), ANSWER_DAYS)
    made = Review(
        practice=practice, reviewer=reviewer, is_peer=is_peer, asked_at=clock.now(), due_on=due
    )
    db.session.add(made)
    db.session.flush()
    return made


def _review_of(practice: Practice, person: Person) -> Review | None:
    query = select(Review).where(Review.practice_id == practice.id)
    return db.session.scalar(query.where(Review.reviewer_id == person.id))


def asked_of(practice: Practice, person: Person) -> Review | None:
    """The peer's own review, while the practice is on its way and nothing speaks against it."""
    found = _review_of(practice, person)
    open_now = practice.status in {PracticeStatus.IN_REVIEW, PracticeStatus.LEGAL_REVIEW}
    if found is None or not open_now or objection(practice, person, is_peer=True):
        return None
    return found


def asked(person: Person) -> Sequence[Review]:
    """Practices that this person was asked to review and that still are in review."""
    query = select(Review).join(Review.practice).options(joinedload(Review.practice))
    query = query.where(Review.reviewer_id == person.id, Review.is_peer)
    query = query.where(Practice.status == PracticeStatus.IN_REVIEW)
    found = db.session.scalars(query.order_by(Review.due_on, Review.id))
    return [one for one in found if not objection(one.practice, person, is_peer=True)]


def say(practice: Practice, text: str, person: Person, verdict: Verdict | None = None) -> Comment:
    """A comment, or with a verdict a review of the present version. Raises `Refused`."""
    if pays(practice, person):
        raise Refused("The group that paid for it neither reviews it nor sees what is said of it.")
    if verdict:
        _refuse_verdict(practice, person)
    if not text and verdict is not Verdict.FIT:
        raise Refused("Write what is missing.")
    facts = {"practice_id": practice.id, "author": person, "version": practice.version,
             "verdict": verdict, "text": text or "Fit to publish."}  # fmt: skip
    if twin := sent_before(Comment, Comment.made_at, person, **facts):
        return twin
    made = Comment(made_at=clock.now(), **facts)
    db.session.add(made)
    audit.record("practice.commented", practice, verdict=verdict.value if verdict else "")
    return made


def _refuse_verdict(practice: Practice, person: Person) -> None:
    if practice.status is not PracticeStatus.IN_REVIEW:
        raise Refused("It is not in review.")
    review = _review_of(practice, person)
    is_peer = review.is_peer if review else False
    if review is None and not person.may(Permission.LIBRARY_WRITE):
        raise Refused("You were not asked to review it.")
    why_not = objection(practice, person, is_peer=is_peer)
    if why_not:
        raise Refused(why_not)
    if review is None:
        _ask(practice, person, is_peer=False)


def tell_returned(practice: Practice, why: str, editor: Person) -> None:
    """Mail whoever wrote the last version, unless they returned it themselves."""
    writer = practice.revisions[0].author
    if writer and writer.id != editor.id and not pays(practice, writer):
        facts: dict[str, Any] = {"practice": practice, "why_back": why, "editor": editor}
        mail.queue("library/returned", writer.email, (), person=writer, **facts)


def resolve(comment: Comment, person: Person) -> None:
    """What it asked for is done; twice is the same as once."""
    if comment.resolved_at is None:
        comment.resolved_at, comment.resolved_by = clock.now(), person


def comments(practice: Practice) -> Sequence[Comment]:
    """All that was said, oldest first."""
    shown = (joinedload(Comment.author), joinedload(Comment.resolved_by))
    query = select(Comment).where(Comment.practice_id == practice.id).options(*shown)
    return db.session.scalars(query.order_by(Comment.id)).all()


def reviews(practice: Practice) -> Sequence[Review]:
    query = select(Review).where(Review.practice_id == practice.id)
    return db.session.scalars(query.options(joinedload(Review.reviewer)).order_by(Review.id)).all()


def verdicts(practice: Practice) -> dict[int, Verdict]:
    """The last verdict of each reviewer on the present version."""
    return {
        one.author_id: one.verdict
        for one in comments(practice)
        if one.verdict and one.version == practice.version
    }


def missing(practice: Practice) -> list[str]:
    """What a review still lacks, each as a part of a sentence; empty when it is whole."""
    said = comments(practice)
    given = verdicts(practice)
    lacks = []
    for is_peer, who in (
        (False, "an editor who did not write it"),
        (True, "a peer of another firm"),
    ):
        fit = [
            one for one in reviews(practice)
            if one.is_peer is is_peer and given.get(one.reviewer_id) is Verdict.FIT
            and not objection(practice, one.reviewer, is_peer=is_peer)
        ]  # fmt: skip
        lacks += [] if fit else [f"{who} has to find version {practice.version} fit"]
    open_ones = sum(one.is_open for one in said)
    if open_ones:
        lacks.append(f"{open_ones} {'comment is' if open_ones == 1 else 'comments are'} open")
    return lacks


def services(practices: Iterable[Practice]) -> dict[int, Service]:
    """Of those that were sent to review: when, and when the first answer came; two statements."""
    ids = {name_of(one): one.id for one in practices}
    moves = select(Transition).where(Transition.subject.in_(list(ids))).order_by(Transition.id)
    sent: dict[int, Transition] = {}
    answers: dict[int, list[date]] = {}
    zone = association().zone
    for move in db.session.scalars(moves):
        number = ids[move.subject]
        if move.new == PracticeStatus.IN_REVIEW and move.old == PracticeStatus.DRAFT:
            sent[number], answers[number] = move, []
        elif number in answers:
            answers[number].append(clock.day_of(move.at, zone))
    said = select(Comment).where(Comment.practice_id.in_(list(sent))).order_by(Comment.id)
    for one in db.session.scalars(said):
        start = sent[one.practice_id]
        if one.made_at >= start.at and start.actor != f"person:{one.author_id}":
            answers[one.practice_id].append(clock.day_of(one.made_at, zone))
    found = {}
    for number, move in sent.items():
        on = clock.day_of(move.at, zone)
        due = working_days.after(on, ANSWER_DAYS)
        found[number] = Service(on, due, min(answers[number], default=None))
    return found
