"""The clock: aware, the same for everybody, and the day it is somewhere."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.core import clock


def test_now_is_aware_and_in_utc():
    assert clock.now().utcoffset() == timedelta(0)


def test_it_runs_on_from_where_it_is_set_and_back():
    try:
        clock.start_at(datetime(2028, 2, 29, 12, tzinfo=UTC))
        first = clock.now()
        assert timedelta(0) <= first - datetime(2028, 2, 29, 12, tzinfo=UTC) < timedelta(minutes=1)
        assert clock.now() >= first
    finally:
        clock.start_at(None)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Asia/Manila", date(2026, 3, 2)), ("Asia/Kolkata", date(2026, 3, 1)),
        ("Africa/Johannesburg", date(2026, 3, 1)), ("America/Jamaica", date(2026, 3, 1)),
        ("UTC", date(2026, 3, 1)),
    ],
)  # fmt: skip
def test_a_business_day_is_the_one_in_its_zone(at, zone, day):
    at(2026, 3, 1, 17, 0)
    assert clock.today(zone) == day


@pytest.mark.parametrize(
    ("day", "is_reckoned"),
    [
        (date(1899, 12, 31), False), (date(1900, 1, 1), True), (date(2199, 12, 31), True),
        (date(2200, 1, 1), False), (date.min, False), (date.max, False),
    ],
)  # fmt: skip
def test_only_the_days_of_three_centuries_are_reckoned_with(day, is_reckoned):
    assert clock.is_reckoned(day) is is_reckoned
