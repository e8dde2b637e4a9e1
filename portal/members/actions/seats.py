"""Seats are given and ended in one place, under a lock on the term. The caller commits."""

from sqlalchemy import select, update

from portal.association.queries import today
from portal.core import audit, clock, mail
from portal.core.db import db
from portal.core.states import Refused
from portal.members import queries
from portal.members.models import (
    Affiliation,
    Organization,
    Seat,
    SeatKind,
    SeatOrder,
    SeatWait,
    Term,
)
from portal.members.powers import Power
from portal.notices.actions import mail_once


def hold_term(term: Term) -> None:
    """Whoever else would give or end a seat here waits until the caller commits."""
    db.session.flush()
    db.session.refresh(term, with_for_update={"of": Term})


def take(affiliation: Affiliation, term: Term) -> bool:
    """A seat of this term, if there is one; who has one already keeps it."""
    hold_term(term)
    mine = select(Seat.id).filter_by(term_id=term.id, affiliation_id=affiliation.id, until_on=None)
    if db.session.scalar(mine) is not None:
        return True
    size, used = queries.size_of(term), queries.used_in(term)
    if size is not None and used >= size:
        return False
    _sit(affiliation, term, used)
    return True


def _sit(affiliation: Affiliation, term: Term, used: int) -> None:
    included = queries.included_in(term)
    kind = SeatKind.INCLUDED if included is None or used < included else SeatKind.EXTRA
    facts = {"term_id": term.id, "affiliation_id": affiliation.id, "kind": kind}
    db.session.add(Seat(**facts, from_on=today()))
    db.session.flush()


def give_seat(affiliation: Affiliation) -> bool:
    """A seat today, and in the terms ahead; False when every seat of the firm is taken."""
    day, seated = today(), False
    for term in queries.terms_of(affiliation.organization_id):
        if term.start_on > day:
            take(affiliation, term)
        elif not seated:
            seated = take(affiliation, term)
    if seated:
        _end_wait(affiliation)
        audit.record("seat.given", affiliation)
    return seated


def seat_or_queue(affiliation: Affiliation, *, tells: bool = True) -> None:
    """A seat when there is one, else a place in the queue; nothing while the firm has no term."""
    if not give_seat(affiliation) and queries.seats_now(affiliation.organization_id):
        wait_for_seat(affiliation, tells=tells)


def ask_for_seat(affiliation: Affiliation) -> bool:
    """True when there was a seat; otherwise the person waits. Raises `Refused` without a term."""
    if queries.seats_now(affiliation.organization_id) is None:
        raise Refused("Your firm is not a member now, so there are no seats.")
    seat_or_queue(affiliation)
    return queries.open_wait(affiliation.id) is None


def wait_for_seat(affiliation: Affiliation, *, tells: bool = True) -> None:
    """Into the queue, once; who can do something about it is told, once for each who waits."""
    if queries.open_wait(affiliation.id):
        return
    waiting = SeatWait(affiliation=affiliation, since_at=clock.now())
    db.session.add(waiting)
    db.session.flush()
    for one in _keepers(affiliation.organization_id) if tells else ():
        key = f"seat-wait:{waiting.id}:{one.person_id}"
        mail_once(
            key, "members/seat_wanted", one.person, f"affiliation:{affiliation.id}",
            waits=affiliation, firm=affiliation.organization,
        )  # fmt: skip


def _keepers(organization_id: int) -> list[Affiliation]:
    """Who may free a seat or buy one."""
    found = [
        *queries.people_with(Power.MANAGE_ROSTER, organization_id),
        *queries.people_with(Power.PAY, organization_id),
    ]
    return list({one.id: one for one in found}.values())


def _end_wait(affiliation: Affiliation) -> None:
    mine = update(SeatWait).where(SeatWait.affiliation_id == affiliation.id)
    db.session.execute(mine.where(SeatWait.ended_at.is_(None)).values(ended_at=clock.now()))


def end_seats(affiliation: Affiliation) -> bool:
    """End every seat of a person at a firm at once; True when there was one."""
    mine = update(Seat).where(Seat.affiliation_id == affiliation.id, Seat.until_on.is_(None))
    ended = db.session.execute(mine.values(until_on=today())).rowcount  # type: ignore[attr-defined]
    _end_wait(affiliation)
    if ended:
        audit.record("seat.ended", affiliation)
    return bool(ended)


def free_seat(affiliation: Affiliation, why: str) -> None:
    """Take a colleague's seat away and tell them; the first who waits gets it."""
    if end_seats(affiliation):
        mail.queue(
            "members/unseated", to=affiliation.person.email, person=affiliation.person,
            firm=affiliation.organization, reason=why,
        )  # fmt: skip
    seat_the_next(affiliation.organization_id)


def seat_the_next(organization_id: int) -> None:
    """As long as there are seats, the first who waits gets one and is told."""
    for waiting in queries.seat_queue(organization_id):
        one = waiting.affiliation
        if not give_seat(one):
            return
        to, firm = one.person, one.organization
        mail.queue("members/seated", to=to.email, person=to, firm=firm)


def seat_everybody(term: Term, *, tells: bool = True) -> None:
    """At the start of a term: who has a seat keeps it, the others get one while there is room.

    More people than seats keep theirs until `Seats.choose_by`: the roster manager says who does.
    """
    organization_id = term.membership.organization_id
    hold_term(term)
    size, used, live = queries.size_of(term), 0, term.start_on <= today()
    keeps = _ever_seated(organization_id)
    people = sorted(queries.roster(organization_id), key=lambda one: (one.id not in keeps, one.id))
    for one in people:
        if one.id in keeps or size is None or used < size:
            _sit(one, term, used)
            used += 1
            if live:
                _end_wait(one)
        elif live:
            wait_for_seat(one, tells=tells)


def _ever_seated(organization_id: int) -> set[int]:
    """The affiliations that have a seat in any term of the firm, also one that has ended."""
    query = select(Seat.affiliation_id).join(Affiliation, Affiliation.id == Seat.affiliation_id)
    query = query.where(Affiliation.organization_id == organization_id, Seat.until_on.is_(None))
    return set(db.session.scalars(query))


def order_seats(term: Term, seats: int, invoice_number: str) -> SeatOrder:
    """Seats that count once their invoice is paid."""
    made = SeatOrder(term=term, seats=seats, invoice_number=invoice_number, ordered_on=today())
    db.session.add(made)
    db.session.flush()
    audit.record("seats.ordered", made, seats=seats, invoice=invoice_number)
    return made


def count_paid_seats(invoice_number: str) -> None:
    """The invoice of an order is paid: its seats are there, and whoever waits gets them."""
    order = db.session.scalar(queries.order_of(invoice_number).with_for_update())
    if order is None or order.paid_on or order.withdrawn_on:
        return
    order.paid_on = today()
    db.session.flush()
    audit.record("seats.paid", order, seats=order.seats)
    seat_the_next(order.term.membership.organization_id)


def withdraw_order(invoice_number: str) -> None:
    """The invoice of an order was credited: its seats do not count any more."""
    order = db.session.scalar(queries.order_of(invoice_number).with_for_update())
    if order is not None and order.withdrawn_on is None:
        order.withdrawn_on = today()
        audit.record("seats.withdrawn", order, seats=order.seats)


def ask_who_keeps_a_seat(seats: queries.Seats, organization: Organization) -> None:
    """More people than seats: who keeps the roster is told whom and by when, once a term."""
    names = [one.person.display_name for one in queries.longest_unused(seats.term, seats.used)]
    for one in _keepers(organization.id):
        mail_once(
            f"seats-choose:{seats.term.id}:{one.person_id}", "members/choose_seats", one.person,
            f"term:{seats.term.id}", firm=organization, seats=seats, names=names,
        )  # fmt: skip


def end_extra_seats(seats: queries.Seats) -> None:
    """Nobody chose in time: those who were here longest ago lose their seats and are told."""
    hold_term(seats.term)
    for one in queries.longest_unused(seats.term, seats.too_many):
        if end_seats(one):
            mail.queue(
                "members/unseated", to=one.person.email, person=one.person, firm=one.organization,
                reason="The firm has fewer seats in its new term, and nobody chose who keeps one.",
            )  # fmt: skip
