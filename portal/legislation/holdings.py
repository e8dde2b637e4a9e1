"""Notes on bills that a person wrote for a committee."""

from sqlalchemy import select

from portal.accounts.holdings import HOLDINGS, Holding, Rows, plain
from portal.accounts.models import Person
from portal.core.db import db
from portal.core.merging import ids_of
from portal.legislation.models import MeasureNote, MeasureReview


def _rows(person: Person) -> Rows:
    mine = MeasureNote.author_id.in_(ids_of(Person, person.id))
    query = select(MeasureNote).where(mine).order_by(MeasureNote.id)
    names = "measure_id", "committee_id", "text", "written_at"
    return [plain(one, *names) for one in db.session.scalars(query)]


def _reviews(person: Person) -> Rows:
    query = select(MeasureReview).filter_by(person_id=person.id).order_by(MeasureReview.id)
    return [plain(one, "measure_id", "committee_id", "at") for one in db.session.scalars(query)]


HOLDINGS.append(
    Holding(
        "reviews-of-bills", "Bills that you went through for a committee",
        "So that its members know what is left", "You", "That committee",
        "Until another member goes through the same bill", _reviews,
    )
)  # fmt: skip
HOLDINGS.append(
    Holding(
        "notes", "Notes on bills that you wrote for a committee", "To prepare positions", "You",
        "That committee, and policy staff",
        "For good, without your name: positions rest on them", _rows,
    )
)  # fmt: skip
