"""The only module that asks what time it is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

# Days that anybody here reckons with: months and years can be added to each of them.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)

# The time zones to choose from, by their IANA names; names of other days ("US/Eastern") are not.
CONTINENTS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip
ZONES = {
    zone: zone.replace("_", " ")
    for zone in ("UTC", *sorted(available_timezones()))
    if zone == "UTC" or zone.split("/")[0] in CONTINENTS
}

_shift = timedelta(0)


def now() -> datetime:
    return datetime.now(UTC) + _shift


def today(zone: str = "UTC") -> date:
    """The business day that it is in `zone` (an IANA name)."""
    return now().astimezone(ZoneInfo(zone)).date()


def day_of(instant: datetime, zone: str) -> date:
    """The business day on which an instant falls in `zone`."""
    return instant.astimezone(ZoneInfo(zone)).date()


def is_reckoned(day: date) -> bool:
    """Whether it is a day on which something can be due, begin or end."""
    return FIRST_DAY <= day <= LAST_DAY


def start_at(instant: datetime | None) -> None:
    """Let the clock run on from `instant` (the demo's PORTAL_NOW); None is the real time."""
    global _shift  # noqa: PLW0603 - one process has one clock
    _shift = instant - datetime.now(UTC) if instant else timedelta(0)
