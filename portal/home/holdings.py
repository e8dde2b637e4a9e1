"""Searches that a person saved."""

from sqlalchemy import delete, select

from portal.accounts.holdings import HOLDINGS, Holding, Rows, plain
from portal.accounts.models import Person
from portal.core.db import db
from portal.home.models import SavedSearch


def _rows(person: Person) -> Rows:
    query = select(SavedSearch).filter_by(person_id=person.id).order_by(SavedSearch.id)
    return [
        plain(one, "name", "address", "often", "made_at", "looked_at")
        for one in db.session.scalars(query)
    ]


def _forget(person: Person) -> None:
    db.session.execute(delete(SavedSearch).where(SavedSearch.person_id == person.id))


HOLDINGS.append(
    Holding(
        "saved-searches", "Searches you saved", "To tell you what is new", "You", "Nobody",
        "Until you remove them", _rows, erase=_forget,
    )
)  # fmt: skip
