"""Golden facts need the real files: collected only where BILL_SAMPLES names their folder."""

import os

import pytest

from tests.legislation.taking import places_again

GOLDEN = ["test_golden_bills.py", "test_golden_places.py"]
collect_ignore = [] if os.environ.get("BILL_SAMPLES") else GOLDEN


@pytest.fixture
def places(app):
    """The real places and sessions."""
    places_again()
