"""Which ladders of reminders hold on a day: those adopted last, or those the portal came with."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.renewals.ladders import SHIPPED, Ladder, Ladders, Step, in_effect, interest_from, times
from portal.renewals.models import LadderTable


def ladder_tables() -> Select[LadderTable]:
    """Every adopted one with its decision, the latest first."""
    query = select(LadderTable).options(joinedload(LadderTable.decision))
    return query.order_by(LadderTable.effective_from.desc())


def ladders_over_time() -> list[Ladders]:
    """All that ever held or was adopted to hold, in order."""
    columns = LadderTable.effective_from, LadderTable.steps
    rows = db.session.execute(select(*columns).order_by(LadderTable.effective_from))
    return [SHIPPED, *(Ladders(on, tuple(map(Step.kept, steps))) for on, steps in rows)]


def ladders_on(days: Collection[date]) -> dict[date, Ladders]:
    """Of each day those that hold."""
    over_time = ladders_over_time()
    return {day: in_effect(over_time, day) for day in days}


def interest_starts(days: Collection[date]) -> dict[date, date]:
    """From which day interest runs on what is due on each; where none ever runs, the day lacks."""
    held = times(ladders_over_time(), Ladder.INVOICE)
    found = {day: interest_from(held, day) for day in days}
    return {day: start for day, start in found.items() if start}
