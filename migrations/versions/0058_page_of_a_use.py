"""page of a use: which showing of the form an allowance's use was sent from."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("allowance_uses", sa.Column("page_key", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("allowance_uses", "page_key")
