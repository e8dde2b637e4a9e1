from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.core import filters
from portal.events.times import NoSuchTime, instant_of

GOLDEN = [
    ("2026-12-03 15:00", "Asia/Manila", "2026-12-03 07:00"),
    ("2026-12-03 15:00", "Asia/Kolkata", "2026-12-03 09:30"),
    ("2026-12-03 15:00", "Africa/Johannesburg", "2026-12-03 13:00"),
    ("2026-12-03 15:00", "America/Jamaica", "2026-12-03 20:00"),
    ("2026-12-03 15:00", "America/Bogota", "2026-12-03 20:00"),
    ("2026-12-03 15:00", "America/New_York", "2026-12-03 20:00"),
    ("2027-01-20 09:30", "Asia/Manila", "2027-01-20 01:30"),
    ("2027-01-20 09:30", "Asia/Kolkata", "2027-01-20 04:00"),
    ("2027-03-13 09:00", "America/New_York", "2027-03-13 14:00"),
    ("2027-03-15 09:00", "America/New_York", "2027-03-15 13:00"),
    ("2027-03-15 09:00", "America/Jamaica", "2027-03-15 14:00"),
    ("2027-03-29 09:00", "Europe/London", "2027-03-29 08:00"),
    ("2027-07-06 09:00", "America/New_York", "2027-07-06 13:00"),
    ("2026-11-30 23:30", "America/Bogota", "2026-12-01 04:30"),
]
SIX = (
    "Asia/Manila", "Asia/Kolkata", "Africa/Johannesburg", "America/Jamaica", "America/Bogota",
    "America/New_York",
)  # fmt: skip
SEEN = [
    ("2026-12-03 07:00", "15:00 12:30 09:00 02:00 02:00 02:00"),
    ("2026-12-31 16:30", "00:30 22:00 18:30 11:30 11:30 11:30"),
    ("2027-03-13 14:00", "22:00 19:30 16:00 09:00 09:00 09:00"),
    ("2027-03-15 13:00", "21:00 18:30 15:00 08:00 08:00 09:00"),
]
# First Thursdays at 10:00 in New York; the hour moves for those whose own clocks did not.
SERIES = [
    ("2026-11-05", "15:00", "23:00"), ("2027-02-04", "15:00", "23:00"),
    ("2027-03-04", "15:00", "23:00"), ("2027-04-01", "14:00", "22:00"),
    ("2027-05-06", "14:00", "22:00"),
]  # fmt: skip
CHANGES = [
    ("America/New_York", "2027-03-14", "02:30", "03:00", "07:00"),
    ("America/Toronto", "2027-03-14", "02:00", "03:00", "07:00"),
    ("Europe/London", "2027-03-28", "01:15", "02:00", "01:00"),
    ("Europe/Madrid", "2027-03-28", "02:59", "03:00", "01:00"),
]
TWICE = [
    ("America/New_York", "2027-11-07 01:30", "2027-11-07 05:30", "2027-11-07 06:30"),
    ("America/New_York", "2026-11-01 01:59", "2026-11-01 05:59", "2026-11-01 06:59"),
    ("Europe/London", "2027-10-31 01:30", "2027-10-31 00:30", "2027-10-31 01:30"),
    ("Europe/Madrid", "2026-10-25 02:30", "2026-10-25 00:30", "2026-10-25 01:30"),
]


def local(text):
    return datetime.fromisoformat(text)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("here", "zone", "expected"), GOLDEN)
def test_the_golden_times_of_the_wall_become_these_instants(here, zone, expected):
    assert instant_of(local(here), zone) == utc(expected)
    assert instant_of(local(here), zone, second=True) == utc(expected)


@pytest.mark.parametrize(("instant", "clocks"), SEEN)
def test_an_instant_shows_these_hours_around_the_world(instant, clocks):
    assert [filters.clock_time(utc(instant), zone) for zone in SIX] == clocks.split()


@pytest.mark.parametrize(("day", "in_utc", "in_manila"), SERIES)
def test_ten_in_new_york_moves_in_manila_when_new_york_changes_its_clocks(day, in_utc, in_manila):
    found = instant_of(local(f"{day} 10:00"), "America/New_York")
    assert found == utc(f"{day} {in_utc}")
    assert filters.clock_time(found, "Asia/Manila") == in_manila


@pytest.mark.parametrize(("zone", "day", "gone", "proposed", "in_utc"), CHANGES)
def test_a_time_that_the_clocks_jump_over_is_refused_with_the_next_one(
    zone, day, gone, proposed, in_utc
):
    for second in (False, True):
        with pytest.raises(NoSuchTime, match=f"{gone} does not exist.*Use {proposed}") as refused:
            instant_of(local(f"{day} {gone}"), zone, second=second)
        assert refused.value.proposed == local(f"{day} {proposed}")
    assert instant_of(refused.value.proposed, zone) == utc(f"{day} {in_utc}")


@pytest.mark.parametrize(("zone", "here", "first", "second"), TWICE)
def test_a_time_that_comes_twice_is_the_first_unless_the_second_is_meant(
    zone, here, first, second
):
    assert instant_of(local(here), zone) == utc(first)
    assert instant_of(local(here), zone, second=True) == utc(second)


@pytest.mark.parametrize("zone", ["Asia/Manila", "Asia/Kolkata", "Africa/Johannesburg",
                                  "America/Jamaica", "America/Bogota"])  # fmt: skip
def test_where_clocks_never_change_every_hour_of_the_year_exists_once(zone):
    for month in range(1, 13):
        for hour in range(24):
            wall = datetime(2027, month, 14, hour, 30)
            found = instant_of(wall, zone)
            assert found == instant_of(wall, zone, second=True)
            assert found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall
