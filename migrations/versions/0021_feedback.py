"""feedback: votes on practices, and what readers report and ask."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = depends_on = None


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32, create_constraint=True)


def upgrade() -> None:
    op.create_table(
        "practice_votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("is_useful", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_practice_votes_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_practice_votes_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_votes")),
        sa.UniqueConstraint(
            "practice_id",
            "version",
            "person_id",
            name=op.f("uq_practice_votes_practice_id_version_person_id"),
        ),
    )
    for column in ("practice_id", "person_id"):
        op.create_index(op.f(f"ix_practice_votes_{column}"), "practice_votes", [column])
    _make_remarks()


def _make_remarks() -> None:
    op.create_table(
        "remarks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of("remarkkind", "pitch", "error", "question"), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=True),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column(
            "status",
            _one_of("remarkstatus", "open", "upheld", "dismissed", "answered"),
            nullable=False,
        ),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind = 'question' OR practice_id IS NOT NULL", name=op.f("ck_remarks_of_a_practice")
        ),
        sa.CheckConstraint(
            "status = 'open' OR answered_at IS NOT NULL", name=op.f("ck_remarks_answered")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_remarks_person_id")),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_remarks_practice_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name=op.f("fk_remarks_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remarks")),
    )
    for column in ("practice_id", "person_id", "proposal_id", "status"):
        op.create_index(op.f(f"ix_remarks_{column}"), "remarks", [column])
    waits = "status = 'open' AND kind <> 'question'"
    for name, column, where in (
        ("uq_remarks_open_of_a_practice", "practice_id", f"{waits} AND proposal_id IS NULL"),
        ("uq_remarks_open_of_an_experience", "proposal_id", waits),
    ):
        op.create_index(
            name,
            "remarks",
            ["person_id", "kind", column],
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def downgrade() -> None:
    op.drop_table("remarks")
    op.drop_table("practice_votes")
