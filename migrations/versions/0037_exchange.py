"""exchange: what is gained or lost where the bank got another amount than was paid."""

from alembic import op

from portal.core.migrations import allow_values

revision = "0037"
down_revision = "0036"
branch_labels = depends_on = None

ACCOUNTS = (
    "receivable", "income", "tax_payable", "bank", "card_clearing", "unallocated", "withheld",
    "fees", "bad_debt",
)  # fmt: skip
KIND = ("postings", "account", "account")


def upgrade() -> None:
    allow_values(*KIND, ACCOUNTS, (*ACCOUNTS, "exchange"))


def downgrade() -> None:
    held = op.get_bind().exec_driver_sql("SELECT 1 FROM postings WHERE account = 'exchange'")
    if held.first():
        raise RuntimeError("Exchange differences are booked: the books cannot go back.")
    allow_values(*KIND, (*ACCOUNTS, "exchange"), ACCOUNTS)
