"""firms_by_name: a list of firms by name reads no more of them than it shows."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = depends_on = None
NAME = "ix_organizations_by_name"


def upgrade() -> None:
    op.create_index(NAME, "organizations", [sa.text("lower(name)"), "id"])


def downgrade() -> None:
    op.drop_index(NAME, "organizations")
