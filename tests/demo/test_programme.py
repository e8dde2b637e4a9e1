"""The invented events lie on days on which people work, whichever day the demo is founded."""

from datetime import date, timedelta

import pytest

from portal.core import working_days
from portal.demo.seed.programme import PLANNED

DAYS = [date(2026, 11, 23) + timedelta(days=n) for n in range(7)]
HOLIDAYS = [date(2026, 12, 24), date(2027, 3, 25), date(2028, 2, 29)]


@pytest.mark.parametrize("today", DAYS + HOLIDAYS, ids=lambda day: f"{day:%a %d %b %Y}")
def test_every_day_of_every_event_is_a_working_day(today):
    for plan in PLANNED:
        starts, ends = plan.times(today)
        days = [starts.date() + timedelta(days=n) for n in range(plan.lasts)]
        assert all(working_days.is_working_day(day) for day in days), plan.title
        assert timedelta(days=plan.lasts - 1) < ends - starts < timedelta(days=plan.lasts)
        assert starts.date() < today if plan.days < 0 else starts.date() > today, plan.title


def test_what_is_told_of_several_days_lasts_as_long():
    long = {plan.title.split()[0]: plan.lasts for plan in PLANNED if plan.lasts > 1}
    assert long == {"Annual": 2, "A": 5}
    assert "Two days" in next(one.summary for one in PLANNED if one.lasts == 2)
    assert "Five days" in next(one.summary for one in PLANNED if one.lasts == 5)


def test_no_title_names_a_season_or_a_year_which_the_day_of_founding_decides():
    words = " ".join(f"{plan.title} {plan.summary} {plan.points}" for plan in PLANNED)
    for word in ("Autumn", "Summer", "Spring", "Winter", "20"):
        assert word not in words
