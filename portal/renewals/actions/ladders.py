"""Adopting the ladders of reminders from a day on. The caller commits."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.exc import IntegrityError

from portal.association.queries import today
from portal.core import audit
from portal.core.db import db
from portal.core.states import Refused
from portal.members.models import Decision
from portal.renewals.ladders import Ladder, Ladders, Step
from portal.renewals.models import LadderTable


def adopt_ladders(
    steps: Sequence[Step], effective_from: date, decision: Decision
) -> LadderTable:  # fmt: skip
    """Whoever is reminded from `effective_from` on is reminded by these steps.

    Raises `Refused` for a day that has ladders already, is before tomorrow or before the
    decision, and for steps that cannot be told apart. After that the caller rolls back.
    """
    if effective_from < max(decision.decided_on, today() + timedelta(days=1)):
        raise Refused("New steps begin tomorrow or later: today’s reminders go out by the old.")
    _check(Ladders(effective_from, tuple(steps)))
    rows = [one.row() for one in steps]
    made = LadderTable(effective_from=effective_from, steps=rows, decision=decision)
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError as why:
        raise Refused("Other steps begin on that day already: choose another day.") from why
    audit.record("ladders.adopted", made, effective_from=effective_from, decision=decision.title)
    return made


def _check(ladders: Ladders) -> None:
    """Every ladder has steps, each of them on a day of its own and with a code of its own."""
    for ladder in Ladder:
        steps = ladders.of(ladder)
        if not any(one.ladder is ladder for one in steps):
            raise Refused("Write one step at least for each of the three.")
        if max(Counter(one.days for one in steps).values()) > 1:
            raise Refused("Two steps fall on one day: give each a day of its own.")
        if max(Counter(one.code for one in steps).values()) > 1:
            raise Refused("Two steps are the same one: write the second one in an empty row.")
    if any(one.days < 0 for one in ladders.steps if one.ladder is not Ladder.INVOICE):
        raise Refused("Only an invoice is known ahead: the other steps are on day 0 or later.")
