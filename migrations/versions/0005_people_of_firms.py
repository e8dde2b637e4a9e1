"""people of firms: what was told once."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0005"
down_revision = "0001"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notices_person_id")),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["outgoing_mail.id"], name=op.f("fk_notices_mail_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
    )
    op.create_index(op.f("ix_notices_kind_subject"), "notices", ["kind", "subject"])
    op.create_index(op.f("ix_notices_mail_id"), "notices", ["mail_id"])
    op.create_index(op.f("ix_notices_person_id"), "notices", ["person_id"])


def downgrade() -> None:
    op.drop_table("notices")
