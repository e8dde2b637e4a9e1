"""practices for committees and groups: read by those alone; addresses that practices had."""

import sqlalchemy as sa
from alembic import op

from portal.core.migrations import allow_values

revision = "0020"
down_revision = "0019"
branch_labels = depends_on = None

READERS = ("public", "members", "staff")
MORE = ("public", "members", "committee", "group", "staff")
ADDRESSES = "practice_former_addresses"


def upgrade() -> None:
    allow_values("practices", "visibility", "visibility", READERS, MORE)
    for column, table in (("committee_id", "committees"), ("group_id", "corporate_groups")):
        key = sa.ForeignKey(f"{table}.id", name=op.f(f"fk_practices_{column}"))
        op.add_column("practices", sa.Column(column, sa.Integer(), key), inline_references=True)
        op.create_index(op.f(f"ix_practices_{column}"), "practices", [column])
    op.create_table(
        ADDRESSES,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f(f"fk_{ADDRESSES}_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{ADDRESSES}")),
        sa.UniqueConstraint("slug", name=op.f(f"uq_{ADDRESSES}_slug")),
    )
    op.create_index(op.f(f"ix_{ADDRESSES}_practice_id"), ADDRESSES, ["practice_id"])


def downgrade() -> None:
    op.drop_table(ADDRESSES)
    op.execute(
        "UPDATE practices SET visibility = 'staff' WHERE visibility IN ('committee', 'group')"
    )
    for column in ("group_id", "committee_id"):
        op.drop_index(op.f(f"ix_practices_{column}"), "practices")
        with op.batch_alter_table("practices") as practices:
            practices.drop_column(column)
    allow_values("practices", "visibility", "visibility", MORE, READERS)
