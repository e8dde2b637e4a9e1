"""version withdrawals: versions of practices that should not have stood, and why."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0043"
down_revision = "0042"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "version_withdrawals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_version_withdrawals_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_withdrawals")),
        sa.UniqueConstraint(
            "practice_id", "version", name=op.f("uq_version_withdrawals_practice_id_version")
        ),
    )


def downgrade() -> None:
    op.drop_table("version_withdrawals")
