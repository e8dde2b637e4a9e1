"""balances: the balance of an invoice is read from an index alone."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = depends_on = None

OLD, NEW = "ix_postings_invoice_id", "ix_postings_invoice_id_account_minor"


def upgrade() -> None:
    op.create_index(NEW, "postings", ["invoice_id", "account", "minor"])
    op.drop_index(OLD, "postings")


def downgrade() -> None:
    op.create_index(OLD, "postings", ["invoice_id"])
    op.drop_index(NEW, "postings")
