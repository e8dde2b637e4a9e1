"""Which versions of a practice its readers had before them: only those can be cited."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

PUBLISHED = "published"


class Made(Protocol):
    version: int
    made_at: datetime


class Move(Protocol):
    old: str | None
    new: str
    at: datetime


def readers_had(made: Sequence[Made], moves: Sequence[Move], *, is_published: bool) -> set[int]:
    """Versions that were the current one at some moment while the practice was published.

    A practice taken over from a file is published without a move: then it was so from the start.
    """
    moves = sorted(moves, key=lambda one: one.at)
    was = moves[0].old == PUBLISHED if moves else is_published
    made = sorted(made, key=lambda one: one.version)
    had = set()
    for number, one in enumerate(made):
        until = made[number + 1].made_at if number + 1 < len(made) else None
        before = [move.new == PUBLISHED for move in moves if move.at <= one.made_at]
        during = [
            move.new == PUBLISHED
            for move in moves
            if one.made_at < move.at and (until is None or move.at < until)
        ]
        if (before[-1] if before else was) or any(during):
            had.add(one.version)
    return had
