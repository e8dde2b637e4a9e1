"""That a person answered a benchmark for a firm; the values are the firm's, and sealed."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.accounts.holdings import HOLDINGS, Holding, Rows
from portal.accounts.models import Person
from portal.core.db import db
from portal.core.merging import ids_of
from portal.library.benchmarks.models import Answer


def _answers(person: Person) -> Rows:
    mine = Answer.person_id.in_(ids_of(Person, person.id))
    query = select(Answer).where(mine).order_by(Answer.id)
    shown = (joinedload(Answer.survey), joinedload(Answer.organization))
    return [
        {"survey": one.survey.title, "firm": one.organization.name, "site_type": one.site_type,
         "region": one.region, "saved_at": one.saved_at}
        for one in db.session.scalars(query.options(*shown))
    ]  # fmt: skip


HOLDINGS += [
    Holding(
        "benchmark-answers", "Benchmarks that you answered for a firm",
        "To know when a firm answered", "You", "Staff see that the firm did; nobody sees what",
        "For good, without your name: what was published rests on it", _answers,
    ),
]  # fmt: skip
