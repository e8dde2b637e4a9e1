"""Which access table holds on a day: the one adopted last, or the one the portal came with."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from portal.association.queries import association
from portal.core.db import db
from portal.core.keeping import kept_under
from portal.members.access_table import SHIPPED, Table, Taking, in_effect
from portal.members.models import AccessTable
from portal.members.policy import Feature


def access_on(day: date) -> Table:
    """The one that holds; it costs no statement after the first time in a process."""
    return in_effect(access_over_time(), day)


def access_over_time() -> Sequence[Table]:
    """All that ever held or was adopted to hold, in order."""
    adopted = getattr(association(), "access_tables", None)
    return kept_under(adopted, "access tables", _read) if adopted else [SHIPPED]


def _read() -> list[Table]:
    rows = db.session.scalars(select(AccessTable).order_by(AccessTable.effective_from))
    return [SHIPPED, *map(table_of, rows)]


def table_of(row: AccessTable) -> Table:
    """As it is read back."""
    return Table(
        row.effective_from, frozenset(map(Feature, row.in_force)),
        frozenset(map(Feature, row.grace)), tuple(map(Taking.kept, row.takings)),
        row.own_data_days,
    )  # fmt: skip
