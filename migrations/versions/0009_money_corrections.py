"""money corrections: partial credit notes, refunds, disputes, write-offs, plans, closing."""

import sqlalchemy as sa
from alembic import op

from portal.core.audit import guards
from portal.core.db import UtcDateTime
from portal.core.migrations import allow_values

revision = "0009"
down_revision = "0008"
branch_labels = depends_on = None

APPEND_ONLY = ("credit_note_lines", "write_offs")
ACCOUNTS = (
    "receivable",
    "income",
    "tax_payable",
    "bank",
    "card_clearing",
    "unallocated",
    "withheld",
)
METHODS = ("card", "bank", "cheque", "cash", "withholding")
REASONS = (
    "price_correction", "seat_correction", "drop", "goodwill", "duplicate", "tax_correction",
    "withdrawal",
)  # fmt: skip


def kind(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def guard(table: str) -> None:
    for statement in guards(table, op.get_context().dialect.name):
        op.execute(sa.DDL(statement.replace("%", "%%")))


def upgrade() -> None:
    allow_values("postings", "account", "account", ACCOUNTS, (*ACCOUNTS, "bad_debt"))
    op.add_column("invoice_lines", sa.Column("tax_percent", sa.String(), nullable=True))
    _credit_notes()
    _refunds()
    _claims()
    for table in APPEND_ONLY:
        guard(table)


def _credit_notes() -> None:
    """Several to an invoice, by line. What was taken back so far was taken back whole."""
    code = sa.Column(
        "code", kind("creditreason", *REASONS), nullable=False, server_default="withdrawal"
    )
    is_sqlite = op.get_context().dialect.name == "sqlite"
    with op.batch_alter_table("credit_notes") as batch_op:
        batch_op.add_column(code)
        batch_op.drop_constraint(op.f("uq_credit_notes_invoice_id"), type_="unique")
        batch_op.create_index(op.f("ix_credit_notes_invoice_id"), ["invoice_id"])
    if is_sqlite:
        guard("credit_notes")  # the table was made anew
    op.create_table(
        "credit_note_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("invoice_line_id", sa.Integer(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["note_id"], ["credit_notes.id"], name=op.f("fk_credit_note_lines_note_id")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_line_id"], ["invoice_lines.id"],
            name=op.f("fk_credit_note_lines_invoice_line_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note_lines")),
        sa.UniqueConstraint(
            "note_id", "invoice_line_id", name=op.f("uq_credit_note_lines_note_id_invoice_line_id")
        ),
    )  # fmt: skip
    op.create_index(
        op.f("ix_credit_note_lines_invoice_line_id"), "credit_note_lines", ["invoice_line_id"]
    )
    op.execute(
        "INSERT INTO credit_note_lines (note_id, invoice_line_id, net_minor) "
        "SELECT credit_notes.id, invoice_lines.id, invoice_lines.net_minor FROM credit_notes "
        "JOIN invoice_lines ON invoice_lines.invoice_id = credit_notes.invoice_id"
    )


def _refunds() -> None:
    op.create_table(
        "refunds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            kind("refundstatus", "requested", "pending", "succeeded", "failed", "cancelled"),
            nullable=False,
        ),
        sa.Column("origin", kind("refundorigin", "portal", "provider_dashboard"), nullable=False),
        sa.Column("method", kind("paymentmethod", *METHODS), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refunds_positive")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("external_id", name=op.f("uq_refunds_external_id")),
    )
    op.create_table(
        "disputes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("status", kind("disputestatus", "open", "won", "lost"), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("evidence_due_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_disputes_positive")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_disputes_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("external_id", name=op.f("uq_disputes_external_id")),
    )
    for table in ("refunds", "disputes"):
        op.create_index(op.f(f"ix_{table}_payment_id"), table, ["payment_id"])
        op.create_index(op.f(f"ix_{table}_status"), table, ["status"])


def _claims() -> None:
    op.create_table(
        "write_offs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_write_offs_positive")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_write_offs_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_write_offs_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_offs")),
    )
    op.create_index(op.f("ix_write_offs_invoice_id"), "write_offs", ["invoice_id"])
    op.create_table(
        "instalments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("left_minor", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_instalments_positive")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_instalments_invoice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalments")),
    )
    live = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_instalments_day", "instalments", ["invoice_id", "due_on"], unique=True,
        sqlite_where=live, postgresql_where=live,
    )  # fmt: skip
    op.create_table(
        "closing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_closing_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing")),
    )


def downgrade() -> None:
    for table in ("closing", "instalments", "write_offs", "disputes", "refunds"):
        op.drop_table(table)
    op.drop_table("credit_note_lines")
    is_sqlite = op.get_context().dialect.name == "sqlite"
    with op.batch_alter_table("credit_notes") as batch_op:
        batch_op.drop_index(op.f("ix_credit_notes_invoice_id"))
        batch_op.drop_constraint(op.f("ck_credit_notes_creditreason"), type_="check")
        batch_op.drop_column("code")
        batch_op.create_unique_constraint(op.f("uq_credit_notes_invoice_id"), ["invoice_id"])
    if is_sqlite:
        guard("credit_notes")
    op.drop_column("invoice_lines", "tax_percent")
    allow_values("postings", "account", "account", (*ACCOUNTS, "bad_debt"), ACCOUNTS)
