"""Legal moves between statuses, as data, and the refusal a member can read."""

from enum import StrEnum
from typing import Self


class Refused(Exception):
    """Something that is not allowed now; its text is a sentence for the person who asked."""


class IllegalMove(Refused):
    def __init__(self, old: StrEnum, new: StrEnum) -> None:
        super().__init__(
            f"This is {old.value.replace('_', ' ')} and cannot become "
            f"{new.value.replace('_', ' ')}."
        )


class Status(StrEnum):
    """A status that knows which statuses may follow it."""

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        raise NotImplementedError

    def may_become(self, new: Self) -> bool:
        return new in self.moves().get(self, set())

    def to(self, new: Self) -> Self:
        """`new`, when the move is legal; raises `IllegalMove` otherwise."""
        if not self.may_become(new):
            raise IllegalMove(self, new)
        return new
