"""payments that the bank shows: one bank line for a payment that was entered by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = depends_on = None

LIVE = sa.text("undone_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "uq_bank_matches_one_payment", "bank_matches", ["payment_id"], unique=True,
        sqlite_where=LIVE, postgresql_where=LIVE,
    )  # fmt: skip
    op.create_index(
        op.f("ix_payments_amount_minor_received_on"), "payments", ["amount_minor", "received_on"]
    )


def downgrade() -> None:
    op.drop_index("ix_payments_amount_minor_received_on", "payments")
    op.drop_index("uq_bank_matches_one_payment", "bank_matches")
