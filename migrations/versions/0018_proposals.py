"""proposals: what members bring to the library, and the sealed authors behind pseudonyms."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import UtcDateTime
from portal.core.migrations import allow_values

revision = "0018"
down_revision = "0017"
branch_labels = depends_on = None

ROLES = (
    "contact", "member", "manager", "dues_contact", "signatory", "committee", "membership",
    "finance", "editor", "events", "policy", "admin",
)  # fmt: skip
WITH_KEYS = (*ROLES[:9], "keyholder", *ROLES[9:])


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32, create_constraint=True)


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind", _one_of("proposalkind", "practice", "experience", "case"), nullable=False
        ),
        sa.Column("practice_id", sa.Integer(), nullable=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("title", "happened", "numbers", "not_again", "outcome")
        ),
        sa.Column(
            "naming", _one_of("naming", "named", "chatham_house", "anonymised"), nullable=False
        ),
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column(
            "status", _one_of("proposalstatus", "sent", "accepted", "declined"), nullable=False
        ),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind <> 'experience' OR practice_id IS NOT NULL",
            name=op.f("ck_proposals_of_a_practice"),
        ),
        sa.CheckConstraint(
            "naming <> 'anonymised' OR (person_id IS NULL AND organization_id IS NULL)",
            name=op.f("ck_proposals_sealed"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_proposals_organization_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_proposals_person_id")),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_proposals_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    for column in ("organization_id", "person_id", "practice_id", "status"):
        op.create_index(op.f(f"ix_proposals_{column}"), "proposals", [column])
    op.create_table(
        "sealed_authors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name=op.f("fk_sealed_authors_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_authors")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_sealed_authors_proposal_id")),
    )
    op.create_index(op.f("ix_sealed_authors_mark"), "sealed_authors", ["mark"])
    allow_values("role_grants", "role", "role", ROLES, WITH_KEYS)


def downgrade() -> None:
    op.execute("DELETE FROM role_grants WHERE role = 'keyholder'")
    allow_values("role_grants", "role", "role", WITH_KEYS, ROLES)
    op.drop_table("sealed_authors")
    op.drop_table("proposals")
