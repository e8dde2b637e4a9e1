"""papers made when sent, issuer and language kept with them; the rate of interest."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = depends_on = None

PAPERS = ("invoices", "credit_notes")
SPEAKING = ("organizations", "invoices")


def upgrade() -> None:
    with op.batch_alter_table("mail_attachments") as batch_op:
        batch_op.alter_column("body", existing_type=sa.LargeBinary(), nullable=True)
        batch_op.add_column(sa.Column("document", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.create_check_constraint(
            op.f("ck_mail_attachments_can_be_made"), "body IS NOT NULL OR document IS NOT NULL"
        )
    for table in PAPERS:
        op.add_column(table, sa.Column("issued_by", sa.JSON(), nullable=True))
    for table in SPEAKING:
        op.add_column(
            table, sa.Column("language", sa.String(), nullable=False, server_default="en")
        )

    op.add_column(
        "association",
        sa.Column("interest_percent", sa.String(), nullable=False, server_default="0"),
    )


def downgrade() -> None:
    op.drop_column("association", "interest_percent")
    for table in SPEAKING:
        op.drop_column(table, "language")
    for table in PAPERS:
        op.drop_column(table, "issued_by")
    # A file that was not made yet cannot be kept by what comes before: its mail goes without.
    op.execute("DELETE FROM mail_attachments WHERE body IS NULL")
    with op.batch_alter_table("mail_attachments") as batch_op:
        batch_op.drop_constraint(op.f("ck_mail_attachments_can_be_made"), type_="check")
        batch_op.drop_column("facts")
        batch_op.drop_column("document")
        batch_op.alter_column("body", existing_type=sa.LargeBinary(), nullable=False)
