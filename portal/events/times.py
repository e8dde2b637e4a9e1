"""Local time and zone to the instant, and back: gaps refused with a proposal, overlaps chosen."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class NoSuchTime(ValueError):
    """A local time that the clocks jump over; `proposed` is the next one that exists."""

    def __init__(self, local: datetime, zone: str, proposed: datetime) -> None:
        super().__init__(
            f"{local:%H:%M} does not exist on that day in {zone}: the clocks go forward. "
            f"Use {proposed:%H:%M}."
        )
        self.proposed = proposed


def instant_of(local: datetime, zone: str, *, second: bool = False) -> datetime:
    """The instant of a wall-clock time; `second` chooses the later one when it comes twice."""
    here = ZoneInfo(zone)
    aware = local.replace(tzinfo=here, fold=int(second))
    found = aware.astimezone(UTC)
    if found.astimezone(here).replace(tzinfo=None) != local:
        raise NoSuchTime(local, zone, _next_that_exists(local, here))
    return found


def _next_that_exists(local: datetime, here: ZoneInfo) -> datetime:
    """The end of the gap: the first minute after `local` that the wall clock shows."""
    minute = local
    while True:
        minute += timedelta(minutes=1)
        there = minute.replace(tzinfo=here).astimezone(UTC)
        if there.astimezone(here).replace(tzinfo=None) == minute:
            return minute
