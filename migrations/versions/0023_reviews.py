"""reviews: who reads a practice before it is published, what they said, and the right of reply."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime
from portal.core.migrations import allow_values

revision = "0023"
down_revision = "0022"
branch_labels = depends_on = None

OLD = ("draft", "in_review", "published", "archived", "withdrawn")
NEW = (
    "draft", "in_review", "legal_review", "right_of_reply", "approved", "published", "archived",
    "withdrawn",
)  # fmt: skip
STATUS = ("practices", "status", "practicestatus")


def upgrade() -> None:
    allow_values(*STATUS, OLD, NEW)
    with op.batch_alter_table("practices") as batch_op:
        batch_op.add_column(sa.Column("sponsor_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("publish_on", sa.Date(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_practices_sponsor_id"), "organizations", ["sponsor_id"], ["id"]
        )
    op.create_index(op.f("ix_practices_sponsor_id"), "practices", ["sponsor_id"])
    op.create_index(op.f("ix_practices_publish_on"), "practices", ["publish_on"])
    _reviews()
    _comments()
    _replies()


def _reviews() -> None:
    op.create_table(
        "practice_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("is_peer", sa.Boolean(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        *_belongs("practice_reviews", reviewer_id="people"),
        sa.UniqueConstraint(
            "practice_id", "reviewer_id", name=op.f("uq_practice_reviews_practice_id_reviewer_id")
        ),
    )
    _index("practice_reviews", "practice_id", "reviewer_id")


def _comments() -> None:
    verdict = sa.Enum(
        "fit", "not_yet", name="verdict", native_enum=False, length=32, create_constraint=True
    )
    op.create_table(
        "practice_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verdict", verdict, nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_by_id", sa.Integer(), nullable=True),
        *_belongs("practice_comments", author_id="people", resolved_by_id="people"),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by_id IS NULL)",
            name=op.f("ck_practice_comments_resolved_by_whom"),
        ),
    )
    _index("practice_comments", "practice_id", "author_id")


def _replies() -> None:
    op.create_table(
        "practice_replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("invited_on", sa.Date(), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        *_belongs("practice_replies", invited_by_id="people"),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_practice_replies_secret_hash")),
        sa.CheckConstraint(
            "(text = '') = (answered_at IS NULL)", name=op.f("ck_practice_replies_answered_when")
        ),
    )
    _index("practice_replies", "practice_id")


def _belongs(table: str, **columns: str) -> list[sa.Constraint]:
    """The primary key, and what each column points at."""
    keys = {"practice_id": "practices", **columns}
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([one], [f"{to}.id"], name=op.f(f"fk_{table}_{one}"))
            for one, to in keys.items()
        ),
    ]


def _index(table: str, *columns: str) -> None:
    for one in columns:
        op.create_index(op.f(f"ix_{table}_{one}"), table, [one])


def downgrade() -> None:
    for table in ("practice_replies", "practice_comments", "practice_reviews"):
        op.drop_table(table)
    op.execute(
        "UPDATE practices SET status = 'in_review' "
        "WHERE status IN ('legal_review', 'right_of_reply', 'approved')"
    )
    op.drop_index(op.f("ix_practices_publish_on"), "practices")
    op.drop_index(op.f("ix_practices_sponsor_id"), "practices")
    with op.batch_alter_table("practices") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_practices_sponsor_id"), type_="foreignkey")
        batch_op.drop_column("publish_on")
        batch_op.drop_column("sponsor_id")
    allow_values(*STATUS, NEW, OLD)
