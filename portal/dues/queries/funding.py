"""Who funds the association: income by who pays it, a group of firms or somebody else."""

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Label, case, exists, func, select
from sqlalchemy.orm import aliased

from portal.core.db import db
from portal.dues.models import (
    Account,
    BankIncome,
    BankLine,
    BankMatch,
    Invoice,
    Payment,
    Posting,
)
from portal.dues.queries.bank_income import income_journals
from portal.members.models import GroupMembership, Organization
from portal.members.queries import in_group

Who = tuple[str, str]  # the country and the name of who pays for a firm, as the invoice has them


class Funder(NamedTuple):
    """A group of firms by its number, or somebody who is in none, by country and name."""

    group_id: int
    outsider: Who = ("", "")


def income_by_funder(since: date, until: date) -> Counter[Funder]:
    """Minor units of the income booked after one day, up to another, by the groups of each day.

    What somebody pays for a firm is theirs, not the firm's: as long as the firm has paid nothing
    on the invoice itself. Where they are a firm of the register themselves, by country and name,
    it is their group's of the last day. Who sent money without an invoice and is no firm has the
    name that the bank gave; what our bank paid as interest comes from no payer.
    """
    of_line = (BankMatch.payment_id == Posting.payment_id) & Posting.journal.in_(income_journals())
    from_bank = Posting.payment_id.is_not(None) & (Posting.income == BankIncome.INTEREST)
    booked = (
        select(
            func.coalesce(GroupMembership.group_id, 0).label("group_id"), *_outsider(),
            (-Posting.minor).label("minor"),
        )
        .outerjoin(Invoice, Invoice.id == Posting.invoice_id)
        .outerjoin(BankMatch, of_line)
        .outerjoin(BankLine, BankLine.id == BankMatch.line_id)
        .outerjoin(
            GroupMembership,
            (GroupMembership.organization_id == Posting.organization_id) & in_group(Posting.on),
        )
        .where(
            Posting.account == Account.INCOME, Posting.on > since, Posting.on <= until, ~from_bank
        )
        .subquery()
    )  # fmt: skip
    columns = booked.c.group_id, booked.c.name, booked.c.country
    query = select(*columns, func.sum(booked.c.minor)).group_by(*columns)
    rows = [
        (group_id, (country or "", folded(name)) if name else None, int(minor))
        for group_id, name, country, minor in db.session.execute(query)
    ]
    known = _groups_of({who for _, who, _ in rows if who}, until)
    found: Counter[Funder] = Counter()
    for group_id, who, minor in rows:
        outsider = Funder(known[who]) if who in known else Funder(0, who) if who else None
        found[outsider or Funder(group_id)] += minor
    return found


def _outsider() -> tuple[Label[Any], Label[Any]]:
    """Name and country of who pays the outer query's invoice for a firm; NULL where it paid.

    Without an invoice and without a firm, the name on the bank line.
    """
    paid = aliased(Posting)
    own = (
        exists()
        .where(
            paid.invoice_id == Invoice.id, paid.account == Account.RECEIVABLE,
            paid.payment_id == Payment.id, Payment.paid_by == "",
        )
        .correlate(Invoice)
    )  # fmt: skip
    name, country = (
        case((~own, Invoice.paid_by[part].as_string())) for part in ("name", "country")
    )
    sender = case((Posting.organization_id.is_(None), BankLine.counterparty))
    return func.coalesce(name, sender).label("name"), country.label("country")


def _groups_of(asked: Collection[Who], on: date) -> dict[Who, int]:
    """Of those who are firms in a group themselves."""
    query = (
        select(Organization.country, Organization.name, GroupMembership.group_id)
        .join(GroupMembership, GroupMembership.organization_id == Organization.id)
        .where(Organization.country.in_({country for country, _ in asked}), in_group(on))
    )
    rows = db.session.execute(query).all() if asked else []
    return {(country, folded(name)): group_id for country, name, group_id in rows}


def folded(name: str) -> str:
    """A name without regard to capitals and spaces."""
    return " ".join(name.casefold().split())
