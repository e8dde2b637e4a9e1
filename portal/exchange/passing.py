"""One pass over the rows of an import: read, stage, compare; what is then done is the caller's."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Select, select

from portal.core.db import db
from portal.exchange.fields import Column, Policy, Problem, read_row
from portal.exchange.kinds import KINDS, Rows
from portal.exchange.models import Import, ImportRow
from portal.exchange.plans import Plan, Seen, column_of, plan

BATCH = 500


def columns_of(found: Import) -> list[Column]:
    return [Column(heading, name, Policy(policy)) for heading, name, policy in found.columns]


def rows_after(import_id: int, line: int) -> Select[ImportRow]:
    query = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.line > line)
    return query.order_by(ImportRow.line).limit(BATCH)


@dataclass
class Pass:
    """What a pass knows from one batch to the next: its columns, and what lines are about."""

    found: Import
    seen: Seen = field(default_factory=Seen)

    def __post_init__(self) -> None:
        self.kind = KINDS[self.found.kind]
        self.columns = columns_of(self.found)
        self.fields = {one.name: one for one in self.kind.fields}
        self.policies = {one.field: one.policy for one in self.columns}

    def batch(self, rows: list[ImportRow]) -> Iterator[tuple[ImportRow, Plan, Rows]]:
        """Each row with its plan; what the caller wrote of one is known to the next."""
        reads = [read_row(one.line, one.cells, self.columns, self.fields) for one in rows]
        staging = self.kind.rows(reads, self.seen)
        for row, read in zip(rows, reads, strict=True):
            made = plan(read, staging.stage(read), self.policies, self.seen)
            self.note(row, made)
            yield row, made, staging

    def note(self, row: ImportRow, made: Plan) -> None:
        row.outcome, row.label = made.outcome, made.staged.label[:200]
        row.changes = [list(one) for one in made.changes]
        row.problems = [[self._heading(one), one.sentence] for one in made.problems]

    def _heading(self, problem: Problem) -> str:
        known = problem.column in self.fields
        return column_of(self.columns, self.fields, problem.column) if known else problem.column


def batches(import_id: int, *, unwritten: bool = False) -> Iterator[list[ImportRow]]:
    """The rows in parts, in their order."""
    line = 0
    while True:
        query = rows_after(import_id, line)
        if unwritten:
            query = query.where(ImportRow.written_at.is_(None))
        rows = list(db.session.scalars(query))
        if not rows:
            return
        line = rows[-1].line
        yield rows
