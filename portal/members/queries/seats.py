"""Questions about the seats of a firm's terms: how many, who has one, who waits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import SignIn
from portal.association.queries import today
from portal.core.ahead import each
from portal.core.db import db
from portal.members.models import (
    Affiliation,
    Membership,
    Organization,
    Seat,
    SeatOrder,
    SeatWait,
    Term,
)
from portal.members.queries.firms import is_live

INCLUDED = 5  # where the price of a term does not say
CHOOSE = timedelta(days=14)  # in which a firm with too few seats says who keeps one


@dataclass(frozen=True)
class Seats:
    """The seats of a firm's term today; `size` is None where the class does not count them."""

    term: Term
    size: int | None
    used: int

    @property
    def free(self) -> int | None:
        return None if self.size is None else max(0, self.size - self.used)

    @property
    def too_many(self) -> int:
        return 0 if self.size is None else max(0, self.used - self.size)

    @property
    def choose_by(self) -> date:
        """The day on which seats beyond the size end by themselves."""
        return self.term.start_on + CHOOSE

    @property
    def words(self) -> str:
        if self.size is None:
            return f"{self.used} people; this membership does not count seats"
        return f"{self.used} of {self.size} seats taken"


def is_seated(day: date) -> ColumnElement[bool]:
    """True of affiliations that have a seat in a term that is live on `day`."""
    mine = and_(Seat.affiliation_id == Affiliation.id, Seat.until_on.is_(None), is_live(day))
    return exists(select(Seat.id).join(Term, Term.id == Seat.term_id).where(mine))


def included_in(term: Term) -> int | None:
    """Seats that the price of a term includes; None where its class does not count them.

    The snapshot says `"seats": {"included": 5, "extra": 3}`, or null for no count.
    """
    said = term.price_snapshot.get("seats", {"included": INCLUDED})
    return None if said is None else int(said.get("included", INCLUDED))


def size_of(term: Term) -> int | None:
    """Included seats, those bought with the term, and those bought and paid since."""
    included = included_in(term)
    if included is None:
        return None
    with_term = int(term.price_snapshot.get("seats", {}).get("extra", 0))
    return included + with_term + each(seats_bought, term.id)


def seats_bought(term_ids: Collection[int]) -> dict[int, int]:
    """Of several terms the seats that were paid since they were sold, in one statement."""
    query = select(SeatOrder.term_id, func.sum(SeatOrder.seats)).where(
        SeatOrder.term_id.in_(term_ids), SeatOrder.paid_on.is_not(None),
        SeatOrder.withdrawn_on.is_(None),
    )  # fmt: skip
    found = dict(db.session.execute(query.group_by(SeatOrder.term_id)).all())
    return {number: int(found.get(number, 0)) for number in term_ids}


def open_orders(term: Term) -> Sequence[SeatOrder]:
    """Ordered, and neither paid nor taken back, the first first."""
    mine = select(SeatOrder).filter_by(term_id=term.id, paid_on=None, withdrawn_on=None)
    return db.session.scalars(mine.order_by(SeatOrder.id)).all()


def next_order(term: Term, after_id: int) -> SeatOrder | None:
    """The first order of a term after another one, whatever became of it."""
    mine = select(SeatOrder).where(SeatOrder.term_id == term.id, SeatOrder.id > after_id)
    return db.session.scalars(mine.order_by(SeatOrder.id).limit(1)).first()


def last_order_id(term: Term) -> int:
    query = select(func.max(SeatOrder.id)).where(SeatOrder.term_id == term.id)
    return db.session.scalar(query) or 0


def used_in(term: Term) -> int:
    open_ones = select(func.count(Seat.id)).where(Seat.term_id == term.id, Seat.until_on.is_(None))
    return db.session.scalar(open_ones) or 0


def terms_of(organization_id: int) -> Sequence[Term]:
    """The terms that have seats today or will: live ones, the latest first, then those ahead."""
    day = today()
    ahead = and_(Term.start_on > day, Term.cancelled_at.is_(None))
    query = select(Term).join(Term.membership).where(or_(is_live(day), ahead))
    query = query.where(Membership.organization_id == organization_id)
    is_ahead = case((Term.start_on > day, 1), else_=0)
    return db.session.scalars(query.order_by(is_ahead, Term.start_on.desc(), Term.id)).all()


def live_terms(organization_id: int) -> list[Term]:
    """Those in force or in grace today, the latest first: two of one that was just renewed."""
    day = today()
    return [term for term in terms_of(organization_id) if term.start_on <= day]


def live_seats(organization_id: int) -> list[Seats]:
    """The seats of each live term of a firm; one that was renewed already is not named."""
    newest = {term.membership_id: term for term in reversed(live_terms(organization_id))}
    return [Seats(term, size_of(term), used_in(term)) for term in newest.values()]


def seats_now(organization_id: int) -> Seats | None:
    """The seats that a colleague would get one of; None while the firm is no member."""
    found = live_seats(organization_id)
    return next((one for one in found if one.free is None or one.free), next(iter(found), None))


def seated_ids(organization_id: int) -> set[int]:
    """The affiliations of a firm that have a seat today."""
    query = select(Affiliation.id).where(
        Affiliation.organization_id == organization_id, Affiliation.until_on.is_(None),
        is_seated(today()),
    )  # fmt: skip
    return set(db.session.scalars(query))


def seat_queue(organization_id: int) -> Sequence[SeatWait]:
    """Who waits for a seat, the first first."""
    query = (
        select(SeatWait)
        .join(SeatWait.affiliation)
        .where(Affiliation.organization_id == organization_id, SeatWait.ended_at.is_(None))
        .options(joinedload(SeatWait.affiliation).joinedload(Affiliation.person))
    )
    return db.session.scalars(query.order_by(SeatWait.id)).all()


def open_wait(affiliation_id: int) -> SeatWait | None:
    return db.session.scalar(
        select(SeatWait).filter_by(affiliation_id=affiliation_id, ended_at=None)
    )


def order_of(invoice_number: str) -> Select[SeatOrder]:
    return select(SeatOrder).where(SeatOrder.invoice_number == invoice_number)


def longest_unused(term: Term, count: int) -> list[Affiliation]:
    """Those of a term whose last sign-in lies longest ago, never signed in first."""
    last = select(func.max(SignIn.seen_at)).where(SignIn.person_id == Affiliation.person_id)
    used = last.correlate(Affiliation).scalar_subquery()
    query = (
        select(Affiliation, used)
        .join(Seat, Seat.affiliation_id == Affiliation.id)
        .where(Seat.term_id == term.id, Seat.until_on.is_(None))
        .options(joinedload(Affiliation.person))
    )
    rows: list[tuple[Affiliation, datetime | None]] = [
        (one, at) for one, at in db.session.execute(query)
    ]
    rows.sort(key=lambda row: (row[1] is not None, row[1], -row[0].id))
    return [one for one, _at in rows[:count]]


def crowded_terms() -> list[tuple[Seats, Organization]]:
    """Terms in force in which more people have a seat than there are, and their firms."""
    day = today()
    query = (
        select(Term)
        .where(is_live(day), Term.end_on >= day)
        .options(joinedload(Term.membership).joinedload(Membership.organization))
    )
    found = [(Seats(one, size_of(one), used_in(one)), one) for one in db.session.scalars(query)]
    return [(seats, term.membership.organization) for seats, term in found if seats.too_many]
