"""How a table goes out: its head, and rows by parts; the cells that name a firm."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from portal.core.access import Permission
from portal.core.db import db
from portal.exchange.models import ExternalId
from portal.members.models import Organization

PART = 1000
Row = Sequence[object]
FIRM_HEAD = ("firm id", "firm external id", "firm country", "firm registration no", "firm")


@dataclass(frozen=True)
class Export:
    title: str
    permission: Permission
    head: Sequence[str]
    rows: Callable[[], Iterator[Row]]


def parts(query: Select[Any]) -> Iterator[list[Any]]:
    """The rows of a query in parts of a size that memory does not notice."""
    found = db.session.scalars(query.execution_options(yield_per=PART))
    for part in found.partitions():
        yield list(part)


def outside_numbers(kind: str) -> dict[int, str]:
    """The number elsewhere of each firm or person that has one."""
    query = select(ExternalId.subject_id, ExternalId.value).where(ExternalId.kind == kind)
    return dict(db.session.execute(query).all())


def firm_cells(firm: Organization | None, outside: dict[int, str]) -> Row:
    if firm is None:
        return ("",) * len(FIRM_HEAD)
    return (firm.id, outside.get(firm.id, ""), firm.country, firm.registration_no or "", firm.name)


def day_cell(value: date | None) -> object:
    return value or ""
