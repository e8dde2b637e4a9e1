"""drafts: what an editor typed and did not keep yet."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "practice_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=True),
        sa.Column("editor_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_drafts")),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_practice_drafts_practice_id")
        ),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["people.id"], name=op.f("fk_practice_drafts_editor_id")
        ),
        sa.UniqueConstraint(
            "practice_id", "editor_id", name=op.f("uq_practice_drafts_practice_id_editor_id")
        ),
    )
    for one in ("practice_id", "editor_id"):
        op.create_index(op.f(f"ix_practice_drafts_{one}"), "practice_drafts", [one])
    is_new = sa.text("practice_id IS NULL")
    op.create_index(
        "uq_practice_drafts_of_a_new_one", "practice_drafts", ["editor_id"], unique=True,
        sqlite_where=is_new, postgresql_where=is_new,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("practice_drafts")
