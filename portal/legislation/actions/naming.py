"""Sponsors and committees of a measure, for lists, follows and pages. The caller commits."""

import re

from sqlalchemy import delete, select

from portal.core.db import db
from portal.legislation.bills import Bill
from portal.legislation.models import MeasureName

_WORD = r"[A-Z][\w’'-]*"
_NAMED = re.compile(rf"Committee on (?:the )?{_WORD}(?:(?:, | | and |, and | of | the )+{_WORD})*")


def committees(bill: Bill) -> set[str]:
    """Those that its record names, or its actions where it names none."""
    if bill.committee:
        return {bill.committee}
    return {found for one in bill.actions for found in _NAMED.findall(one.text)}


def names(bill: Bill) -> dict[tuple[str, str], tuple[str, str]]:
    """Role and party, by kind and name; whoever withdrew is out."""
    found = {("committee", one[:300]): ("committee", "") for one in sorted(committees(bill))}
    for one in reversed(bill.standing):
        if one.name and one.role != "committee":
            found["sponsor", one.name[:300]] = (one.role, one.party)
        elif one.name:
            found["committee", one.name[:300]] = ("committee", "")
    return found


def name_again(measure_id: int, bill: Bill) -> None:
    """As the record says now; what is the same stays."""
    wanted = names(bill)
    rows = db.session.scalars(select(MeasureName).filter_by(measure_id=measure_id))
    known = {(one.kind, one.name): one for one in rows}
    gone = [one.id for key, one in known.items() if key not in wanted]
    if gone:
        db.session.execute(delete(MeasureName).where(MeasureName.id.in_(gone)))
    for (kind, name), (role, party) in wanted.items():
        one = known.get((kind, name)) or MeasureName(measure_id=measure_id, kind=kind, name=name)
        one.role, one.party = role, party
        db.session.add(one)
