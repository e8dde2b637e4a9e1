"""Adopting what a membership gives from a day on. The caller commits."""

from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from portal.association.queries import today
from portal.core import audit
from portal.core.db import db
from portal.core.states import Refused
from portal.members.access_table import ALWAYS, Table, in_order
from portal.members.models import AccessTable, Decision


def adopt_access(table: Table, decision: Decision) -> AccessTable:
    """From the day on which it begins, memberships give what this table says.

    Raises `Refused` for a day that has a table already, is before tomorrow or before the
    decision, and for a table that keeps anybody from invoices or own data. After that the caller
    rolls back.
    """
    if table.begins < max(decision.decided_on, today() + timedelta(days=1)):
        raise Refused("A table begins tomorrow or later: today goes by the one that holds.")
    _check(table)
    made = AccessTable(
        effective_from=table.begins, in_force=in_order(table.in_force),
        grace=in_order(table.grace), takings=[one.row() for one in table.takings],
        own_data_days=table.own_data_days, decision=decision,
    )  # fmt: skip
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError as why:
        raise Refused("Another table begins on that day already: choose another day.") from why
    audit.record("access.adopted", made, effective_from=table.begins, decision=decision.title)
    return made


def _check(table: Table) -> None:
    if not (table.in_force >= ALWAYS and table.grace >= ALWAYS):
        raise Refused("Every table leaves firms their invoices and their own data.")
    if any(one.takes & ALWAYS for one in table.takings):
        raise Refused("Debts never take a firm its invoices or its own data.")
    if not table.grace <= table.in_force:
        raise Refused("Grace gives nothing that a term in force does not give.")
