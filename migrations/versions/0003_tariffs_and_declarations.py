"""Membership types; tariffs are drafted before they are adopted; firms declare their numbers."""

import sqlalchemy as sa
from alembic import op

from portal.core import audit
from portal.core.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def words(name, *values):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


CLASSES = (
    "provider_front", "provider_back", "recruiter", "technology", "consultant", "training",
    "facilities_transport", "client", "academic", "public_body", "supporter", "individual", "startup",
)  # fmt: skip


def upgrade():
    membership_types()
    tariff_drafts()
    declarations()
    dialect = op.get_bind().dialect.name
    for table in ("tariffs", "declarations"):
        for statement in audit.guards(table, dialect):
            op.execute(statement)


def membership_types():
    countings = ("contact_centre_only", "whole_organization", "site", "country", "group")
    op.create_table(
        "membership_types",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", words("membershipclass", *CLASSES), nullable=False),
        sa.Column("votes", words("votes", "full", "scoped", "none"), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("counting", words("counting", *countings), nullable=False),
        sa.Column(
            "base_year", words("baseyear", "previous", "current", "projected"), nullable=False
        ),
        sa.Column(
            "admission_order",
            words("admissionorder", "approve_then_pay", "pay_then_approve"),
            nullable=False,
        ),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("window_before_days", sa.Integer(), nullable=False),
        sa.Column("invoice_days", sa.Integer(), nullable=False),
        sa.Column("window_after_days", sa.Integer(), nullable=False),
        sa.Column("comeback", words("return", "backdate", "restart", "rejoin"), nullable=False),
        sa.Column("benefits_before_payment", sa.Boolean(), nullable=False),
        sa.Column("notice_before", sa.String(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("stays_first_year", sa.Boolean(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "grace_days >= 0 AND grace_days <= 366", name=op.f("ck_membership_types_grace_is_days")
        ),
        sa.CheckConstraint(
            "invoice_days <= window_before_days",
            name=op.f("ck_membership_types_invoiced_in_the_window"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_membership_types_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_types")),
        sa.UniqueConstraint("kind", name=op.f("uq_membership_types_kind")),
    )


def tariff_drafts():
    op.create_table(
        "tariff_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("status", words("draftstatus", "draft", "adopted", "withdrawn"), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("book", sa.JSON(), nullable=False),
        sa.Column("prior_id", sa.Integer(), nullable=True),
        sa.Column("tariff_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["prior_id"], ["tariffs.id"], name=op.f("fk_tariff_drafts_prior_id")
        ),
        sa.ForeignKeyConstraint(
            ["tariff_id"], ["tariffs.id"], name=op.f("fk_tariff_drafts_tariff_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["people.id"], name=op.f("fk_tariff_drafts_made_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff_drafts")),
        sa.UniqueConstraint("tariff_id", name=op.f("uq_tariff_drafts_tariff_id")),
    )


def declarations():
    op.create_table(
        "declarations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("ten_thousandths", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("source", words("source", "self", "audited", "estimate"), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("prior_id", sa.Integer(), nullable=True),
        sa.Column("checked", words("checked", "none", "sampled", "corrected"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "period_start <= period_end", name=op.f("ck_declarations_starts_before_it_ends")
        ),
        sa.CheckConstraint("ten_thousandths >= 0", name=op.f("ck_declarations_never_negative")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_declarations_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["people.id"], name=op.f("fk_declarations_signed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["prior_id"], ["declarations.id"], name=op.f("fk_declarations_prior_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declarations")),
        sa.UniqueConstraint("prior_id", name=op.f("uq_declarations_prior_id")),
    )
    op.create_index(
        op.f("ix_declarations_organization_id_metric_period_end"), "declarations",
        ["organization_id", "metric", "period_end"],
    )  # fmt: skip


def downgrade():
    op.drop_table("declarations")
    op.drop_table("tariff_drafts")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER tariffs_UPDATE")
        op.execute("DROP TRIGGER tariffs_DELETE")
    else:
        op.execute("DROP TRIGGER tariffs_append_only ON tariffs")
    op.drop_table("membership_types")
