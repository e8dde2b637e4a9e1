"""Who stands behind a proposal: in the row when named, under seal when there is a pseudonym."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, or_, select

from portal.accounts.models import Person
from portal.core import audit, mail
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.merging import ids_of, winners
from portal.core.sealing import marks, seal, unseal
from portal.core.states import Refused
from portal.library.models import Naming, Practice, Proposal, ProposalKind, SealedAuthor
from portal.members.queries import firm_of

OPENED = "proposal.identity_opened"
REFUSED = "proposal.reviewer_refused"


def marks_of(person: Person) -> list[str]:
    """Under which a person's sealed proposals are found, those of merged accounts too."""
    return [mark for number in ids_of(Person, person.id) for mark in marks(str(number))]


def is_by(person: Person) -> ColumnElement[bool]:
    """True of the proposals of a person, named or not."""
    sealed = select(SealedAuthor.proposal_id).where(SealedAuthor.mark.in_(marks_of(person)))
    return or_(Proposal.person_id.in_(ids_of(Person, person.id)), Proposal.id.in_(sealed))


def gives_away(person: Person) -> list[str]:
    """What no text under a pseudonym may hold."""
    firm = firm_of(person)
    words = [person.display_name, person.email, firm.name if firm else ""]
    return [one.casefold() for one in words if len(one) > 3]


def sign(proposal: Proposal, person: Person) -> None:
    """Put the author on a new proposal, or, under a pseudonym, under the seal beside it."""
    if proposal.naming is not Naming.ANONYMISED:
        proposal.person, proposal.organization = person, firm_of(person)
        return
    db.session.flush()
    number = str(person.id)
    facts = {"sealed": seal(number), "mark": marks(number)[0]}
    db.session.add(SealedAuthor(proposal_id=proposal.id, **facts))


def author_of(proposal: Proposal) -> Person | None:
    """Whoever sent it, for the portal itself: a person who is shown them has to open the seal."""
    if proposal.naming is not Naming.ANONYMISED:
        return proposal.person
    found = db.session.scalar(select(SealedAuthor).filter_by(proposal_id=proposal.id))
    if found is None:
        return None
    number = int(unseal(found.sealed))
    return db.session.get(Person, winners(Person).get(number, number))


def open_seal(proposal: Proposal, reason: str) -> Person:
    """Who is behind the pseudonym; it is recorded with the reason, and the author is told.

    Neither the record nor the mail says which person it was. Raises `Refused`.
    """
    person = author_of(proposal)
    if proposal.naming is not Naming.ANONYMISED:
        raise Refused("There is no seal: the author gave a name.")
    if person is None:
        raise Refused("The author had their data erased: nobody knows any more who it was.")
    audit.record(OPENED, proposal, reason=reason)
    mail.queue("library/identity_opened", person.email, person=person)
    return person


def openings(proposals: Iterable[Proposal]) -> dict[int, list[AuditEvent]]:
    """Of each when its seal was opened or a reviewer refused, newest first; one statement."""
    named = {audit.name_of(one): one.id for one in proposals}
    found: dict[int, list[AuditEvent]] = {number: [] for number in named.values()}
    query = select(AuditEvent).where(
        AuditEvent.verb.in_([OPENED, REFUSED]), AuditEvent.subject.in_(named)
    )
    for event in db.session.scalars(query.order_by(AuditEvent.id.desc())):
        found[named[event.subject]].append(event)
    return found


def behind(practice: Practice) -> list[Person]:
    """Who sent what the practice came of: they review it as little as whoever wrote a version."""
    found = [author_of(one) for one in db.session.scalars(became(practice))]
    return [one for one in found if one]


def became(practice: Practice) -> Select[Proposal]:
    """What members sent of which the practice was made."""
    query = select(Proposal).where(
        Proposal.practice_id == practice.id, Proposal.kind != ProposalKind.EXPERIENCE
    )
    return query.order_by(Proposal.id)


def sealed(practice: Practice) -> Sequence[Proposal]:
    """The proposals under a pseudonym that the practice came of."""
    query = became(practice).where(Proposal.naming == Naming.ANONYMISED)
    return db.session.scalars(query).all()


def tell_refused(practice: Practice) -> None:
    """A reviewer was refused, from which the author's group may be guessed: the record has it,
    without the reviewer, and the author is told.
    """
    for one in sealed(practice):
        audit.record(REFUSED, one)
        person = author_of(one)
        if person and person.is_active:
            mail.queue("library/reviewer_refused", person.email, person=person)
