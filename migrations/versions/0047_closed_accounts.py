"""closed accounts: why an account was closed, and mail that was withheld from it."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0047"
down_revision = "0046"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("closed_because", sa.String(), nullable=True))
    op.add_column("outgoing_mail", sa.Column("withheld_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("outgoing_mail") as table:
        table.drop_column("withheld_at")
    with op.batch_alter_table("people") as table:
        table.drop_column("closed_because")
