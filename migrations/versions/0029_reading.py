"""reading lists, what was read, and the keys of private feeds."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = depends_on = None

LISTS, ENTRIES, MARKS, KEYS = "reading_lists", "reading_entries", "read_marks", "feed_keys"


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        LISTS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("committee_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("share_token", sa.String(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        _to(LISTS, "person_id", "people"),
        _to(LISTS, "committee_id", "committees"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{LISTS}")),
        sa.UniqueConstraint("share_token", name=op.f(f"uq_{LISTS}_share_token")),
    )
    for column in ("person_id", "committee_id"):
        op.create_index(op.f(f"ix_{LISTS}_{column}"), LISTS, [column])
    op.create_table(
        ENTRIES,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        _to(ENTRIES, "list_id", LISTS),
        _to(ENTRIES, "practice_id", "practices"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{ENTRIES}")),
        sa.UniqueConstraint(
            "list_id", "practice_id", name=op.f(f"uq_{ENTRIES}_list_id_practice_id")
        ),
    )
    op.create_index(op.f(f"ix_{ENTRIES}_practice_id"), ENTRIES, ["practice_id"])
    _make_marks_and_keys()


def _make_marks_and_keys() -> None:
    op.create_table(
        MARKS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        _to(MARKS, "person_id", "people"),
        _to(MARKS, "practice_id", "practices"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{MARKS}")),
        sa.UniqueConstraint(
            "person_id", "practice_id", name=op.f(f"uq_{MARKS}_person_id_practice_id")
        ),
    )
    op.create_index(op.f(f"ix_{MARKS}_practice_id"), MARKS, ["practice_id"])
    op.create_table(
        KEYS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        _to(KEYS, "person_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{KEYS}")),
        sa.UniqueConstraint("person_id", name=op.f(f"uq_{KEYS}_person_id")),
    )


def downgrade() -> None:
    for table in (KEYS, MARKS, ENTRIES, LISTS):
        op.drop_table(table)
