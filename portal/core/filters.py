"""Template filters: dates with their zone, money, numbers, sizes, no-break spaces in them."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Flask

NBSP = "\N{NO-BREAK SPACE}"
CITIES = {  # where the zone's own name is in plain letters, old, or a country's
    "America/Asuncion": "Asunción", "America/Bogota": "Bogotá", "America/Cancun": "Cancún",
    "America/Jamaica": "Kingston", "America/Sao_Paulo": "São Paulo",
    "America/St_Johns": "St. John’s", "Asia/Calcutta": "Kolkata",
    "Asia/Saigon": "Ho Chi Minh City", "Asia/Ho_Chi_Minh": "Ho Chi Minh City",
    "Europe/Kiev": "Kyiv", "UTC": "UTC",
}  # fmt: skip


def day(value: date | None) -> str:
    """`2 Dec 2026`."""
    return "–" if value is None else _in_words(value.year, value.month, value.day)


@lru_cache(maxsize=5_000)
def _in_words(year: int, month: int, day_of: int) -> str:
    value = date(year, month, day_of)
    return format_date(value, "d MMM y", locale="en").replace(" ", NBSP)


def iso_day(text: str) -> str:
    """`2 Dec 2026` of `2026-12-02`, as front matter and JSON keep it."""
    return day(date.fromisoformat(text[:10]))


def day_in(value: datetime, zone: str) -> str:
    """The day that an instant is in a zone."""
    return day(value.astimezone(ZoneInfo(zone)).date())


def weekday(value: datetime, zone: str) -> str:
    """`Thu`."""
    return format_date(value.astimezone(ZoneInfo(zone)).date(), "EEE", locale="en")


def day_of_month(value: datetime, zone: str) -> str:
    return str(value.astimezone(ZoneInfo(zone)).day)


def city(zone: str) -> str:
    """`Manila` of `Asia/Manila`, `New York` of `America/New_York`, `Bogotá` of Bogota."""
    return CITIES.get(zone) or zone.rsplit("/", 1)[-1].replace("_", " ")


def clock_time(value: datetime, zone: str) -> str:
    return value.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def instant(value: datetime | None, zone: str = "UTC") -> str:
    """`22 Nov 2026, 15:00 Manila (07:00 UTC)`: the zone after the hour, then UTC."""
    if value is None:
        return "–"
    here, there = value.astimezone(ZoneInfo(zone)), value.astimezone(ZoneInfo("UTC"))
    text = f"{day(here.date())}, {here:%H:%M}{NBSP}{city(zone)}"
    if zone == "UTC":
        return text
    other = "" if here.date() == there.date() else f"{day(there.date())}, "
    return f"{text} ({other}{there:%H:%M}{NBSP}UTC)"


def number(value: int) -> str:
    return f"{value:,}"


def percent(part: int, whole: int, decimals: int = 1) -> str:
    """`25.0 %` of two whole numbers; nothing of nothing is 0."""
    tenths = (2 * part * 100 * 10**decimals + whole) // (2 * whole) if whole else 0
    return f"{tenths / 10**decimals:.{decimals}f}{NBSP}%"


def file_size(size: int) -> str:
    if size < 1000:
        return f"{size}{NBSP}bytes"
    if size < 1_000_000:
        return f"{size // 1000}{NBSP}kB"
    return f"{size / 1_000_000:.1f}{NBSP}MB"


def is_web(address: object) -> bool:
    """Only such addresses become links, whoever wrote them."""
    return str(address or "").startswith(("https://", "http://"))


def init_app(app: Flask) -> None:
    every = (
        day, iso_day, day_in, weekday, day_of_month, city, clock_time, instant,
        number, percent, file_size,
    )  # fmt: skip
    app.jinja_env.filters.update({one.__name__: one for one in every})
    app.jinja_env.filters["money"] = str
