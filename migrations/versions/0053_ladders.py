"""ladders of reminders: adopted tables of their steps, each from a day on."""

import sqlalchemy as sa
from alembic import op

from portal.core.audit import guards

revision = "0053"
down_revision = "0052"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "ladder_tables",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_ladder_tables_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_tables")),
        sa.UniqueConstraint("effective_from", name=op.f("uq_ladder_tables_effective_from")),
    )
    dialect = op.get_context().dialect.name
    for statement in guards("ladder_tables", dialect):
        op.execute(sa.DDL(statement.replace("%", "%%")))


def downgrade() -> None:
    op.drop_table("ladder_tables")
