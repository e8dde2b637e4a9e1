"""early payment: what an invoice asks less of who pays by a day, and why it was taken back."""

import sqlalchemy as sa
from alembic import op

from portal.core.migrations import allow_values

revision = "0035"
down_revision = "0034"
branch_labels = depends_on = None

REASONS = (
    "price_correction", "seat_correction", "drop", "goodwill", "duplicate", "tax_correction",
    "withdrawal",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("invoices", sa.Column("early_until_on", sa.Date(), nullable=True))
    op.add_column(
        "invoices", sa.Column("early_minor", sa.BigInteger(), server_default="0", nullable=False)
    )
    allow_values("credit_notes", "code", "creditreason", REASONS, (*REASONS, "early_payment"))


def downgrade() -> None:
    allow_values("credit_notes", "code", "creditreason", (*REASONS, "early_payment"), REASONS)
    op.drop_column("invoices", "early_minor")
    op.drop_column("invoices", "early_until_on")
