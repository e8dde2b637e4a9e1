"""Bills taken in for tests, over the real places and sessions, which are read once."""

from datetime import date
from pathlib import Path

from sqlalchemy import select

from portal.core.db import db
from portal.legislation.actions.importing import begin, take_in
from portal.legislation.actions.sessions import load_sessions
from portal.legislation.models import Measure
from portal.places.actions import load_places
from tests import tables
from tests.legislation import records
from tests.make import make_association

CONTENT = Path(__file__).parents[2] / "content"
AS_OF = date(2026, 3, 1)
PLACES = {}


def places_again():
    """Nothing but the places and sessions."""
    db.session.rollback()
    if not PLACES:
        tables.empty()
        make_association()
        load_places(CONTENT / "places.csv")
        load_sessions(CONTENT / "sessions.csv")
        db.session.commit()
        PLACES.update(tables.keep())
    tables.put_back(PLACES)


def take(source, *found, as_of=AS_OF):
    """One run over these records, each a file of its own."""
    named = [(f"{n}.json", one if isinstance(one, bytes) else records.as_bytes(one))
             for n, one in enumerate(found, 1)]  # fmt: skip
    return take_in(begin(source, "by hand"), named, as_of)


def only():
    return db.session.scalars(select(Measure)).one()
