"""time-barred: the years after which a claim may be, by country, as the association says."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = depends_on = None


def upgrade() -> None:
    years = sa.Column("barred_after", sa.JSON(), nullable=False, server_default="{}")
    op.add_column("association", years)


def downgrade() -> None:
    with op.batch_alter_table("association") as batch_op:
        batch_op.drop_column("barred_after")
