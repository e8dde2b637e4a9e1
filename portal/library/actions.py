"""Changes to practices. The caller commits."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.accounts.models import Person
from portal.association.models import Association
from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db
from portal.core.file_checks import ENDINGS
from portal.core.markdown import plain
from portal.core.search import index
from portal.core.states import Refused
from portal.library import replies, reviewing, steps
from portal.library.front_matter import frankness_faults, hash_of, kebab
from portal.library.models import Attachment, FormerAddress, Practice, PracticeStatus, Revision
from portal.library.sharing import share_with

DECIDED = {
    PracticeStatus.LEGAL_REVIEW, PracticeStatus.RIGHT_OF_REPLY, PracticeStatus.APPROVED,
    PracticeStatus.WITHDRAWN,
}  # fmt: skip
UNDER_REVIEW = {
    PracticeStatus.IN_REVIEW, PracticeStatus.LEGAL_REVIEW, PracticeStatus.RIGHT_OF_REPLY,
    PracticeStatus.APPROVED,
}  # fmt: skip
GOES_BACK_TO = {PracticeStatus.DRAFT, PracticeStatus.IN_REVIEW}
# Of an old version that is restored: who may read it, and what was decided since.
STAYS = {"id", "status", "reviewed_on", "review_due", "visibility", "teaser", "reply"}
SHORT_LIVED = {"compliance", "tax", "transport"}  # themes reviewed after six months, not twelve


def fill(practice: Practice, front: Mapping[str, Any], body: str) -> None:
    """Take front matter and body over into the row; the status is not theirs to change."""
    own = {key: value for key, value in front.items() if key != "attachments"}
    practice.front, practice.body = own, body
    practice.title, practice.summary = str(front["title"]), str(front["summary"])
    practice.kind, practice.service = front["kind"], front["service"]
    practice.stage, practice.theme = front["stage"], front["theme"]
    practice.outcome = front.get("outcome")
    share_with(practice, front.get("visibility", "members"))
    practice.has_teaser = bool(front.get("teaser", False))
    practice.words = len(plain(body).split())
    due = front.get("review_due")
    practice.review_due_on = date.fromisoformat(due) if due else None


def keep_revision(
    practice: Practice, note: str, author: Person | None, *, is_minor: bool = False
) -> None:
    """The state of a practice as its next version; of a minor one nobody is told."""
    db.session.flush()
    db.session.add(
        Revision(
            practice_id=practice.id, version=practice.version, front=practice.front,
            body=practice.body, change_note=note, author=author, made_at=clock.now(),
            is_minor=is_minor,
        )
    )  # fmt: skip
    _find_again(practice)


def _find_again(practice: Practice) -> None:
    """Its files are found by whoever may read it: they follow each of its changes."""
    index.changed("practice", practice.id)
    for one in practice.attachments:
        index.changed("attachment", one.id)


def next_ref() -> str:
    refs = db.session.scalars(select(Practice.ref).where(Practice.ref.like("A%")))
    numbers = [int(ref[1:]) for ref in refs if ref[1:].isdigit()]
    return f"A{max(numbers, default=0) + 1:02}"


def move_to(practice: Practice, slug: str) -> None:
    """Another address; links to the old one lead to it. Its uniqueness is the database's."""
    if practice.slug == slug:
        return
    mine = select(FormerAddress).where(FormerAddress.slug.in_([slug, practice.slug]))
    for one in db.session.scalars(mine):
        db.session.delete(one)  # what was given up may be taken by another, or taken back
    db.session.flush()
    db.session.add(FormerAddress(slug=practice.slug, practice_id=practice.id))
    practice.slug = slug


def begin_alone() -> None:
    """One draft begins at a time: the next one's number and address depend on it."""
    db.session.execute(select(Association.id).with_for_update(key_share=True))


def start(slug: str, front: Mapping[str, Any], body: str, author: Person) -> Practice:
    """A new draft. The slug's uniqueness is the database's to check."""
    begin_alone()
    practice = Practice(slug=slug, ref=next_ref(), version=1, status=PracticeStatus.DRAFT)
    fill(practice, {**front, "id": practice.ref}, body)
    db.session.add(practice)
    keep_revision(practice, "First draft", author)
    audit.record("practice.started", practice, slug=slug)
    return practice


def revise(
    practice: Practice, front: Mapping[str, Any], body: str, note: str, author: Person
) -> None:
    """A new version; of a published practice readers see it, and the note, at once."""
    front = {**practice.front, **front}
    if steps.party(front) == steps.party(practice.front):
        front["reply"] = practice.front.get("reply")  # what they answered stays with it
    front = {key: one for key, one in front.items() if one is not None}
    if practice.status in DECIDED:
        raise Refused("What was reviewed is what is published: return it to draft to change it.")
    if practice.status is not PracticeStatus.DRAFT:
        _refuse_unfrank({**front, "status": practice.status.value})
    if practice.status is PracticeStatus.PUBLISHED:
        steps.refuse_new_law(practice.front, front)
    is_minor = body == practice.body and _untagged(front) == _untagged(practice.front)
    fill(practice, front, body)
    practice.version += 1
    if practice.status is PracticeStatus.PUBLISHED and not is_minor:
        practice.updated_on = today()
    keep_revision(practice, note, author, is_minor=is_minor)
    audit.record("practice.revised", practice, version=practice.version, note=note)


def _untagged(front: Mapping[str, Any]) -> dict[str, Any]:
    return {key: one for key, one in front.items() if key != "tags" and one is not None}


def restore(practice: Practice, old: Revision, author: Person, note: str = "") -> None:
    """An old version as the next one. Raises `Refused` where it is what stands now."""
    now = {key: one for key, one in practice.front.items() if one is not None}
    front = {k: one for k, one in old.front.items() if k not in STAYS and one is not None}
    front |= {key: one for key, one in now.items() if key in STAYS}
    if hash_of(front, old.body) == hash_of(now, practice.body):
        raise Refused(f"Version {old.version} is what stands now.")
    gone = dict.fromkeys(practice.front.keys() - front.keys())
    revise(practice, gone | front, old.body, note or f"Version {old.version} restored", author)


def _refuse_unfrank(front: Mapping[str, Any]) -> None:
    found = frankness_faults(front)
    if found:
        raise Refused("Not yet: " + "; ".join(found) + ".")


def move(practice: Practice, new: PracticeStatus, why: str) -> None:
    """Give a practice its next status, forward one step at a time. Raises `Refused`."""
    old = practice.status
    if old.may_become(new) and new in steps.FORWARD:
        _refuse_unfrank({**practice.front, "status": new.value})
        _refuse_unready(practice, new)
    if not why and (new not in steps.FORWARD or _goes_back(old, new)):
        raise Refused("Say why: whoever meets it later asks.")
    audit.move(practice, new, why)
    if old is PracticeStatus.RIGHT_OF_REPLY:
        _take_reply_over(practice, new)
    if new is not PracticeStatus.APPROVED:
        practice.publish_on = None
    if new is PracticeStatus.PUBLISHED:
        _make_public(practice)
    practice.front = {**practice.front, "status": new.value}
    _find_again(practice)


def _refuse_unready(practice: Practice, new: PracticeStatus) -> None:
    """What the step before still lacks; going back to review lacks nothing."""
    steps.refuse_leap(practice.status, new, practice.front)
    if new is PracticeStatus.IN_REVIEW:
        return
    lacks = reviewing.missing(practice) if practice.status is PracticeStatus.IN_REVIEW else []
    if practice.status is PracticeStatus.RIGHT_OF_REPLY:
        lacks += replies.missing(practice)
    if new is PracticeStatus.RIGHT_OF_REPLY and not replies.is_invited(practice):
        lacks.append("the counterparty has to be invited")
    if lacks:
        raise Refused("Not yet: " + "; ".join(lacks) + ".")


def advance(practice: Practice, new: PracticeStatus, why: str, person: Person) -> None:
    """A move by a person; going back, its reason is a comment and the writer is told."""
    if reviewing.pays(practice, person) and practice.status in UNDER_REVIEW:
        raise Refused("The group that paid for it does not decide on it.")
    if practice.status is PracticeStatus.LEGAL_REVIEW:
        if not why:
            raise Refused("Write down who read it for the law, and what they said.")
        if person.id in {one.id for one in reviewing.authors(practice)}:
            raise Refused("Whoever wrote a version does not pass it for the law.")
    is_return = _goes_back(practice.status, new)
    move(practice, new, why)
    if is_return:
        reviewing.say(practice, why, person)
        reviewing.tell_returned(practice, why, person)


def _goes_back(old: PracticeStatus, new: PracticeStatus) -> bool:
    return old in UNDER_REVIEW and new in GOES_BACK_TO


def _take_reply_over(practice: Practice, new: PracticeStatus) -> None:
    replies.close(practice)
    if new is PracticeStatus.APPROVED:
        practice.front = {**practice.front, "reply": replies.as_front(practice)}


def _make_public(practice: Practice) -> None:
    day = today()
    practice.published_on = practice.published_on or day
    practice.updated_on = day
    is_short = practice.theme in SHORT_LIVED or practice.kind == "policy_brief"
    practice.review_due_on = day + timedelta(days=182 if is_short else 365)
    dates = {"reviewed_on": day, "review_due": practice.review_due_on}
    practice.front = {**practice.front, **{k: v.isoformat() for k, v in dates.items()}}


def schedule(practice: Practice, day: date | None, by: Person) -> None:
    """The day on which an approved practice is published by itself; none takes it back."""
    if reviewing.pays(practice, by):
        raise Refused("The group that paid for it does not decide on it.")
    if practice.status is not PracticeStatus.APPROVED:
        raise Refused("It has to be approved first.")
    if day is not None and day <= today():
        raise Refused("Choose a day that is to come, or publish it now.")
    practice.publish_on = day
    audit.record("practice.scheduled", practice, publish_on=day)


def whole(practice: Practice) -> dict[str, Any]:
    """Its front matter with the attachments, which are rows of their own here."""
    listed = [entry(one) for one in practice.attachments]
    return {**practice.front, "attachments": listed} if listed else dict(practice.front)


def entry(one: Attachment) -> dict[str, Any]:
    """An attachment as front matter lists it."""
    name = f"{one.sha256[:8]}-{kebab(one.title) or 'file'}.{ENDINGS[one.content_type]}"
    return {
        "file": name, "title": one.title,
        "sha256": one.sha256, "size": one.size, "type": one.content_type,
    }  # fmt: skip


def hash_now(practice: Practice) -> str:
    return hash_of(whole(practice), practice.body)
