"""gifts at renewal: what a firm gives beside the dues of its next term."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("renewals", sa.Column("gift_minor", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("renewals", "gift_minor")
