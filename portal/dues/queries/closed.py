"""Until when the books are closed, for whoever books."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from portal.core.db import db
from portal.dues.models import Closing

THE_CLOSING = 1  # the number of its one row


def closed_until(ones: Collection[int]) -> dict[int, date | None]:
    """The last closed day, by the number of the one row, which whoever posts shares with others.

    Whoever closes the books changes the row: neither slips in beside the other.
    """
    query = select(Closing.until_on).where(Closing.id.in_(ones)).with_for_update(read=True)
    return dict.fromkeys(ones, db.session.scalar(query))
