"""What a membership gives, as adopted from a day on."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, func, inspect, select
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from portal.association.models import Association
from portal.core.audit import append_only
from portal.core.db import Key, Model
from portal.members.models.firms import Decision


@append_only
class AccessTable(Model):
    """What unpaid dues take, and when, from a day on, until the next one's; never changed."""

    __tablename__ = "access_tables"

    id: Mapped[Key]
    effective_from: Mapped[date] = mapped_column(unique=True)
    in_force: Mapped[list[str]]  # values of `policy.Feature`, as of `grace`
    grace: Mapped[list[str]]
    takings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # as `access_table.Taking.row`
    own_data_days: Mapped[int]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    decision: Mapped[Decision] = relationship()


# Every request reads the association's row: with it comes how many tables were ever adopted, so
# that each process knows whether those it has read are still all of them.
_ADOPTED = column_property(select(func.count(AccessTable.id)).scalar_subquery())
inspect(Association).add_property("access_tables", _ADOPTED)
