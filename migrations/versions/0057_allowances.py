"""allowances: what firms used of the passes, hours and posts that their memberships include."""

import sqlalchemy as sa
from alembic import op

from portal.core.audit import guards

revision = "0057"
down_revision = "0056"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "allowance_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("of", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("what_for", sa.String(), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "(amount < 0) = (undoes_id IS NOT NULL)", name=op.f("ck_allowance_uses_less_undoes")
        ),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_allowance_uses_term_id")),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["allowance_uses.id"], name=op.f("fk_allowance_uses_undoes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowance_uses")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_allowance_uses_undoes_id")),
    )
    op.create_index(op.f("ix_allowance_uses_term_id"), "allowance_uses", ["term_id"])
    for statement in guards("allowance_uses", op.get_context().dialect.name):
        op.execute(sa.DDL(statement.replace("%", "%%")))


def downgrade() -> None:
    op.drop_table("allowance_uses")
