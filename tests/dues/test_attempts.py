"""Every pair of statuses of an attempt: in the table, or refused."""

import pytest

from portal.core.states import IllegalMove
from portal.dues.models import AttemptStatus

A = AttemptStatus

MOVES = {
    (A.CREATED, A.OPEN), (A.CREATED, A.UNKNOWN), (A.CREATED, A.CANCELLED),
    (A.UNKNOWN, A.OPEN), (A.UNKNOWN, A.SUCCEEDED), (A.UNKNOWN, A.FAILED),
    (A.UNKNOWN, A.EXPIRED), (A.UNKNOWN, A.CANCELLED), (A.OPEN, A.PROCESSING),
    (A.OPEN, A.SUCCEEDED), (A.OPEN, A.FAILED), (A.OPEN, A.EXPIRED),
    (A.PROCESSING, A.SUCCEEDED), (A.PROCESSING, A.FAILED), (A.EXPIRED, A.SUCCEEDED),
    (A.FAILED, A.SUCCEEDED),
}  # fmt: skip


@pytest.mark.parametrize("old", A)
@pytest.mark.parametrize("new", A)
def test_every_move_of_an_attempt_is_in_the_table_or_refused(old, new):
    if (old, new) in MOVES:
        assert old.to(new) is new
    else:
        with pytest.raises(IllegalMove):
            old.to(new)
