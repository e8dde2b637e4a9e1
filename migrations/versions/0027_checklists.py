"""checklists: what firms answer to the items of a practice, and who fills them."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = depends_on = None

RUNS, HELPERS, ANSWERS = "checklist_runs", "checklist_helpers", "checklist_answers"


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        RUNS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f(f"ck_{RUNS}_of_a_version")),
        _to(RUNS, "practice_id", "practices"),
        _to(RUNS, "organization_id", "organizations"),
        _to(RUNS, "owner_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{RUNS}")),
    )
    for column in ("practice_id", "organization_id", "owner_id"):
        op.create_index(op.f(f"ix_{RUNS}_{column}"), RUNS, [column])
    op.create_table(
        HELPERS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        _to(HELPERS, "run_id", RUNS),
        _to(HELPERS, "person_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{HELPERS}")),
        sa.UniqueConstraint("run_id", "person_id", name=op.f(f"uq_{HELPERS}_run_id_person_id")),
    )
    op.create_index(op.f(f"ix_{HELPERS}_person_id"), HELPERS, ["person_id"])
    _make_answers()


def _make_answers() -> None:
    answer = sa.Enum(
        "open", "yes", "no", "na", name="answer", native_enum=False, length=32,
        create_constraint=True,
    )  # fmt: skip
    op.create_table(
        ANSWERS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("item_key", sa.String(), nullable=False),
        sa.Column("item_text", sa.String(), nullable=False),
        sa.Column("answer", answer, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_type", sa.String(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        _to(ANSWERS, "run_id", RUNS),
        _to(ANSWERS, "owner_id", "people"),
        _to(ANSWERS, "changed_by_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{ANSWERS}")),
        sa.UniqueConstraint("run_id", "item_key", name=op.f(f"uq_{ANSWERS}_run_id_item_key")),
    )
    for column in ("owner_id", "changed_by_id"):
        op.create_index(op.f(f"ix_{ANSWERS}_{column}"), ANSWERS, [column])


def downgrade() -> None:
    for table in (ANSWERS, HELPERS, RUNS):
        op.drop_table(table)
