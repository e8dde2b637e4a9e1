"""practice links: the addresses that practices give, and how each answered; a switch for it."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0036"
down_revision = "0035"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "practice_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("broken_since", UtcDateTime(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("fine_answer", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_practice_links_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_links")),
        sa.UniqueConstraint("practice_id", "url", name=op.f("uq_practice_links_practice_id_url")),
    )
    for column in ("looked_at", "broken_since"):
        op.create_index(op.f(f"ix_practice_links_{column}"), "practice_links", [column])
    op.add_column(
        "association",
        sa.Column("checks_links", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("association", "checks_links")
    op.drop_table("practice_links")
