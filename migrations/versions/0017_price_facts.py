"""price facts: what a firm's price depends on beside its numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = depends_on = None


def upgrade() -> None:
    told = sa.Column("priced_by", sa.JSON(), nullable=False, server_default="{}")
    op.add_column("organizations", told)


def downgrade() -> None:
    with op.batch_alter_table("organizations") as batch_op:
        batch_op.drop_column("priced_by")
