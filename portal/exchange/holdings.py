"""Files that a person of the staff brought in."""

from sqlalchemy import select

from portal.accounts.holdings import HOLDINGS, Holding, Rows, plain
from portal.accounts.models import Person
from portal.core.db import db
from portal.exchange.models import Import


def _brought_in(person: Person) -> Rows:
    query = select(Import).where(Import.made_by_id == person.id).order_by(Import.id)
    names = ("kind", "filename", "made_at", "done_at")
    return [plain(one, *names) for one in db.session.scalars(query)]


HOLDINGS.append(
    Holding(
        "imports",
        "Files of firms, people or invoices that you brought in",
        "To know where a row came from",
        "You",
        "Staff",
        "Ten years, without your name: who answered for an act",
        _brought_in,
    )
)
