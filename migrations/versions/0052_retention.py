"""retention: how long data are kept, where the association changed it."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = depends_on = None


def upgrade() -> None:
    lengths = sa.Column("retention", sa.JSON(), nullable=False, server_default="{}")
    op.add_column("association", lengths)


def downgrade() -> None:
    with op.batch_alter_table("association") as batch_op:
        batch_op.drop_column("retention")
