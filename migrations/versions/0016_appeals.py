"""appeals: a declined application may be appealed against, and is then decided for good."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime
from portal.core.migrations import allow_values

revision = "0016"
down_revision = "0015"
branch_labels = depends_on = None

STATES = (
    "draft", "submitted", "under_review", "needs_information", "approved", "awaiting_payment",
    "activated", "declined",
)  # fmt: skip
ENDS = ("withdrawn", "expired")
OPEN = "'submitted', 'under_review', 'needs_information', 'awaiting_payment'"


def upgrade() -> None:
    old, new = (*STATES, *ENDS), (*STATES, "appealed", "declined_final", *ENDS)
    allow_values("applications", "status", "applicationstatus", old, new)
    op.add_column(
        "applications", sa.Column("appeal", sa.String(), nullable=False, server_default="")
    )
    op.add_column("applications", sa.Column("appealed_at", UtcDateTime(), nullable=True))
    _index(f"{OPEN}, 'appealed'")


def _index(states: str) -> None:
    name, is_open = "uq_applications_open_per_applicant", sa.text(f"status IN ({states})")
    op.drop_index(name, "applications")
    op.create_index(
        name, "applications", ["email", "kind"], unique=True,
        sqlite_where=is_open, postgresql_where=is_open,
    )  # fmt: skip


def downgrade() -> None:
    old, new = (*STATES, *ENDS), (*STATES, "appealed", "declined_final", *ENDS)
    _index(OPEN)
    declined = "UPDATE applications SET status = 'declined' WHERE status IN ('appealed', {})"
    op.execute(declined.format("'declined_final'"))
    op.drop_column("applications", "appealed_at")
    op.drop_column("applications", "appeal")
    allow_values("applications", "status", "applicationstatus", new, old)
