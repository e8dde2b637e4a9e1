"""A firm that lets us charge its card, and days that pass for it."""

import pytest

from tests.dues.kept import Days, make_payer


@pytest.fixture
def days(at, stripe):
    return Days(at, stripe)


@pytest.fixture
def payer():
    """Its dues contact, and the firm."""
    return make_payer()
