"""kept cards: consent, automatic charges, requires_action, what Stripe says and we say."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = depends_on = None

BEFORE = (
    "created", "open", "unknown", "processing", "succeeded", "failed", "expired", "cancelled",
)  # fmt: skip
AFTER = (*BEFORE[:4], "requires_action", *BEFORE[4:])
LIVE = "status IN ('created', 'open', 'unknown', 'processing'{})"
MORE = ", 'requires_action'"


def _kind(statuses: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(
        *statuses, name="attemptstatus", native_enum=False, create_constraint=True, length=32
    )


def _allow(old: tuple[str, ...], new: tuple[str, ...], live: str) -> None:
    """Let attempts have the new statuses, those of `live` once for each invoice."""
    op.drop_index("uq_payment_attempts_one_live", "payment_attempts")
    with op.batch_alter_table("payment_attempts") as batch_op:
        batch_op.alter_column(
            "status", existing_type=_kind(old), type_=_kind(new), existing_nullable=False
        )
    where = sa.text(live)
    op.create_index(
        "uq_payment_attempts_one_live", "payment_attempts", ["invoice_id"], unique=True,
        sqlite_where=where, postgresql_where=where,
    )  # fmt: skip


def upgrade() -> None:
    _allow(BEFORE, AFTER, LIVE.format(MORE))
    op.add_column("stripe_events", sa.Column("reason", sa.String(), nullable=True))
    _mandates()
    _charges()
    op.create_table(
        "event_cursor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("read_until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_cursor")),
    )
    op.create_table(
        "provider_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_reports")),
        sa.UniqueConstraint("on", name=op.f("uq_provider_reports_on")),
    )


def _mandates() -> None:
    op.create_table(
        "card_mandates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("consented_at", UtcDateTime(), nullable=False),
        sa.Column("consented_by_id", sa.Integer(), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("payment_method_id", sa.String(), nullable=True),
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("last4", sa.String(), nullable=False),
        sa.Column("expiry_month", sa.Integer(), nullable=True),
        sa.Column("expiry_year", sa.Integer(), nullable=True),
        sa.Column("saved_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"],
            name=op.f("fk_card_mandates_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["consented_by_id"], ["people.id"], name=op.f("fk_card_mandates_consented_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["payment_attempts.id"], name=op.f("fk_card_mandates_attempt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_mandates")),
        sa.UniqueConstraint("session_id", name=op.f("uq_card_mandates_session_id")),
        sa.UniqueConstraint("payment_method_id", name=op.f("uq_card_mandates_payment_method_id")),
    )  # fmt: skip
    op.create_index(op.f("ix_card_mandates_organization_id"), "card_mandates", ["organization_id"])
    op.create_index(op.f("ix_card_mandates_attempt_id"), "card_mandates", ["attempt_id"])
    where = sa.text("saved_at IS NOT NULL AND revoked_at IS NULL")
    op.create_index(
        "uq_card_mandates_one_kept", "card_mandates", ["organization_id"], unique=True,
        sqlite_where=where, postgresql_where=where,
    )  # fmt: skip


def _charges() -> None:
    op.create_table(
        "automatic_charges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("mandate_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("intent_id", sa.String(), nullable=True),
        sa.Column("failure", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_automatic_charges_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["card_mandates.id"], name=op.f("fk_automatic_charges_mandate_id")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["payment_attempts.id"], name=op.f("fk_automatic_charges_attempt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automatic_charges")),
        sa.UniqueConstraint(
            "invoice_id", "step", name=op.f("uq_automatic_charges_invoice_id_step")
        ),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_automatic_charges_attempt_id")),
        sa.UniqueConstraint("intent_id", name=op.f("uq_automatic_charges_intent_id")),
    )
    op.create_index(op.f("ix_automatic_charges_mandate_id"), "automatic_charges", ["mandate_id"])


def downgrade() -> None:
    op.drop_table("provider_reports")
    op.drop_table("event_cursor")
    op.drop_table("automatic_charges")
    op.drop_table("card_mandates")
    op.drop_column("stripe_events", "reason")
    op.execute("UPDATE payment_attempts SET status = 'failed' WHERE status = 'requires_action'")
    _allow(AFTER, BEFORE, LIVE.format(""))
