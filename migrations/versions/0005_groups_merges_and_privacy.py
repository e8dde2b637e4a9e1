"""groups with their basis and declarations, merged rows, bundles of a person's data."""

import sqlalchemy as sa
from alembic import op

from portal.core.audit import guards
from portal.core.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = depends_on = None

BASIS = (
    "ALTER TABLE group_memberships ADD COLUMN basis VARCHAR(32) DEFAULT 'declared' NOT NULL "
    "CONSTRAINT ck_group_memberships_groupbasis "
    "CHECK (basis IN ('declared', 'registry', 'staff'))"
)


def upgrade() -> None:
    op.execute(BASIS)  # with its check, in place: SQLite adds no constraint to a table that stands
    op.add_column(
        "group_memberships",
        sa.Column("evidence", sa.String(), server_default="", nullable=False),
    )
    op.create_table(
        "group_declarations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("sisters", sa.String(), nullable=False),
        sa.Column("is_same", sa.Boolean(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_group_declarations_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["corporate_groups.id"], name=op.f("fk_group_declarations_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_group_declarations_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_declarations")),
    )
    op.create_index(
        op.f("ix_group_declarations_organization_id"), "group_declarations", ["organization_id"]
    )
    op.create_table(
        "merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("old_id", sa.Integer(), nullable=False),
        sa.Column("new_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.CheckConstraint("old_id <> new_id", name=op.f("ck_merges_of_two")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
        sa.UniqueConstraint("kind", "old_id", name=op.f("uq_merges_kind_old_id")),
    )
    op.create_table(
        "data_bundles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("ready_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_data_bundles_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_bundles")),
    )
    op.create_index(op.f("ix_data_bundles_person_id"), "data_bundles", ["person_id"])
    for statement in guards("merges", op.get_context().dialect.name):
        op.execute(sa.DDL(statement.replace("%", "%%")))


def downgrade() -> None:
    op.drop_table("data_bundles")
    op.drop_table("merges")
    op.drop_table("group_declarations")
    op.drop_column("group_memberships", "evidence")
    op.drop_column("group_memberships", "basis")
