"""life of memberships: overlays, renewals, changes inside a term, resignations."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = depends_on = None


def key(table, column, target, constraint=None):
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(constraint or f"fk_{table}_{column}")
    )


def primary(table):
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def upgrade() -> None:
    kinds = sa.Enum(
        "suspension",
        "hold",
        "pause",
        "excuse",
        name="overlaykind",
        native_enum=False,
        create_constraint=True,
        length=32,
    )
    op.create_table(
        "overlays",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "until_on IS NULL OR from_on <= until_on",
            name=op.f("ck_overlays_begins_before_it_ends"),
        ),
        key("overlays", "decision_id", "decisions"),
        key("overlays", "made_by", "people"),
        primary("overlays"),
    )
    op.create_index(
        op.f("ix_overlays_subject_kind_subject_id"), "overlays", ["subject_kind", "subject_id"]
    )
    op.create_table(
        "renewals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("told_by", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("dropped_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "invoice_id IS NULL OR ends_on IS NOT NULL",
            name=op.f("ck_renewals_an_invoice_buys_days"),
        ),
        key("renewals", "term_id", "terms"),
        key("renewals", "told_by", "people"),
        key("renewals", "invoice_id", "invoices"),
        primary("renewals"),
        sa.UniqueConstraint("term_id", name=op.f("uq_renewals_term_id")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_renewals_invoice_id")),
    )
    op.create_table(
        "term_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("is_correction", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        key("term_changes", "term_id", "terms"),
        key("term_changes", "invoice_id", "invoices"),
        key("term_changes", "made_by", "people"),
        primary("term_changes"),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_term_changes_invoice_id")),
    )
    op.create_index(op.f("ix_term_changes_term_id"), "term_changes", ["term_id"])
    op.create_table(
        "resignations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("leaves_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        key("resignations", "membership_id", "memberships"),
        key("resignations", "made_by", "people"),
        primary("resignations"),
    )
    op.create_index(op.f("ix_resignations_membership_id"), "resignations", ["membership_id"])
    is_open = sa.text("withdrawn_at IS NULL")
    op.create_index(
        "uq_resignations_open",
        "resignations",
        ["membership_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    for table in ("resignations", "term_changes", "renewals", "overlays"):
        op.drop_table(table)
