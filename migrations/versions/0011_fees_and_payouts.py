"""fees and payouts: what the card processor keeps, what it pays out, and its bank line."""

import sqlalchemy as sa
from alembic import op

from portal.core.audit import guards
from portal.core.db import UtcDateTime
from portal.core.migrations import allow_values

revision = "0011"
down_revision = "0010"
branch_labels = depends_on = None

ACCOUNTS = (
    "receivable", "income", "tax_payable", "bank", "card_clearing", "unallocated", "withheld",
)  # fmt: skip


def upgrade() -> None:
    allow_values(
        "postings", "account", "account", (*ACCOUNTS, "bad_debt"), (*ACCOUNTS, "fees", "bad_debt")
    )
    _fees()
    _payouts()
    with op.batch_alter_table("bank_matches") as batch_op:
        batch_op.add_column(sa.Column("payout_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_bank_matches_payout_id"), "payouts", ["payout_id"], ["id"]
        )
    live = sa.text("undone_at IS NULL")
    op.create_index(
        "uq_bank_matches_one_payout", "bank_matches", ["payout_id"], unique=True,
        sqlite_where=live, postgresql_where=live,
    )  # fmt: skip


def _fees() -> None:
    op.create_table(
        "provider_fees",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_provider_fees_some")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_provider_fees_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_fees")),
        sa.UniqueConstraint("external_id", name=op.f("uq_provider_fees_external_id")),
    )
    op.create_index(op.f("ix_provider_fees_payment_id"), "provider_fees", ["payment_id"])
    for statement in guards("provider_fees", op.get_context().dialect.name):
        op.execute(sa.DDL(statement.replace("%", "%%")))


def _payouts() -> None:
    status = sa.Enum(
        "paid", "failed", name="payoutstatus", native_enum=False, create_constraint=True, length=32
    )
    op.create_table(
        "payouts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("trace", sa.String(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_payouts_some")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        sa.UniqueConstraint("external_id", name=op.f("uq_payouts_external_id")),
    )


def downgrade() -> None:
    op.drop_index("uq_bank_matches_one_payout", "bank_matches")
    with op.batch_alter_table("bank_matches") as batch_op:
        batch_op.drop_constraint(op.f("fk_bank_matches_payout_id"), type_="foreignkey")
        batch_op.drop_column("payout_id")
    op.drop_table("payouts")
    op.drop_table("provider_fees")
    allow_values(
        "postings", "account", "account", (*ACCOUNTS, "fees", "bad_debt"), (*ACCOUNTS, "bad_debt")
    )
