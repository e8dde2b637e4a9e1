"""Bill records: what was imported, sessions, relations, runs; measures known by session."""

import re

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0039"
down_revision = "0038"
branch_labels = depends_on = None

TEXTS = ("session", "number_key", "stage_evidence", "stage_confidence")


def number_key(number: str) -> str:
    text = re.sub(r"\s*\((?:\d+(?:ST|ND|RD|TH)|[12]\d{3}).*?\)\s*$", "", number.upper())
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", re.sub(r"[.\s]", "", text))


def session_of(number: str, year: int) -> str:
    named = re.search(r"\((\d+)(?:st|nd|rd|th)\b", number)
    return named[1] if named else str(year)


def upgrade() -> None:
    with op.batch_alter_table("measures") as batch:
        for name in TEXTS:
            kept = "stated" if name == "stage_confidence" else ""
            batch.add_column(sa.Column(name, sa.String(), nullable=False, server_default=kept))
        batch.add_column(sa.Column("flags", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("corrections", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("introduced_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("effective_on", sa.Date(), nullable=True))
    known = op.get_bind().execute(sa.text("SELECT id, number, year FROM measures")).all()
    write = sa.text("UPDATE measures SET session = :session, number_key = :key WHERE id = :id")
    for row in known:
        facts = {"session": session_of(row.number, row.year), "key": number_key(row.number)}
        op.get_bind().execute(write, {"id": row.id, **facts})
    with op.batch_alter_table("measures") as batch:
        batch.drop_constraint(op.f("uq_measures_place_id_number_year"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_measures_place_id_session_number_key"), ["place_id", "session", "number_key"]
        )
    op.add_column(
        "measure_events", sa.Column("kind", sa.String(), nullable=False, server_default="noted")
    )
    op.add_column(
        "measure_events",
        sa.Column("is_news", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    _sessions_and_runs()
    _records()
    _relations()


def _sessions_and_runs() -> None:
    op.create_table(
        "bill_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("end_kind", sa.String(), nullable=False),
        sa.Column("carries_over", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_sessions")),
        sa.ForeignKeyConstraint(
            ["place_id"], ["places.id"], name=op.f("fk_bill_sessions_place_id")
        ),
        sa.UniqueConstraint("place_id", "key", name=op.f("uq_bill_sessions_place_id_key")),
    )
    op.create_table(
        "import_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
    )
    op.create_table(
        "import_problems",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("excerpt", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problems")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_runs.id"], name=op.f("fk_import_problems_run_id")
        ),
    )
    op.create_index(op.f("ix_import_problems_run_id"), "import_problems", ["run_id"])


def _records() -> None:
    kind = sa.Enum("bill", "vote", "meeting", name="recordkind", native_enum=False, length=32,
                   create_constraint=True)  # fmt: skip
    op.create_table(
        "bill_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("refers", sa.String(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("revised_at", UtcDateTime(), nullable=True),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_records")),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["measures.id"], name=op.f("fk_bill_records_measure_id")
        ),
        sa.UniqueConstraint("source", "kind", "key", name=op.f("uq_bill_records_source_kind_key")),
    )
    op.create_index(op.f("ix_bill_records_measure_id"), "bill_records", ["measure_id"])
    op.create_index(op.f("ix_bill_records_source_refers"), "bill_records", ["source", "refers"])
    op.create_table(
        "bill_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("revised_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_revisions")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["bill_records.id"], name=op.f("fk_bill_revisions_record_id")
        ),
        sa.UniqueConstraint(
            "record_id", "digest", name=op.f("uq_bill_revisions_record_id_digest")
        ),
    )


def _relations() -> None:
    op.create_table(
        "bill_relations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("number_key", sa.String(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_relations")),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["measures.id"], name=op.f("fk_bill_relations_measure_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["measures.id"], name=op.f("fk_bill_relations_other_id")
        ),
        sa.UniqueConstraint(
            "measure_id", "relation", "session", "number_key",
            name=op.f("uq_bill_relations_measure_id_relation_session_number_key"),
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_bill_relations_other_id"), "bill_relations", ["other_id"])
    op.create_index(
        op.f("ix_bill_relations_session_number_key"), "bill_relations", ["session", "number_key"]
    )


def downgrade() -> None:
    for name in ("bill_relations", "bill_revisions", "bill_records", "import_problems",
                 "import_runs", "bill_sessions"):  # fmt: skip
        op.drop_table(name)
    for name in ("is_news", "kind"):
        with op.batch_alter_table("measure_events") as batch:
            batch.drop_column(name)
    with op.batch_alter_table("measures") as batch:
        batch.drop_constraint(op.f("uq_measures_place_id_session_number_key"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_measures_place_id_number_year"), ["place_id", "number", "year"]
        )
    with op.batch_alter_table("measures") as batch:
        for name in (*TEXTS, "flags", "corrections", "introduced_on", "effective_on"):
            batch.drop_column(name)
