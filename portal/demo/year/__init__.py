"""`portal simulate-year`: the demo association lives a year in minutes, with faults in its way."""

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask

from portal.association.queries import association, today
from portal.core import audit, clock, jobs
from portal.core.db import db
from portal.demo.year import faults, habits, report, treasury
from portal.demo.year.figures import Year
from portal.dues.queries import ledger_faults

Progress = Callable[[int, int], None]
TIMES = (
    (8, habits.morning),
    (10, treasury.works),
    (13, habits.afternoon),
)  # hours in the association's zone
LAST_ROUNDS = 8  # work that failed is tried again until nothing waits


def live(app: Flask, folder: Path, days: int, seed: int, progress: Progress) -> Year:
    """Move the clock day by day over `days`; what happened and what did not add up.

    The portal, the Stripe sandbox and the mail server of the year run in `folder`; both of them
    fail now and then, in an order that follows from `seed`.
    """
    rng = random.Random(seed)  # noqa: S311 - chance, not a secret
    year = Year(first_on=today(), seed=seed)
    with faults.surroundings(app, folder, rng) as world:
        for number in range(1, days + 1):
            day = year.first_on + timedelta(days=number)
            for hour, happens in TIMES:
                _move_to(day, hour, world)
                happens(day, rng, world, year)
                _work()
            year.note(day)
            progress(number, days)
        _come_to_rest(world)
        year.close(world, [*ledger_faults(), *audit.broken_links()])
    report.write(year, folder / "year.html")
    return year


def _move_to(day: date, hour: int, world: faults.Surroundings) -> None:
    instant = datetime.combine(day, time(hour), ZoneInfo(association().zone))
    clock.start_at(instant)
    world.sandbox.set_clock(instant)


def _work() -> None:
    db.session.commit()
    jobs.work()
    db.session.rollback()


def _come_to_rest(world: faults.Surroundings) -> None:
    """The last faults are over: what still waits is done, hour by hour."""
    world.mend()
    for _ in range(LAST_ROUNDS):
        instant = clock.now() + timedelta(hours=7)
        clock.start_at(instant)
        world.sandbox.set_clock(instant)
        world.sandbox.wait_until_delivered()
        _work()
