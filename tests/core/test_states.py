"""Statuses: the moves a table allows, and a sentence for every other."""

import pytest

from portal.core.states import IllegalMove, Refused, Status


class Light(Status):
    RED_AMBER = "red_amber"
    GREEN = "green"
    GONE = "gone"

    @classmethod
    def moves(cls):
        return {cls.RED_AMBER: {cls.GREEN}, cls.GREEN: {cls.RED_AMBER, cls.GONE}}


def test_a_legal_move_gives_the_new_status():
    assert Light.RED_AMBER.may_become(Light.GREEN)
    assert Light.RED_AMBER.to(Light.GREEN) is Light.GREEN


@pytest.mark.parametrize(
    ("old", "new"),
    [(Light.RED_AMBER, Light.GONE), (Light.GONE, Light.GREEN), (Light.GREEN, Light.GREEN)],
)
def test_any_other_is_refused_in_words(old, new):
    assert not old.may_become(new)
    with pytest.raises(IllegalMove) as refused:
        old.to(new)
    assert isinstance(refused.value, Refused)
    assert str(refused.value).startswith(f"This is {old.replace('_', ' ')} and cannot become")
