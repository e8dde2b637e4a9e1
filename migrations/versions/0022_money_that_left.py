"""money that left: the refund that a bank line shows, or what it was for and who got it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = depends_on = None

PURPOSES = "bank_fee", "provider_fee", "supplier", "staff", "tax", "own_account", "other"
EXPLAINED = """
UPDATE bank_matches SET purpose = 'other', payee = (
    SELECT counterparty FROM bank_lines WHERE bank_lines.id = bank_matches.line_id
)
WHERE payment_id IS NULL AND payout_id IS NULL AND line_id IN (
    SELECT id FROM bank_lines WHERE minor < 0
)
"""


def upgrade() -> None:
    purpose = sa.Enum(
        *PURPOSES, name="purpose", native_enum=False, length=32, create_constraint=True
    )
    with op.batch_alter_table("bank_matches") as batch_op:
        batch_op.add_column(sa.Column("refund_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("purpose", purpose, nullable=True))
        batch_op.add_column(sa.Column("payee", sa.String(), nullable=False, server_default=""))
        batch_op.create_foreign_key(
            op.f("fk_bank_matches_refund_id"), "refunds", ["refund_id"], ["id"]
        )
    op.execute(EXPLAINED)
    live = sa.text("undone_at IS NULL")
    op.create_index(
        "uq_bank_matches_one_refund", "bank_matches", ["refund_id"], unique=True,
        sqlite_where=live, postgresql_where=live,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("uq_bank_matches_one_refund", "bank_matches")
    with op.batch_alter_table("bank_matches") as batch_op:
        batch_op.drop_constraint(op.f("fk_bank_matches_refund_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_bank_matches_purpose"), type_="check")
        for name in ("refund_id", "purpose", "payee"):
            batch_op.drop_column(name)
