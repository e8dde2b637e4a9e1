"""minor versions: those of which readers are told nothing, as when tags are put in order."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = depends_on = None


def upgrade() -> None:
    minor = sa.Column("is_minor", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("practice_revisions", minor)


def downgrade() -> None:
    op.drop_column("practice_revisions", "is_minor")
