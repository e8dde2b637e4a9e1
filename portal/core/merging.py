"""Two rows that were found to be one: the number that went points at the one that stays, for ever.

What may change moves to the row that stays. What is append-only keeps the number it was written
with, and is found by `ids_of`.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    CTE,
    CheckConstraint,
    Column,
    ColumnElement,
    CompoundSelect,
    Select,
    SQLColumnExpression,
    Table,
    UniqueConstraint,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped

from portal.core import audit, clock
from portal.core.audit import APPEND_ONLY, append_only
from portal.core.db import Key, Model, db

Kind = type[Model]


@append_only
class Merge(Model):
    """Row `old_id` of a table is row `new_id` from now on."""

    __tablename__ = "merges"
    __table_args__ = (
        UniqueConstraint("kind", "old_id"),
        CheckConstraint("old_id <> new_id", "of_two"),
    )

    id: Mapped[Key]
    kind: Mapped[str]  # the table's name
    old_id: Mapped[int]
    new_id: Mapped[int]
    made_at: Mapped[datetime]
    actor: Mapped[str]  # as the record names them
    reason: Mapped[str]
    moved: Mapped[dict[str, Any]]  # how many rows of each table pointed at the old one


# By table: why two rows cannot be merged, in a sentence, or nothing; (kept, lost).
objections: dict[str, list[Callable[[int, int], str]]] = {}
# By table: what two rows may not both have is settled before everything moves; (kept, lost).
settlers: dict[str, list[Callable[[int, int], None]]] = {}


def winners(model: Kind) -> dict[int, int]:
    """Every number of a table that was merged away, and where it is found now; one statement."""
    query = select(Merge.old_id, Merge.new_id).where(Merge.kind == model.__tablename__)
    found: dict[int, int] = dict(db.session.execute(query).all())
    return {old: _last(found, new) for old, new in found.items()}


def _last(found: dict[int, int], number: int) -> int:
    while number in found:
        number = found[number]
    return number


def current_id(model: Kind, number: int) -> int:
    """The number under which a row is found now: its own unless it was merged into another."""
    return winners(model).get(number, number)


def ids_of(model: Kind, number: int) -> set[int]:
    """The number under which a row is found now, and every one that was merged into it."""
    merged = winners(model)
    now = merged.get(number, number)
    return {now, *(old for old, new in merged.items() if new == now)}


def older_ids(model: Kind, numbers: Collection[int]) -> dict[int, int]:
    """Every number that was merged into one of these, and which; one statement."""
    return {old: new for old, new in winners(model).items() if new in numbers}


@cache
def _pairs(model: Kind) -> CTE:
    """Each old number with every number that it leads on to."""
    first = select(Merge.old_id, Merge.new_id).where(Merge.kind == model.__tablename__)
    known = first.cte(f"{model.__tablename__}_merged", recursive=True)
    further = select(known.c.old_id, Merge.new_id).join(known, Merge.old_id == known.c.new_id)
    return known.union(further.where(Merge.kind == model.__tablename__))


def names_of(model: Kind, number: int) -> CompoundSelect[int]:
    """Like `ids_of`, inside a statement, of a number that stands for itself."""
    pairs = _pairs(model)
    return select(literal(number)).union(select(pairs.c.old_id).where(pairs.c.new_id == number))


def leads_to(
    model: Kind, number: SQLColumnExpression[Any], now: SQLColumnExpression[Any]
) -> ColumnElement[bool]:
    """True where a column's number is, or was merged into, that of the other column."""
    return or_(number == now, number.in_(older_names(model, now)))


def older_names(model: Kind, now: SQLColumnExpression[Any]) -> Select[int]:
    """The numbers that were merged into the one in a column."""
    pairs = _pairs(model)
    return select(pairs.c.old_id).where(pairs.c.new_id == now).correlate_except(pairs)


def merged_away(model: Kind) -> Select[int]:
    """The numbers that are only names of another row now."""
    return select(Merge.old_id).where(Merge.kind == model.__tablename__)


def _pointers(model: Kind) -> Iterator[tuple[Table, Column[Any]]]:
    """Every column of every table that points at this one."""
    for table in Model.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table is model.__table__:
                yield table, cast("Column[Any]", key.parent)


def counted(model: Kind, number: int) -> dict[str, int]:
    """How many rows of each table point at this one; tables with none are left out."""
    found: dict[str, int] = {}
    for table, column in _pointers(model):
        query = select(func.count()).select_from(table).where(column == number)
        found[table.name] = found.get(table.name, 0) + (db.session.scalar(query) or 0)
    return {name: count for name, count in found.items() if count}


def stays(table: str) -> bool:
    """True of what is never edited: it keeps the old number and is found by it."""
    return table in APPEND_ONLY


def merge(model: Kind, keep: int, lose: int, reason: str, but: frozenset[str]) -> Merge:
    """Move all that points at `lose`, except the tables named in `but`, and keep the alias.

    The caller has asked the objections, and commits.
    """
    moved = counted(model, lose)
    for settle in settlers.get(model.__tablename__, ()):
        settle(keep, lose)
    db.session.flush()
    for table, column in _pointers(model):
        if not stays(table.name) and table.name not in but:
            db.session.execute(update(table).where(column == lose).values({column: keep}))
    made = Merge(
        kind=model.__tablename__, old_id=lose, new_id=keep, made_at=clock.now(),
        actor=audit.actor(), reason=reason, moved=moved,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    db.session.expire_all()
    return made
