"""Versions of practices that a person wrote."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.accounts.holdings import HOLDINGS, Holding, Rows
from portal.accounts.models import Person
from portal.core.db import db
from portal.core.merging import ids_of
from portal.library.models import Revision


def _rows(person: Person) -> Rows:
    mine = Revision.author_id.in_(ids_of(Person, person.id))
    query = select(Revision).where(mine).order_by(Revision.id)
    shown = joinedload(Revision.practice)
    return [
        {"practice": one.practice.slug, "version": one.version, "made_at": one.made_at}
        for one in db.session.scalars(query.options(shown))
    ]


HOLDINGS.append(
    Holding(
        "practices", "What you wrote for the library", "So that others learn from it", "You",
        "Whoever may read it", "For good, without your name: it belongs to what all may cite",
        _rows,
    )
)  # fmt: skip
