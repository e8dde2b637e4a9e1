"""voids: invoices that claim nothing any more, where the settings allow it."""

import sqlalchemy as sa
from alembic import op

from portal.core.audit import guards
from portal.core.db import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column(
        "association",
        sa.Column("may_void", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "voids",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("voided_on", sa.Date(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_voids_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voids")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_voids_invoice_id")),
    )
    for statement in guards("voids", op.get_context().dialect.name):
        op.execute(sa.DDL(statement.replace("%", "%%")))


def downgrade() -> None:
    op.drop_table("voids")
    op.drop_column("association", "may_void")
