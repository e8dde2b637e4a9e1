"""Answers that cost much, kept in this process until something is recorded."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select

from portal.core.audit import AuditHead
from portal.core.db import Model, db

Answer = TypeVar("Answer")
MOST = 200  # questions with an answer kept, by database
KEPT: WeakKeyDictionary[Engine, dict[Hashable, tuple[Any, Any]]] = WeakKeyDictionary()


def kept(
    question: Hashable, tables: tuple[type[Model], ...], answer: Callable[[], Answer]
) -> Answer:
    """The answer, reckoned again once the record or one of the tables has grown.

    Every act moves the end of the record in the transaction of the act, one after the other, so
    an end that stands still says that nothing was done since. The question must name whatever
    else the answer follows from, such as the day.
    """
    if db.session.info.get("audit"):
        return answer()
    return kept_under(_mark(tables), question, answer)


def kept_under(mark: Hashable, question: Hashable, answer: Callable[[], Answer]) -> Answer:
    """The answer, reckoned again once the mark, which the caller read before, is another one."""
    if db.session.info.get("audit"):  # this transaction is changing what would be kept
        return answer()
    known = KEPT.setdefault(db.engine, {})
    if question in known and known[question][0] == mark:
        return cast("Answer", known[question][1])
    found = answer()  # read after the mark: too new at worst, and then reckoned once more
    if len(known) >= MOST:
        known.clear()
    known[question] = mark, found
    return found


def _mark(tables: tuple[type[Model], ...]) -> tuple[Any, ...]:
    ends = (select(func.max(one.__table__.c.id)).scalar_subquery() for one in tables)
    last = select(AuditHead.last_hash).where(AuditHead.id == 1).scalar_subquery()
    return tuple(db.session.execute(select(last, *ends)).one())
