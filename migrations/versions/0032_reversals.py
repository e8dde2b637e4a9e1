"""reversals: payments that are taken out of the books, and the bank line by which they left."""

import sqlalchemy as sa
from alembic import op

from portal.core.audit import guards
from portal.core.db import UtcDateTime
from portal.core.migrations import allow_values

revision = "0032"
down_revision = "0031"
branch_labels = depends_on = None

FOR_TWO = "refund", "credit", "write_off"
KINDS = "twice", "other_firm", "returned", "bounced"


def upgrade() -> None:
    allow_values("approvals", "kind", "approvalkind", FOR_TWO, (*FOR_TWO, "reversal"))
    kind = sa.Enum(
        *KINDS, name="reversalkind", native_enum=False, length=32, create_constraint=True
    )
    op.create_table(
        "reversals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reversed_on", sa.Date(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_reversals_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reversals")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_reversals_payment_id")),
    )
    for statement in guards("reversals", op.get_context().dialect.name):
        op.execute(sa.DDL(statement.replace("%", "%%")))
    with op.batch_alter_table("bank_matches") as batch_op:
        batch_op.add_column(sa.Column("reversal_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_bank_matches_reversal_id"), "reversals", ["reversal_id"], ["id"]
        )
    live = sa.text("undone_at IS NULL")
    op.create_index(
        "uq_bank_matches_one_reversal", "bank_matches", ["reversal_id"], unique=True,
        sqlite_where=live, postgresql_where=live,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("uq_bank_matches_one_reversal", "bank_matches")
    with op.batch_alter_table("bank_matches") as batch_op:
        batch_op.drop_constraint(op.f("fk_bank_matches_reversal_id"), type_="foreignkey")
        batch_op.drop_column("reversal_id")
    op.drop_table("reversals")
    op.execute("DELETE FROM approvals WHERE kind = 'reversal'")
    allow_values("approvals", "kind", "approvalkind", (*FOR_TWO, "reversal"), FOR_TWO)
