"""Questions that many acts ask one by one, answered for a few of them in one statement each.

A question is a function of several keys that answers with a dict. Whoever needs one answer asks
`each`; whoever is about to do many acts reads ahead for all of them, in the transaction of the
acts, and each of them finds its answer there.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Subject = TypeVar("Subject")
Answer = TypeVar("Answer")
Question = Callable[[Collection[Subject]], dict[Subject, Answer]]

_known: ContextVar[Mapping[Question[Any, Any], Mapping[Any, Any]]] = ContextVar("known")


def each(question: Question[Subject, Answer], subject: Subject) -> Answer:
    """The answer for one: as it was read ahead, else asked now."""
    known = _known.get({}).get(question, {})
    found: Answer = known[subject] if subject in known else question([subject])[subject]
    return found


@contextmanager
def reading(asked: Mapping[Question[Any, Any], Collection[Any]]) -> Iterator[None]:
    """Ask each question for all its subjects now; the answers hold until the block ends.

    The caller holds what the answers follow from, and ends its transaction with the block.
    """
    token = _known.set({question: question(subjects) for question, subjects in asked.items()})
    try:
        yield
    finally:
        _known.reset(token)
