"""What people and terms that a file brings get as if they came by hand; nobody is told."""

from collections.abc import Iterable

from sqlalchemy import select

from portal.association.queries import today
from portal.core.db import Model, db
from portal.members.actions import seat_everybody, seat_or_queue
from portal.members.models import Affiliation, Attestation, Seat, SeatWait, Term
from portal.members.powers import ATTESTED
from portal.members.queries import terms_of

Places = dict[tuple[str, int], Seat | SeatWait]


def settle_in(made: Iterable[Model]) -> list[Model]:
    """Seats, places in the queue, and roles that count as confirmed today; what was made."""
    return [more for one in list(made) for more in _settle(one)]


def _settle(one: Model) -> list[Model]:
    if isinstance(one, Affiliation) and one.until_on is None:
        return [*_attested(one), *_seat_person(one)]
    return _seat_people(one) if isinstance(one, Term) else []


def _attested(affiliation: Affiliation) -> list[Model]:
    """A role that a file gives is confirmed a year from now, whenever the person came."""
    if not set(affiliation.roles) & set(ATTESTED):
        return []
    noted = Attestation(affiliation_id=affiliation.id, on=today())
    db.session.add(noted)
    db.session.flush()
    return [noted]


def _seat_person(affiliation: Affiliation) -> list[Model]:
    firm_id = affiliation.organization_id
    if not terms_of(firm_id):
        return []
    before = _places(firm_id)
    seat_or_queue(affiliation, tells=False)
    return _more(firm_id, before)


def _seat_people(term: Term) -> list[Model]:
    firm_id = term.membership.organization_id
    if term not in terms_of(firm_id):
        return []
    before = _places(firm_id)
    seat_everybody(term, tells=False)
    return _more(firm_id, before)


def _places(organization_id: int) -> Places:
    """Every seat and every wait of a firm's people, those that have ended too."""
    of_firm = select(Affiliation.id).where(Affiliation.organization_id == organization_id)
    seats = db.session.scalars(select(Seat).where(Seat.affiliation_id.in_(of_firm)))
    waits = db.session.scalars(select(SeatWait).where(SeatWait.affiliation_id.in_(of_firm)))
    return {(one.__tablename__, one.id): one for one in (*seats, *waits)}


def _more(organization_id: int, before: Places) -> list[Model]:
    db.session.flush()
    return [one for key, one in _places(organization_id).items() if key not in before]
