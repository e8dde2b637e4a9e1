"""answers of authors: which of the answers to readers' questions the author gave."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column(
        "remarks",
        sa.Column("is_by_author", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("remarks", "is_by_author")
