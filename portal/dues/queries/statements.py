"""Statements that were read: what importing one would add, and what is known already."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from portal.core.db import db
from portal.dues.models import BankFile, BankLine, ColumnMap
from portal.dues.statements import Record, keys


@dataclass(frozen=True)
class Difference:
    """Of a statement and the books: records by key that would be added, and how many are known."""

    new: dict[str, Record]
    known: int

    @property
    def came(self) -> int:
        return sum(one.minor > 0 for one in self.new.values())


def packed(record: Record) -> dict[str, Any]:
    """A record as it waits in the file's row."""
    return {**asdict(record), "booked_on": record.booked_on.isoformat()}


def unpacked(facts: dict[str, Any]) -> Record:
    return Record(**{**facts, "booked_on": date.fromisoformat(facts["booked_on"])})


def difference(file: BankFile) -> Difference:
    """What importing the file now would add."""
    records = [unpacked(facts) for facts in file.records]
    named = dict(zip(keys(records), records, strict=True))
    known = _known(list(named))
    new = {key: one for key, one in named.items() if key not in known}
    return Difference(new, len(records) - len(new))


def _known(wanted: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        found.update(db.session.scalars(select(BankLine.key).where(BankLine.key.in_(part))))
    return found


def bank_files() -> Select[BankFile]:
    return select(BankFile).order_by(BankFile.read_at.desc(), BankFile.id.desc())


def line_counts(files: list[BankFile]) -> dict[int, int]:
    """How many lines each file brought."""
    query = select(BankLine.file_id, func.count()).where(
        BankLine.file_id.in_([one.id for one in files])
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(BankLine.file_id))}


def column_maps() -> Select[ColumnMap]:
    return select(ColumnMap).order_by(ColumnMap.name)
