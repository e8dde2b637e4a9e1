"""saved_searches: searches that people saved, and the synonyms as staff made them."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column(
            "often",
            sa.Enum(
                "instant",
                "daily",
                "weekly",
                name="often",
                native_enum=False,
                length=32,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_saved_searches_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
    )
    for column in ("person_id", "looked_at"):
        op.create_index(op.f(f"ix_saved_searches_{column}"), "saved_searches", [column])
    op.create_table(
        "synonym_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_lists")),
    )


def downgrade() -> None:
    op.drop_table("synonym_lists")
    op.drop_table("saved_searches")
