"""people of firms: what was told once, seats, ways to a firm, roles to be named again."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime

revision = "0002"
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
    op.create_table(
        "firm_domains",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("verified_at", UtcDateTime(), nullable=True),
        sa.Column("proof", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_firm_domains_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_domains")),
        sa.UniqueConstraint(
            "organization_id", "domain", name=op.f("uq_firm_domains_organization_id_domain")
        ),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_firm_domains_secret_hash")),
    )
    op.create_index(op.f("ix_firm_domains_domain"), "firm_domains", ["domain"], unique=False)
    op.create_index(
        op.f("ix_firm_domains_organization_id"), "firm_domains", ["organization_id"], unique=False
    )
    op.create_table(
        "join_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_join_codes_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_join_codes_code")),
    )
    op.create_index(
        op.f("ix_join_codes_organization_id"), "join_codes", ["organization_id"], unique=False
    )
    op.create_table(
        "join_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "approved",
                "declined",
                name="requeststatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_join_requests_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_join_requests_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_requests")),
    )
    op.create_index(
        op.f("ix_join_requests_organization_id"),
        "join_requests",
        ["organization_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_join_requests_person_id"), "join_requests", ["person_id"], unique=False
    )
    op.create_index(
        "uq_join_requests_open",
        "join_requests",
        ["person_id", "organization_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "vacancies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "delegate",
                "alternate",
                "dues_contact",
                "roster_manager",
                "signatory",
                "staff",
                "press_contact",
                name="firmrole",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("filled_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_vacancies_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vacancies")),
    )
    op.create_index(op.f("ix_vacancies_due_on"), "vacancies", ["due_on"], unique=False)
    op.create_index(
        op.f("ix_vacancies_organization_id"), "vacancies", ["organization_id"], unique=False
    )
    op.create_index(
        "uq_vacancies_open",
        "vacancies",
        ["organization_id", "role"],
        unique=True,
        sqlite_where=sa.text("filled_on IS NULL"),
        postgresql_where=sa.text("filled_on IS NULL"),
    )
    op.create_table(
        "attestations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("affiliation_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("attested_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["affiliation_id"], ["affiliations.id"], name=op.f("fk_attestations_affiliation_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_attestations_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestations")),
    )
    op.create_index(
        op.f("ix_attestations_affiliation_id"), "attestations", ["affiliation_id"], unique=False
    )
    op.create_table(
        "seat_waits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("affiliation_id", sa.Integer(), nullable=False),
        sa.Column("since_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["affiliation_id"], ["affiliations.id"], name=op.f("fk_seat_waits_affiliation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_waits")),
    )
    op.create_index(
        op.f("ix_seat_waits_affiliation_id"), "seat_waits", ["affiliation_id"], unique=False
    )
    op.create_index(
        "uq_seat_waits_open",
        "seat_waits",
        ["affiliation_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "seat_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("invoice_number", sa.String(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.CheckConstraint("seats > 0", name=op.f("ck_seat_orders_some_seats")),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_seat_orders_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_orders")),
        sa.UniqueConstraint("invoice_number", name=op.f("uq_seat_orders_invoice_number")),
    )
    op.create_index(op.f("ix_seat_orders_term_id"), "seat_orders", ["term_id"], unique=False)
    op.create_table(
        "seats",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("affiliation_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "included",
                "extra",
                name="seatkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["affiliation_id"], ["affiliations.id"], name=op.f("fk_seats_affiliation_id")
        ),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_seats_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
    )
    op.create_index(op.f("ix_seats_affiliation_id"), "seats", ["affiliation_id"], unique=False)
    op.create_index(op.f("ix_seats_term_id"), "seats", ["term_id"], unique=False)
    op.create_index(
        "uq_seats_open",
        "seats",
        ["term_id", "affiliation_id"],
        unique=True,
        sqlite_where=sa.text("until_on IS NULL"),
        postgresql_where=sa.text("until_on IS NULL"),
    )
    op.execute(sa.text(SEAT_EVERYBODY))


# Who reads what is for members today goes on doing so: everybody at a live term has a seat.
SEAT_EVERYBODY = """
INSERT INTO seats (term_id, affiliation_id, kind, from_on)
SELECT terms.id, affiliations.id, 'included', CURRENT_DATE
FROM terms
JOIN memberships ON memberships.id = terms.membership_id
JOIN affiliations ON affiliations.organization_id = memberships.organization_id
WHERE affiliations.until_on IS NULL AND terms.cancelled_at IS NULL
AND terms.ended_early_on IS NULL AND terms.grace_until_on >= CURRENT_DATE
"""


def downgrade() -> None:
    for table in (
        "seats",
        "seat_waits",
        "seat_orders",
        "attestations",
        "vacancies",
        "join_requests",
        "join_codes",
        "firm_domains",
    ):
        op.drop_table(table)
    op.drop_table("notices")
