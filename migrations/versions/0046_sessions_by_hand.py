"""sessions by hand: whose end a person set, and those that bills name and nobody described."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = depends_on = None

NAMED_BY_BILLS = """
INSERT INTO bill_sessions
    (place_id, key, name, ends_on, end_kind, carries_over, source, is_by_hand)
SELECT place_id, session, 'Session ' || session, NULL, 'open', :no, 'its bills', :no
FROM measures AS m
WHERE EXISTS (SELECT 1 FROM bill_records AS r WHERE r.measure_id = m.id)
    AND NOT EXISTS (
        SELECT 1 FROM bill_sessions AS s WHERE s.place_id = m.place_id AND s.key = m.session
    )
GROUP BY place_id, session
"""


def upgrade() -> None:
    with op.batch_alter_table("bill_sessions") as table:
        table.add_column(
            sa.Column("is_by_hand", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute(sa.text(NAMED_BY_BILLS).bindparams(no=False))


def downgrade() -> None:
    with op.batch_alter_table("bill_sessions") as table:
        table.drop_column("is_by_hand")
