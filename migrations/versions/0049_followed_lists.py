"""followed lists, paces of mails, what is read; sponsors and committees by name; reviews."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = depends_on = None

OLD = "uq_follows_person_id_kind_subject_id"
NEW = "uq_follows_person_id_kind_subject_id_words"
PACES = ("instant", "daily", "weekly")
NAME_ALL = sa.text(
    'INSERT INTO jobs ("key", handler, arguments, due_at, attempts, progress) '
    "SELECT 'name-all-measures', 'portal.legislation.jobs.name_all', :none, :due_at, 0, 0 "
    "WHERE EXISTS (SELECT 1 FROM measures)"
).bindparams(
    sa.bindparam("none", {}, type_=sa.JSON()),
    sa.bindparam("due_at", datetime(2026, 1, 1), type_=sa.DateTime()),  # noqa: DTZ001 - as kept
)


def upgrade() -> None:
    with op.batch_alter_table("follows") as table:
        table.add_column(sa.Column("words", sa.String(), nullable=False, server_default=""))
        table.drop_constraint(OLD, type_="unique")
        table.create_unique_constraint(NEW, ["person_id", "kind", "subject_id", "words"])
    _of_people()
    _of_measures()
    op.execute(NAME_ALL)


def _table(name: str, *columns: sa.Column | sa.Constraint, to: dict[str, str]) -> None:
    """With its key and what it points at."""
    keys = [
        sa.ForeignKeyConstraint([one], [f"{there}.id"], name=f"fk_{name}_{one}")
        for one, there in to.items()
    ]
    points = [sa.Column(one, sa.Integer(), nullable=False) for one in to]
    op.create_table(
        name, sa.Column("id", sa.Integer(), nullable=False), *points, *columns, *keys,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )  # fmt: skip


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=False)


def _at(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(), nullable=False)


def _of_people() -> None:
    pace = sa.Enum(*PACES, name="often", native_enum=False, length=32, create_constraint=True)
    _table(
        "mail_paces", _text("kind"), sa.Column("pace", pace, nullable=False), _at("told_until"),
        sa.UniqueConstraint("person_id", "kind", name="uq_mail_paces_person_id_kind"),
        to={"person_id": "people"},
    )  # fmt: skip
    _table(
        "news_marks", _text("kind"), _at("at"),
        sa.UniqueConstraint("person_id", "kind", name="uq_news_marks_person_id_kind"),
        to={"person_id": "people"},
    )  # fmt: skip


def _of_measures() -> None:
    once = sa.UniqueConstraint(
        "measure_id", "kind", "name", name="uq_measure_names_measure_id_kind_name"
    )
    parts = _text("kind"), _text("name"), _text("role"), _text("party")
    _table("measure_names", *parts, once, to={"measure_id": "measures"})
    op.create_index("ix_measure_names_kind_name", "measure_names", ["kind", "name"])
    once = sa.UniqueConstraint(
        "measure_id", "committee_id", name="uq_measure_reviews_measure_id_committee_id"
    )
    points = {"measure_id": "measures", "committee_id": "committees", "person_id": "people"}
    _table("measure_reviews", _at("at"), once, to=points)
    op.create_index("ix_measure_reviews_committee_id", "measure_reviews", ["committee_id"])
    op.create_index("ix_measure_events_noted_at", "measure_events", ["noted_at"])


def downgrade() -> None:
    op.drop_index("ix_measure_events_noted_at", "measure_events")
    for name in ("measure_reviews", "measure_names", "news_marks", "mail_paces"):
        op.drop_table(name)
    op.execute("DELETE FROM jobs WHERE handler = 'portal.legislation.jobs.name_all'")
    op.execute("DELETE FROM follows WHERE words <> ''")
    with op.batch_alter_table("follows") as table:
        table.drop_constraint(NEW, type_="unique")
        table.create_unique_constraint(OLD, ["person_id", "kind", "subject_id"])
        table.drop_column("words")
