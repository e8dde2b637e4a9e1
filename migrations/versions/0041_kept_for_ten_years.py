"""kept for ten years: the record and bank lines may go once they are so old, and not before."""

import sqlalchemy as sa
from alembic import op

from portal.core.audit import guards

revision = "0041"
down_revision = "0040"
branch_labels = depends_on = None

KEPT = {"audit_events": "at", "bank_lines": "booked_on"}


def _guard_again(table: str, column: str = "") -> None:
    dialect = op.get_context().dialect.name
    names = ("UPDATE", "DELETE") if dialect == "sqlite" else ("append_only", "kept")
    where = "" if dialect == "sqlite" else f" ON {table}"
    for name in names:
        op.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{where}")
    for statement in guards(table, dialect, column):
        op.execute(sa.DDL(statement.replace("%", "%%")))


def upgrade() -> None:
    for table, column in KEPT.items():
        _guard_again(table, column)


def downgrade() -> None:
    for table in KEPT:
        _guard_again(table)
