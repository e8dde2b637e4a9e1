"""Invoices of which nobody is reminded: on hold, paused, excused. Their due day stays."""

from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select

from portal.core.db import db
from portal.dues.models import Invoice
from portal.members.models import Overlay, OverlayKind

SAID = {
    OverlayKind.HOLD: "it is on hold", OverlayKind.PAUSE: "its reminders are paused",
    OverlayKind.EXCUSE: "a body excused it",
}  # fmt: skip


def _lies_on(day: date) -> ColumnElement[bool]:
    return and_(
        Overlay.subject_kind == "invoice", Overlay.kind == OverlayKind.HOLD,
        Overlay.lifted_at.is_(None), Overlay.from_on <= day,
        or_(Overlay.until_on.is_(None), Overlay.until_on >= day),
    )  # fmt: skip


def is_held(day: date) -> ColumnElement[bool]:
    """True where the invoice of the outer query is on hold."""
    found = select(Overlay.id).where(Overlay.subject_id == Invoice.id, _lies_on(day))
    return found.correlate(Invoice).exists()


def hold_of(invoice: Invoice, day: date) -> Overlay | None:
    """What holds an invoice on a day, and why."""
    query = select(Overlay).where(Overlay.subject_id == invoice.id, _lies_on(day))
    return db.session.scalars(query.order_by(Overlay.id.desc())).first()


def stop_said(invoice: Invoice, day: date) -> str:
    """What keeps reminders of an invoice back on a day or from a later one on; "" for nothing."""
    query = select(Overlay).where(
        Overlay.subject_kind == "invoice", Overlay.subject_id == invoice.id,
        Overlay.kind.in_(list(SAID)), Overlay.lifted_at.is_(None),
        or_(Overlay.until_on.is_(None), Overlay.until_on >= day),
    )  # fmt: skip
    found = db.session.scalars(query.order_by(Overlay.id.desc())).first()
    return SAID[found.kind] if found else ""
