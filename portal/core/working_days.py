"""Working days: Saturdays, Sundays and the days of `content/holidays.toml` do not count."""

import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path

FILE = Path(__file__).parents[2] / "content" / "holidays.toml"


def easter(year: int) -> date:
    """Easter Sunday; the rule of Meeus and Butcher for the Gregorian calendar."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * (c // 4) - c % 4 - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


@cache
def holidays(year: int) -> dict[date, str]:
    """The days of a year on which nobody works, and what they are called."""
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    found = {date.fromisoformat(f"{year}-{day}"): name for day, name in said["every_year"].items()}
    sunday = easter(year)
    found |= {
        sunday + timedelta(days=int(days)): name for days, name in said["around_easter"].items()
    }
    once = {date.fromisoformat(day): name for day, name in said["once"].items()}
    return found | {day: name for day, name in once.items() if day.year == year}


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in holidays(day.year)


def on_or_after(day: date) -> date:
    """The day itself when one works on it, else the next working day."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def on_or_before(day: date) -> date:
    """The day itself when one works on it, else the last working day before it."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def after(start: date, days: int) -> date:
    """The day `days` working days after `start`: itself always a working day."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def between(first: date, last: date) -> int:
    """How many working days come after `first`, up to and with `last`."""
    span = range(1, (last - first).days + 1)
    return sum(is_working_day(first + timedelta(days=n)) for n in span)
