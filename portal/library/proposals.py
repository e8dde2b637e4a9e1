"""What members propose: sent, taken into a draft or shown, declined. The caller commits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.accounts.queries import sent_before
from portal.association.queries import day_of
from portal.core import audit, clock, mail, working_days
from portal.core.db import db
from portal.core.states import Refused
from portal.library import actions
from portal.library.authors import author_of, is_by, sign
from portal.library.front_matter import OWN_PAGES
from portal.library.models import Naming, Practice, Proposal, ProposalKind, ProposalStatus
from portal.library.suspensions import refuse_suspended

ANSWER_DAYS = 5  # working days until the first answer
KINDS = {ProposalKind.PRACTICE: "guide", ProposalKind.CASE: "case_study"}
NAMES = {
    ProposalKind.PRACTICE: "Practice", ProposalKind.CASE: "Case",
    ProposalKind.EXPERIENCE: "Experience",
}  # fmt: skip
_MARKUP = re.compile(r"([\\`*_<\[\]|])|^(#|>)", re.MULTILINE)


@dataclass(frozen=True)
class Words:
    """What a member wrote into the form."""

    kind: ProposalKind
    title: str
    happened: str
    numbers: str
    not_again: str
    outcome: str
    naming: Naming
    pseudonym: str = ""
    practice: Practice | None = None


def propose(words: Words, person: Person) -> Proposal:
    """Sent twice, it is one. Raises `Refused` while upheld reports keep the person from posting.

    Who had an experience shown before is trusted with the next one; first ones are read first.
    """
    refuse_suspended(person)
    facts = vars(words) | {"pseudonym": _pseudonym(words)}
    if twin := sent_before(Proposal, Proposal.sent_at, person, **facts):
        return twin
    made = Proposal(**facts, sent_at=clock.now())
    made.status = ProposalStatus.SENT
    if words.kind is ProposalKind.EXPERIENCE and _was_shown_before(person):
        made.status, made.answered_at = ProposalStatus.ACCEPTED, made.sent_at
    db.session.add(made)
    sign(made, person)
    hidden = words.naming is Naming.ANONYMISED
    audit.record("proposal.sent", made, by="pseudonym" if hidden else "", kind=words.kind.value)
    return made


def _pseudonym(words: Words) -> str:
    return (words.pseudonym or "A member") if words.naming is Naming.ANONYMISED else ""


def _was_shown_before(person: Person) -> bool:
    shown = select(Proposal.id).where(
        is_by(person),
        Proposal.kind == ProposalKind.EXPERIENCE,
        Proposal.status == ProposalStatus.ACCEPTED,
    )
    return db.session.scalar(shown.limit(1)) is not None


def answer_by(proposal: Proposal) -> date:
    return working_days.after(day_of(proposal.sent_at), ANSWER_DAYS)


def take(proposal: Proposal, theme: str, editor: Person) -> Practice | None:
    """An experience is shown from now on; anything else becomes a draft under its shown author."""
    actions.begin_alone()
    db.session.refresh(proposal, with_for_update={"of": Proposal})
    audit.move(proposal, ProposalStatus.ACCEPTED)
    proposal.answered_at = clock.now()
    if proposal.kind is not ProposalKind.EXPERIENCE:
        slug = free_slug(proposal.title)
        front = front_of(proposal, theme)
        proposal.practice = actions.start(slug, front, body_of(proposal), editor)
    tell(proposal)
    return proposal.practice


def decline(proposal: Proposal, reason: str) -> None:
    """Also an experience that was shown already: readers do not see it any more."""
    db.session.refresh(proposal, with_for_update={"of": Proposal})
    if proposal.status is ProposalStatus.ACCEPTED and proposal.kind is not ProposalKind.EXPERIENCE:
        raise Refused("It is a draft already: return or withdraw the draft.")
    audit.move(proposal, ProposalStatus.DECLINED, reason)
    proposal.answer, proposal.answered_at = reason, clock.now()
    tell(proposal)


def tell(proposal: Proposal) -> None:
    """By mail that there is news; under a pseudonym the mail does not say of what."""
    person = author_of(proposal)
    if person and person.is_active:
        shown = None if proposal.naming is Naming.ANONYMISED else proposal
        mail.queue("library/proposal_answered", person.email, person=person, proposal=shown)


def free_slug(title: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:70].strip("-") or "proposal"
    like = select(Practice.slug).where(Practice.slug.startswith(words, autoescape=True))
    taken = {*db.session.scalars(like), *OWN_PAGES}
    numbered = (f"{words}-{n}" for n in range(2, len(taken) + 3))
    return next(one for one in (words, *numbered) if one not in taken)


def front_of(proposal: Proposal, theme: str) -> dict[str, object]:
    """Front matter for an editor to go on with."""
    author, person, firm = proposal.shown_author, proposal.person, proposal.organization
    byline: dict[str, object] = {"name": author, "pseudonym": True}
    if proposal.naming is Naming.NAMED and person:
        byline = {"name": person.display_name, **({"org": firm.name} if firm else {})}
    summary = " ".join(proposal.happened.split())
    return {
        "title": proposal.title, "summary": summary[:397] + "…" * (len(summary) > 397),
        "kind": KINDS[proposal.kind], "service": "both", "stage": "operations", "theme": theme,
        "outcome": proposal.outcome or None, "evidence": "one_case", "language": "en",
        "frankness": proposal.naming.value, "not_again": proposal.not_again or None,
        "interest": {"author": author, "paid_by": "nobody", "sells": "", "seller": False},
        "authors": [byline], "visibility": "members", "status": "draft",
    }  # fmt: skip


def body_of(proposal: Proposal) -> str:
    """The parts under headings of their own; what was typed stays plain text in Markdown."""
    parts = (
        ("What happened", proposal.happened), ("The numbers", proposal.numbers),
        ("What we would not do again", proposal.not_again),
    )  # fmt: skip
    told = [f"## {title}\n\n{_MARKUP.sub(_escaped, text)}" for title, text in parts if text]
    return "\n\n".join(told) + "\n"


def _escaped(found: re.Match[str]) -> str:
    return "\\" + found[0]


def _whole() -> Select[Proposal]:
    """With whom and what a list names, in the one statement."""
    beside = (Proposal.person, Proposal.organization, Proposal.practice)
    return select(Proposal).options(*(joinedload(one) for one in beside))


def of_person(person: Person) -> Sequence[Proposal]:
    query = _whole().where(is_by(person)).order_by(Proposal.id.desc())
    return db.session.scalars(query).all()


def shown_with(practice: Practice) -> Sequence[Proposal]:
    """The experiences that readers see beside a practice."""
    query = _whole().filter_by(practice_id=practice.id, kind=ProposalKind.EXPERIENCE)
    query = query.where(Proposal.status == ProposalStatus.ACCEPTED)
    return db.session.scalars(query.order_by(Proposal.id.desc()).limit(50)).all()


def listed(status: str = "") -> Select[Proposal]:
    """For editors: the oldest that waits first, then the newest."""
    is_waiting = Proposal.status == ProposalStatus.SENT
    query = _whole().order_by(is_waiting.desc())
    if status in set(ProposalStatus):
        query = query.where(Proposal.status == ProposalStatus(status))
    return query.order_by(Proposal.id if status == "sent" else Proposal.id.desc())


def waiting() -> tuple[int, datetime | None]:
    """How many wait for their first answer, and since when the oldest."""
    facts = select(func.count(), func.min(Proposal.sent_at))
    waits = facts.where(Proposal.status == ProposalStatus.SENT)
    count, since = db.session.execute(waits).one()
    return count, since


def state_words(proposal: Proposal) -> tuple[str, str]:
    """How a proposal stands, as `state` draws it."""
    if proposal.status is ProposalStatus.SENT:
        return "needs", "with the editors"
    if proposal.status is ProposalStatus.DECLINED:
        return "loss", "declined"
    if proposal.kind is ProposalKind.EXPERIENCE:
        return "ok", "shown"
    made = proposal.practice
    return "ok", f"taken up: {made.status.value.replace('_', ' ') if made else 'draft'}"
