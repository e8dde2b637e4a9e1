"""early lost: a credit note that claims again what was taken off for paying early."""

from portal.core.migrations import allow_values

revision = "0044"
down_revision = "0043"
branch_labels = depends_on = None

REASONS = (
    "price_correction", "seat_correction", "drop", "goodwill", "duplicate", "tax_correction",
    "withdrawal", "early_payment",
)  # fmt: skip


def upgrade() -> None:
    allow_values("credit_notes", "code", "creditreason", REASONS, (*REASONS, "early_lost"))


def downgrade() -> None:
    allow_values("credit_notes", "code", "creditreason", (*REASONS, "early_lost"), REASONS)
