"""How many measures each filter would leave, for the facets and the map beside the list."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import func

from portal.core.db import db
from portal.core.keeping import kept
from portal.legislation.models import Measure, MeasureEvent
from portal.legislation.queries import Filters, measures
from portal.places.models import Place

COLUMNS: dict[str, Any] = {
    "topic": Measure.topic, "stage": Measure.stage, "level": Place.level, "place": Place.path,
}  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """Of each filter its values and how many measures each has, the others staying as they are.

    Of a place, by its path, those that it has itself, whatever place is chosen.
    """

    topic: dict[str, int]
    stage: dict[str, int]
    level: dict[str, int]
    place: dict[str, int]


def counts(filters: Filters) -> Counts:
    """Kept while nothing is recorded, unless they are of somebody's own list, or of words."""
    mine = (filters.text, filters.since, filters.unreviewed_by, filters.sponsor, filters.committee)
    if any(mine) or filters.followed_by is not None:
        return _counted(filters)
    path = filters.place.path if filters.place else ""
    question = ("bills", path, replace(filters, place=None))
    return kept(question, (Measure, MeasureEvent, Place), partial(_counted, filters))


def _counted(filters: Filters) -> Counts:
    return Counts(**{name: _each(filters.without(name), column)
                     for name, column in COLUMNS.items()})  # fmt: skip


def _each(filters: Filters, column: Any) -> dict[str, int]:
    query = measures(filters).with_only_columns(
        column, func.count(Measure.id), maintain_column_froms=True
    )
    return {str(value): n for value, n in db.session.execute(query.group_by(column))}
