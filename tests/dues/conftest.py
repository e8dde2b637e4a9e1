"""A firm that lets us charge its card, and days that pass for it and for others."""

import pytest

from tests.dues.kept import Days, make_payer


@pytest.fixture
def on(at):
    """Set the clock to noon of a day: `on(date(2026, 3, 2))`."""
    return lambda day: at(day.year, day.month, day.day, 12)


@pytest.fixture
def days(at, stripe):
    return Days(at, stripe)


@pytest.fixture
def payer():
    """Its dues contact, and the firm."""
    return make_payer()
