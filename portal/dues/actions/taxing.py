"""Adopting tax rules, and keeping what a register said of a tax id. The caller commits."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Person
from portal.association.queries import association, today
from portal.core import audit
from portal.core.db import db
from portal.core.states import Refused
from portal.dues.models import TaxIdCheck, TaxTable
from portal.dues.queries.taxing import plain_id
from portal.dues.tax_rules import Outcome
from portal.members.models import Decision


def adopt_taxes(
    rules: Sequence[dict[str, Any]], effective_from: date, decision: Decision
) -> TaxTable:
    """Every invoice issued from `effective_from` on has its tax by these rules.

    Raises `Refused` for a day that has rules already or is before the decision, and for reverse
    charge while the association has no tax id to print. After that the caller rolls back.
    """
    if effective_from < max(decision.decided_on, today()):
        raise Refused("Tax rules begin today or later: what is invoiced already keeps its tax.")
    if not rules:
        raise Refused("Write one rule at least.")
    outcomes = {one["outcome"] for one in rules}
    if Outcome.REVERSE_CHARGE in outcomes and not association().tax_id:
        raise Refused("Reverse charge needs the association’s own tax id: enter it in Settings.")
    made = TaxTable(effective_from=effective_from, rules=list(rules), decision=decision)
    db.session.add(made)
    try:
        db.session.flush()  # also of two who adopt at once, one is refused
    except IntegrityError as why:
        raise Refused("Other tax rules begin on that day already: choose another day.") from why
    audit.record("taxes.adopted", made, effective_from=effective_from, decision=decision.title)
    return made


def check_tax_id(
    country: str, tax_id: str, by: Person, *, is_valid: bool, note: str
) -> TaxIdCheck:  # fmt: skip
    made = TaxIdCheck(
        country=country, tax_id=plain_id(tax_id), is_valid=is_valid, checked_on=today(),
        checked_by_id=by.id, note=note,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record("taxid.checked", made, country=country, tax_id=made.tax_id, is_valid=is_valid)
    return made
