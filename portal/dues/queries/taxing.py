"""Which tax a firm's invoices have today, by the adopted rules and what is known of its tax id."""

import re
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, tuple_
from sqlalchemy.orm import joinedload

from portal.association.queries import association, today
from portal.core.ahead import each
from portal.core.db import db
from portal.dues.models import TaxIdCheck, TaxTable
from portal.dues.tax_rules import Customer, Outcome, Table, customer_kind, taxes_of
from portal.members.models import Membership, MembershipClass, Organization

Known = tuple[str, str]  # a country and a tax id in it


def plain_id(text: str) -> str:
    """`NL 8123.45.678.B01` as it is compared: letters and figures, in capitals."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def tax_tables() -> Select[TaxTable]:
    query = select(TaxTable).options(joinedload(TaxTable.decision))
    return query.order_by(TaxTable.effective_from.desc())


def tables_in_effect(days: Collection[date]) -> dict[date, list[Table]]:
    """Of each day the one table that holds, if any."""
    found = db.session.execute(select(TaxTable.effective_from, TaxTable.rules)).all()
    rows = sorted((first, rules) for first, rules in found)
    return {day: [row for row in rows if row[0] <= day][-1:] for day in days}


def checked_ids(asked: Collection[Known]) -> dict[Known, bool]:
    """Whether the last look-up of each said that it is valid."""
    ids = [(country, tax_id) for country, tax_id in asked if tax_id]
    query = select(TaxIdCheck.country, TaxIdCheck.tax_id, TaxIdCheck.is_valid)
    query = query.where(tuple_(TaxIdCheck.country, TaxIdCheck.tax_id).in_(ids))
    rows = db.session.execute(query.order_by(TaxIdCheck.id)).all() if ids else []
    return dict.fromkeys(asked, False) | {(where, which): good for where, which, good in rows}


def taxes_for(country: str, tax_id: str, kind: MembershipClass) -> dict[str, dict[str, str]]:
    """The taxes of a member's case today; empty where no rules were adopted."""
    return taxes_of_payer(country, tax_id, customer_kind(kind.value))


def taxes_of_payer(
    country: str, tax_id: str, kind: str, taken_in: str = ""
) -> dict[str, dict[str, str]]:
    """The taxes of who is invoiced today, a business, a public body or a person.

    They are those of the customer's country, or of the one it is `taken_in`: admission to an
    event is taxed where the event takes place (directive 2006/112/EC, articles 53 and 54). Empty
    where no rules were adopted, and where no country is known: nothing is guessed.
    """
    on, where = today(), taken_in or country
    tables = each(tables_in_effect, on)
    if not tables or not where:
        return {}
    is_checked = each(checked_ids, (country, plain_id(tax_id)))
    return taxes_of(tables, association().country, Customer(where, kind, is_checked), on)


def payer_kind(firm: Organization) -> str:
    """What sort of customer a firm is by its classes; where they differ, a business."""
    kinds = {customer_kind(one.kind.value) for one in firm.memberships}
    return kinds.pop() if len(kinds) == 1 else "business"


def is_taxed(category: str) -> bool:
    """Does a rule of today charge a rate on lines of a category, whoever pays?"""
    return any(
        Outcome(rule["outcome"]).is_charged and rule.get("category", "any") in {"any", category}
        for _first, rules in each(tables_in_effect, today())
        for rule in rules
    )


def taxes_of_firm(held: Membership) -> dict[str, dict[str, str]]:
    firm = held.organization
    return taxes_for(firm.country, firm.tax_id, held.kind)


def plain_tax_id() -> ColumnElement[str]:
    """A firm's tax id as `plain_id` has it."""
    told: Any = Organization.tax_id
    for mark in " .-/":
        told = func.replace(told, mark, "")
    return func.upper(told)


def unchecked_firms() -> Select[Organization]:
    """Members with a tax id that nobody has looked up as it stands now."""
    looked_up = exists().where(
        TaxIdCheck.country == Organization.country, TaxIdCheck.tax_id == plain_tax_id()
    )
    query = select(Organization).where(Organization.tax_id != "", ~looked_up)
    return query.where(Organization.memberships.any()).order_by(Organization.name)
