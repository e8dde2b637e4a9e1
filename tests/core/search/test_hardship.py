"""Eight threads search while another process indexes; writers are killed; nothing wrong is found.

`make bench-search` does the same with 20,000 searches.
"""

import pytest

from bench.hardship import killed, searched_while_indexed


@pytest.mark.slow
def test_eight_threads_find_what_stands_while_a_job_indexes(place):
    outcome = searched_while_indexed(place.engine, searches=480)
    assert (outcome.searches, outcome.wrong, outcome.errors) == (480, 0, ())


@pytest.mark.slow
def test_killed_writers_leave_an_index_that_answers_and_a_rebuild_makes_whole(place):
    outcome = killed(place.engine, times=20)
    assert (outcome.wrong, outcome.errors) == (0, ())
