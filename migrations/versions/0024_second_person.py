"""a second person: above a limit money is given up or sent back by two."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = depends_on = None

KINDS = "refund", "credit", "write_off"
STATUSES = "proposed", "approved", "refused", "withdrawn"


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32, create_constraint=True)


def upgrade() -> None:
    op.add_column("association", sa.Column("approval_above_minor", sa.BigInteger(), nullable=True))
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _choice("approvalkind", *KINDS), nullable=False),
        sa.Column("status", _choice("approvalstatus", *STATUSES), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_why", sa.String(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_approvals_positive")),
        sa.CheckConstraint(
            "(invoice_id IS NULL) <> (payment_id IS NULL)", name=op.f("ck_approvals_one_subject")
        ),
        sa.CheckConstraint(
            "decided_by_id <> proposed_by_id", name=op.f("ck_approvals_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_approvals_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_approvals_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["people.id"], name=op.f("fk_approvals_proposed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["people.id"], name=op.f("fk_approvals_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index(op.f("ix_approvals_status"), "approvals", ["status"])
    waits = sa.text("status = 'proposed'")
    for name in ("invoice", "payment"):
        op.create_index(
            f"uq_approvals_one_of_{name}", "approvals", ["kind", f"{name}_id"], unique=True,
            sqlite_where=waits, postgresql_where=waits,
        )  # fmt: skip


def downgrade() -> None:
    op.drop_table("approvals")
    op.drop_column("association", "approval_above_minor")
