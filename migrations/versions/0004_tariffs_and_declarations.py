"""Membership types."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0001"
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


def downgrade():
    op.drop_table("membership_types")
