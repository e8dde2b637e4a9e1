"""deposit slips: one bank line that is several cheques at once."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = depends_on = None

NAME = "uq_bank_matches_one_live"


def _one_live(condition: str) -> None:
    live = sa.text(condition)
    op.drop_index(NAME, "bank_matches")
    op.create_index(
        NAME, "bank_matches", ["line_id"], unique=True, sqlite_where=live, postgresql_where=live
    )


def upgrade() -> None:
    with op.batch_alter_table("bank_matches") as batch_op:
        batch_op.add_column(sa.Column("part_of_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_bank_matches_part_of_id"), "bank_matches", ["part_of_id"], ["id"]
        )
    op.create_index(op.f("ix_bank_matches_part_of_id"), "bank_matches", ["part_of_id"])
    _one_live("undone_at IS NULL AND part_of_id IS NULL")


def downgrade() -> None:
    op.execute("DELETE FROM bank_matches WHERE part_of_id IS NOT NULL")
    _one_live("undone_at IS NULL")
    op.drop_index(op.f("ix_bank_matches_part_of_id"), "bank_matches")
    with op.batch_alter_table("bank_matches") as batch_op:
        batch_op.drop_constraint(op.f("fk_bank_matches_part_of_id"), type_="foreignkey")
        batch_op.drop_column("part_of_id")
