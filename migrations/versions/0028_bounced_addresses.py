"""addresses that bounce: one row for each, in the place of a mark on people."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "bounced_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("since_at", UtcDateTime(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounced_addresses")),
        sa.UniqueConstraint("address", name=op.f("uq_bounced_addresses_address")),
    )
    op.create_index(op.f("ix_bounced_addresses_since_at"), "bounced_addresses", ["since_at"])
    op.add_column("outgoing_mail", sa.Column("bounced_at", UtcDateTime(), nullable=True))
    op.drop_column("people", "mail_bounced_at")


def downgrade() -> None:
    op.add_column("people", sa.Column("mail_bounced_at", UtcDateTime(), nullable=True))
    op.drop_column("outgoing_mail", "bounced_at")
    op.drop_table("bounced_addresses")
