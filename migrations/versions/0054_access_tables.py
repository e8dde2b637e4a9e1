"""access tables: adopted tables of what memberships give, each from a day on."""

import sqlalchemy as sa
from alembic import op

from portal.core.audit import guards

revision = "0054"
down_revision = "0053"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_tables",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("in_force", sa.JSON(), nullable=False),
        sa.Column("grace", sa.JSON(), nullable=False),
        sa.Column("takings", sa.JSON(), nullable=False),
        sa.Column("own_data_days", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_access_tables_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_tables")),
        sa.UniqueConstraint("effective_from", name=op.f("uq_access_tables_effective_from")),
    )
    dialect = op.get_context().dialect.name
    for statement in guards("access_tables", dialect):
        op.execute(sa.DDL(statement.replace("%", "%%")))


def downgrade() -> None:
    op.drop_table("access_tables")
