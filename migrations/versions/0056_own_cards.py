"""own cards: a card payment of the firm's own people where somebody else was asked to pay."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = depends_on = None


def upgrade() -> None:
    own = sa.Column("is_own", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("payment_attempts", own)


def downgrade() -> None:
    op.drop_column("payment_attempts", "is_own")
