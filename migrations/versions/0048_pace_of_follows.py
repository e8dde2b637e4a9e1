"""pace of follows: at once, daily or weekly."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("follows") as table:
        table.add_column(
            sa.Column("often", sa.String(32), nullable=False, server_default="instant")
        )
        table.create_check_constraint(
            op.f("ck_follows_often"), "often IN ('instant', 'daily', 'weekly')"
        )


def downgrade() -> None:
    with op.batch_alter_table("follows") as table:
        table.drop_constraint(op.f("ck_follows_often"), type_="check")
        table.drop_column("often")
