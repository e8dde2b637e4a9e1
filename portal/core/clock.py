"""The only module that asks what time it is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_shift = timedelta(0)


def now() -> datetime:
    return datetime.now(UTC) + _shift


def today(zone: str = "UTC") -> date:
    """The business day that it is in `zone` (an IANA name)."""
    return now().astimezone(ZoneInfo(zone)).date()


def day_of(instant: datetime, zone: str) -> date:
    """The business day on which an instant falls in `zone`."""
    return instant.astimezone(ZoneInfo(zone)).date()


def start_at(instant: datetime | None) -> None:
    """Let the clock run on from `instant` (the demo's PORTAL_NOW); None is the real time."""
    global _shift  # noqa: PLW0603 - one process has one clock
    _shift = instant - datetime.now(UTC) if instant else timedelta(0)
