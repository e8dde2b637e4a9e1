"""payers: who pays a firm's dues in its place, on the firm, its invoices and its payments."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = depends_on = None


def upgrade() -> None:
    for table in ("organizations", "invoices"):
        told = sa.Column("paid_by", sa.JSON(), nullable=False, server_default="{}")
        op.add_column(table, told)
    name = sa.Column("paid_by", sa.String(), nullable=False, server_default="")
    op.add_column("payments", name)


def downgrade() -> None:
    for table in ("payments", "invoices", "organizations"):
        op.drop_column(table, "paid_by")
