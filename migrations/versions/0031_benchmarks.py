"""benchmarks: surveys and what firms told, sealed."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = depends_on = None


def upgrade() -> None:
    status = sa.Enum(
        "draft", "open", "closed", "published", name="surveystatus", native_enum=False, length=32,
        create_constraint=True,
    )  # fmt: skip
    texts = ("title", "intro", "metric", "unit", "weight_name", "counsel_name")
    numbers = ("min_contributors", "max_share_percent", "min_age_months", "band", "total_band")
    lists = ("site_types", "regions", "asked_kinds", "answer_roles", "results")
    days = (("period_from", False), ("period_until", False), ("closes_on", False),
            ("counsel_signed_on", True), ("reminded_on", True), ("published_on", True))  # fmt: skip
    rules = {
        "floor": "min_contributors >= 5", "cap": "max_share_percent BETWEEN 10 AND 25",
        "age": "min_age_months >= 3", "bands": "band >= 1 AND total_band >= band",
        "period": "period_from <= period_until",
        "signed_off": "status = 'draft' OR counsel_signed_on IS NOT NULL",
        "published": "(status = 'published') = (published_on IS NOT NULL)",
    }  # fmt: skip
    op.create_table(
        "benchmark_surveys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("most", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in lists),
        *(sa.Column(name, sa.Date(), nullable=is_open) for name, is_open in days),
        sa.Column("status", status, nullable=False),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_benchmark_surveys_{name}"))
            for name, rule in rules.items()
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_benchmark_surveys_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benchmark_surveys")),
    )
    for column in ("practice_id", "status"):
        op.create_index(op.f(f"ix_benchmark_surveys_{column}"), "benchmark_surveys", [column])
    _make_answers()


def _make_answers() -> None:
    points = {"survey_id": "benchmark_surveys", "organization_id": "organizations",
              "person_id": "people"}  # fmt: skip
    cell = ("survey_id", "organization_id", "site_type", "region")
    op.create_table(
        "benchmark_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in points),
        *(sa.Column(name, sa.String(), nullable=False) for name in (*cell[2:], "sealed")),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{table}.id"], name=op.f(f"fk_benchmark_answers_{name}")
            )
            for name, table in points.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benchmark_answers")),
        sa.UniqueConstraint(*cell, name=op.f(f"uq_benchmark_answers_{'_'.join(cell)}")),
    )
    for column in points:
        op.create_index(op.f(f"ix_benchmark_answers_{column}"), "benchmark_answers", [column])


def downgrade() -> None:
    op.drop_table("benchmark_answers")
    op.drop_table("benchmark_surveys")
