"""Every engine goes through the same suite; none of it needs the database."""

import pytest

from portal.core.search import WhooshEngine

SYNONYMS = """
# what the trade says, and what it says instead
attrition, turnover, early leavers
AHT, average handling time
churn -> customer loss
x, single letter
"""


def whoosh(folder):
    synonyms = folder / "synonyms.txt"
    synonyms.write_text(SYNONYMS, "utf-8")
    return WhooshEngine(folder / "index", synonyms, time_limit=5)


ENGINES = [whoosh]


@pytest.fixture(autouse=True)
def empty_tables():
    """The tables of the application stay as they are."""


@pytest.fixture(params=ENGINES, ids=lambda factory: factory.__name__)
def engine(request, tmp_path):
    engine = request.param(tmp_path)
    yield engine
    engine.close()
