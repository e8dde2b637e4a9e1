"""kept tariffs: by which tariff each period of a renewal was quoted."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("renewals", sa.Column("tariffs", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("renewals", "tariffs")
