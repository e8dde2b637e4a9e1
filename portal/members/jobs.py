"""What the passing of days changes: membership, roles to be confirmed, seats to be chosen."""

from datetime import timedelta

from sqlalchemy import and_, func, or_, select

from portal.association.queries import today
from portal.core import jobs
from portal.core.db import db
from portal.core.search import index
from portal.members import actions, attesting, queries
from portal.members.models import Membership, Term
from portal.notices.actions import mail_once, once

LOOK_BACK = timedelta(days=14)  # a worker that was away catches up


@jobs.every(timedelta(days=1))
def bring_the_search_up_to_date() -> None:
    """The pages ask the terms themselves; this only keeps the index from growing stale."""
    day = today()
    begun = and_(Term.start_on <= day, Term.start_on >= day - LOOK_BACK)
    last = func.coalesce(Term.ended_early_on, Term.grace_until_on)
    ended = and_(last < day, last >= day - LOOK_BACK)
    firms = select(Membership.organization_id).join(Membership.terms).where(or_(begun, ended))
    index.changed_many("firm", sorted(db.session.scalars(firms.distinct())))
    db.session.commit()


@jobs.every(timedelta(days=1))
def ask_for_attestation() -> None:
    """Who votes and who pays confirm their role every year; else it is open again."""
    day = today()
    for one, due in queries.attestations_due(day):
        key, subject = f"attest:{one.id}:{due}", f"affiliation:{one.id}"
        step = attesting.step_on(due, day)
        if step is not None:
            facts = {"held": one, "firm": one.organization, "is_last": step == attesting.STEPS[-1]}
            mail_once(f"{key}:{step}", "members/attest", one.person, subject, **facts)
        elif once(f"{key}:{attesting.UNATTESTED}", "unattested", subject, one.person_id):
            actions.note_unattested(one)
        db.session.commit()


@jobs.every(timedelta(days=1))
def settle_crowded_terms() -> None:
    """More people than seats: ask who keeps one, and after the day that was said end the rest."""
    day = today()
    for seats, firm in queries.crowded_terms():
        if day <= seats.choose_by:
            actions.ask_who_keeps_a_seat(seats, firm)
        else:
            actions.end_extra_seats(seats)
        db.session.commit()
