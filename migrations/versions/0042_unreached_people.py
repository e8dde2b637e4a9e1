"""vacancies: who holds the role still, where their mail comes back."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = depends_on = None

KEY = "fk_vacancies_unreached_id"


def upgrade() -> None:
    with op.batch_alter_table("vacancies", reflect_kwargs={"resolve_fks": False}) as table:
        table.add_column(sa.Column("unreached_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f(KEY), "affiliations", ["unreached_id"], ["id"])
        table.create_index(op.f("ix_vacancies_unreached_id"), ["unreached_id"])


def downgrade() -> None:
    with op.batch_alter_table("vacancies", reflect_kwargs={"resolve_fks": False}) as table:
        table.drop_index(op.f("ix_vacancies_unreached_id"))
        table.drop_constraint(op.f(KEY), type_="foreignkey")
        table.drop_column("unreached_id")
