"""The right of reply: a named counterparty answers by a mailed link. The caller commits."""

from datetime import date

from sqlalchemy import select, update

from portal.accounts.models import Person
from portal.accounts.secrets import hashed, new_secret
from portal.association.queries import today
from portal.core import audit, clock, mail, working_days
from portal.core.db import db
from portal.core.links import link
from portal.core.states import Refused
from portal.library.models import Practice, PracticeStatus, Reply

DAYS = 10  # working days to answer


def invite(practice: Practice, email: str, editor: Person) -> Reply:
    """Ask the counterparty that the text names; an earlier link of this practice is dead then.

    The text they gave before stands in the new form. The caller moves the practice.
    """
    before = latest(practice)
    close(practice)
    secret, day = new_secret(), today()
    made = Reply(
        practice=practice, party=practice.front["reply"]["party"], email=email.strip(),
        secret_hash=hashed(secret), version=practice.version, invited_on=day, invited_by=editor,
        due_on=working_days.after(day, DAYS),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    mail.queue(
        "library/reply_invited", made.email, reply=made, practice=practice, before=before,
        address=link("library.reply", token=secret),
    )  # fmt: skip
    audit.record("practice.reply_invited", practice, party=made.party, due_on=made.due_on)
    return made


def latest(practice: Practice) -> Reply | None:
    query = select(Reply).where(Reply.practice_id == practice.id)
    return db.session.scalars(query.order_by(Reply.id.desc())).first()


def by_secret(secret: str) -> Reply | None:
    return db.session.scalar(select(Reply).where(Reply.secret_hash == hashed(secret)))


def is_open(reply: Reply, day: date | None = None) -> bool:
    """It can be written and changed: until the last day, unless it was called final."""
    waits = reply.practice.status is PracticeStatus.RIGHT_OF_REPLY and reply.closed_at is None
    return waits and not reply.is_final and (day or today()) <= reply.due_on


def is_invited(practice: Practice) -> bool:
    """The counterparty was asked about the present text, by a link that is alive."""
    reply = latest(practice)
    return bool(reply and reply.closed_at is None and reply.version == practice.version)


def answer(reply: Reply, text: str, *, is_final: bool) -> None:
    """Keep the counterparty's words. Raises `Refused` when it is too late."""
    if not is_open(reply):
        raise Refused("The time to answer is over: what was written until then is kept.")
    reply.text, reply.answered_at, reply.is_final = text, clock.now(), is_final
    audit.record("practice.replied", reply.practice, by=f"reply:{reply.id}", is_final=is_final)
    editor = reply.invited_by
    mail.queue("library/reply_received", editor.email, person=editor, reply=reply)


def missing(practice: Practice) -> list[str]:
    """Why the practice cannot go on, as a part of a sentence: the counterparty's time runs."""
    reply = latest(practice)
    if reply is None:
        return ["the counterparty has to be invited"]
    if reply.is_final or today() > reply.due_on:
        return []
    return [f"{reply.party} may answer until {reply.due_on:%-d %b %Y}, that day included"]


def close(practice: Practice) -> None:
    """The link serves for reading only from now on."""
    live = update(Reply).where(Reply.practice_id == practice.id, Reply.closed_at.is_(None))
    db.session.execute(live.values(closed_at=clock.now()))


def as_front(practice: Practice) -> dict[str, str]:
    """What is printed beside the case, and noted where the counterparty was silent."""
    reply = latest(practice)
    if reply is None:
        return dict(practice.front.get("reply") or {})
    return {
        "party": reply.party, "invited_on": reply.invited_on.isoformat(),
        "due": reply.due_on.isoformat(), "text": reply.text,
        "status": "answered" if reply.text else "silent",
    }  # fmt: skip


def said_before(reply: Reply) -> str:
    """What the same counterparty wrote to an earlier version."""
    query = select(Reply.text).where(
        Reply.practice_id == reply.practice_id, Reply.id < reply.id, Reply.party == reply.party
    )
    return db.session.scalars(query.order_by(Reply.id.desc())).first() or ""
