"""numbers by name: what a firm is charged by is kept for each number that a tariff asks."""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = depends_on = None

MONEY = ("revenue", "turnover")
TERMS = """
SELECT t.id, m.kind, t.price_snapshot FROM terms AS t
JOIN memberships AS m ON m.id = t.membership_id
"""
CHANGES = """
SELECT c.id, m.kind, t.price_snapshot, c.headcount FROM term_changes AS c
JOIN terms AS t ON t.id = c.term_id JOIN memberships AS m ON m.id = t.membership_id
"""


def read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def rows(query: str) -> list[Any]:
    return list(op.get_bind().execute(sa.text(query)))


def keep(table: str, column: str, number: int, value: Any) -> None:
    known = sa.table(table, sa.column("id"), sa.column(column, sa.JSON()))
    op.execute(sa.update(known).where(known.c.id == number).values({column: value}))


def asked() -> Callable[..., list[str]]:
    """The numbers of people that a tariff asked of a class; of all tariffs, when none is named."""
    books = {one.id: read(one.book) for one in rows("SELECT id, book FROM tariffs ORDER BY id")}

    def names(kind: str, tariff: int | None = None) -> list[str]:
        mine = [books[tariff]] if tariff in books else list(books.values())
        found = [
            rule["metric"] for book in mine for rule in book.get("rules", [])
            if "metric" in rule and (rule["classes"] == "*" or kind.lower() in rule["classes"])
        ]  # fmt: skip
        return [one for one in dict.fromkeys(found) if not one.endswith(MONEY)]

    return names


def upgrade() -> None:
    names = asked()
    metrics = sa.Column("metrics", sa.JSON(), nullable=False, server_default="{}")
    op.add_column("term_changes", metrics)
    for one in rows(CHANGES):
        tariff = read(one.price_snapshot).get("tariff")
        told = dict.fromkeys(names(one.kind, tariff), str(one.headcount))
        keep("term_changes", "metrics", one.id, told)
    for one in rows(TERMS):
        kept = read(one.price_snapshot)
        if "headcount" in kept:
            people, told = kept.pop("headcount"), kept.get("metrics") or {}
            if people is not None:
                told = dict.fromkeys(names(one.kind, kept.get("tariff")), str(people)) | told
            keep("terms", "price_snapshot", one.id, kept | {"metrics": told})
    for one in rows("SELECT id, kind, headcount, answers FROM applications"):
        answers = read(one.answers)
        told = dict.fromkeys(names(one.kind), str(one.headcount)) | answers.pop("money", {})
        answers.get("declaration", {}).pop("headcount", None)
        keep("applications", "answers", one.id, answers | {"metrics": told})
    for name in ("term_changes", "renewals", "applications"):
        op.drop_column(name, "headcount")


def downgrade() -> None:
    for name, is_needed in (("term_changes", True), ("renewals", False), ("applications", True)):
        people = sa.Column(
            "headcount", sa.Integer(), nullable=not is_needed,
            server_default="0" if is_needed else None,
        )  # fmt: skip
        op.add_column(name, people)
    for one in rows("SELECT id, metrics FROM term_changes"):
        set_people("term_changes", one.id, read(one.metrics))
    for one in rows("SELECT id, price_snapshot FROM terms"):
        kept = read(one.price_snapshot)
        if "metrics" in kept:
            people, money = parted(kept["metrics"])
            keep("terms", "price_snapshot", one.id,
                 kept | {"metrics": money, "headcount": next(iter(people), None)})  # fmt: skip
    for one in rows("SELECT id, answers FROM applications"):
        answers = read(one.answers)
        told = answers.pop("metrics", {})
        people, money = parted(told)
        set_people("applications", one.id, told)
        if "declaration" in answers:
            answers["declaration"]["headcount"] = round(float(next(iter(people), 0)))
        keep("applications", "answers", one.id, answers | ({"money": money} if money else {}))
    op.drop_column("term_changes", "metrics")


def parted(told: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Numbers of people, and the amounts of money under their names."""
    money = {name: value for name, value in told.items() if name.endswith(MONEY)}
    return [value for name, value in told.items() if name not in money], money


def set_people(table: str, number: int, told: dict[str, str]) -> None:
    people, _ = parted(told)
    known = sa.table(table, sa.column("id"), sa.column("headcount"))
    many = round(float(next(iter(people), 0)))
    op.execute(sa.update(known).where(known.c.id == number).values(headcount=many))
