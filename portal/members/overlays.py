"""Dated overlays: which lie on a thing on a day, and what they take from a firm."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, or_, select

from portal.core.db import db
from portal.members.access_table import Taking
from portal.members.adopted import access_on
from portal.members.models import Membership, Overlay, OverlayKind
from portal.members.policy import Feature, Scope, scopes_against

# A room that knows of money says which firms have owed for so long, of the firm ids in a column.
Owing = Callable[[date, SQLColumnExpression[Any], Taking], ColumnElement[bool]]
owes_too_long: list[Owing] = []
STOPS_REMINDERS = (OverlayKind.HOLD, OverlayKind.PAUSE)


def lies_on(day: date) -> ColumnElement[bool]:
    """True of overlays that hold on a day."""
    return and_(
        Overlay.lifted_at.is_(None), Overlay.from_on <= day,
        or_(Overlay.until_on.is_(None), Overlay.until_on >= day),
    )  # fmt: skip


def is_under(
    subject_kind: str,
    subject_id: SQLColumnExpression[Any],
    kinds: Iterable[OverlayKind],
    day: date,
) -> ColumnElement[bool]:
    """True where one of these overlays holds on the subject, for the conditions of a query."""
    found = select(Overlay.id).where(
        Overlay.subject_kind == subject_kind, Overlay.subject_id == subject_id,
        Overlay.kind.in_(list(kinds)), lies_on(day),
    )  # fmt: skip
    return found.exists()


def keeps(feature: Feature, day: date) -> ColumnElement[bool]:
    """True of a membership from which neither a suspension nor old debts take the feature."""
    suspended = select(Overlay.id).where(
        Overlay.subject_kind == "membership", Overlay.subject_id == Membership.id,
        Overlay.kind == OverlayKind.SUSPENSION, Overlay.scope.in_(scopes_against(feature)),
        lies_on(day),
    )  # fmt: skip
    owing = [
        owes(day, Membership.organization_id, one)
        for one in access_on(day).that_take(feature) for owes in owes_too_long
    ]  # fmt: skip
    return and_(~suspended.exists(), *(~one for one in owing))


def overlays_of(subject_kind: str, ids: Iterable[int]) -> Sequence[Overlay]:
    """All that ever lay on these things, the latest first."""
    query = select(Overlay).where(
        Overlay.subject_kind == subject_kind, Overlay.subject_id.in_(list(ids))
    )
    return db.session.scalars(query.order_by(Overlay.from_on.desc(), Overlay.id.desc())).all()


def suspended(day: date) -> Select[Overlay]:
    """The suspensions that hold on a day."""
    query = select(Overlay).where(Overlay.kind == OverlayKind.SUSPENSION, lies_on(day))
    return query.order_by(Overlay.from_on)


def scopes_on(found: Iterable[Overlay], day: date) -> frozenset[Scope]:
    """What is suspended on a day, of a firm's overlays."""
    return frozenset(
        Scope(one.scope) for one in found
        if one.kind is OverlayKind.SUSPENSION and one.holds_on(day)
    )  # fmt: skip
