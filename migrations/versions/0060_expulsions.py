"""expulsions: a firm leaves by a decision, heard or not."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = depends_on = None

KEY = "fk_resignations_decision_id"


def upgrade() -> None:
    decided = sa.Column("decision_id", sa.Integer(), sa.ForeignKey("decisions.id", name=KEY))
    op.add_column("resignations", decided, inline_references=True)
    op.add_column("resignations", sa.Column("heard", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("resignations", "heard")
    op.drop_column("resignations", "decision_id")
