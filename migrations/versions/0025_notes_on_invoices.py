"""what an invoice of dues says beside its sum: the part for lobbying, and the way out."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = depends_on = None

NAMES = "lobbying_minor", "lobbying_text", "notice_until_on", "leaves_on"


def upgrade() -> None:
    nothing = {"nullable": False, "server_default": "0"}
    op.add_column("invoices", sa.Column("lobbying_minor", sa.BigInteger(), **nothing))
    empty = {"nullable": False, "server_default": ""}
    op.add_column("invoices", sa.Column("lobbying_text", sa.String(), **empty))
    for name in ("notice_until_on", "leaves_on"):
        op.add_column("invoices", sa.Column(name, sa.Date(), nullable=True))


def downgrade() -> None:
    for name in reversed(NAMES):
        op.drop_column("invoices", name)
