"""tax rules: adopted tables of them, the tax ids looked up, and the outcome of each line."""

import sqlalchemy as sa
from alembic import op

from portal.core.audit import guards

revision = "0051"
down_revision = "0050"
branch_labels = depends_on = None

LINE = ("tax_outcome", "tax_text")


def upgrade() -> None:
    for name in LINE:
        op.add_column(
            "invoice_lines", sa.Column(name, sa.String(), server_default="", nullable=False)
        )
    op.create_table(
        "tax_tables",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_tax_tables_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_tables")),
        sa.UniqueConstraint("effective_from", name=op.f("uq_tax_tables_effective_from")),
    )
    op.create_table(
        "tax_id_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("tax_id", sa.String(), nullable=False),
        sa.Column("is_valid", sa.Boolean(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["people.id"], name=op.f("fk_tax_id_checks_checked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_id_checks")),
    )
    op.create_index(
        op.f("ix_tax_id_checks_country_tax_id"), "tax_id_checks", ["country", "tax_id"]
    )
    dialect = op.get_context().dialect.name
    for table in ("tax_tables", "tax_id_checks"):
        for statement in guards(table, dialect):
            op.execute(sa.DDL(statement.replace("%", "%%")))


def downgrade() -> None:
    op.drop_table("tax_id_checks")
    op.drop_table("tax_tables")
    for name in LINE:
        op.drop_column("invoice_lines", name)
