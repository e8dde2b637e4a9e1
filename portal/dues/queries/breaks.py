"""What stops a charge that was announced: once it is over, the charge is announced anew."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, Subquery, and_, func, or_, select

from portal.association.queries import today
from portal.core.db import db
from portal.dues.models import Instalment, InvoiceLine
from portal.dues.queries.reopened import reversals
from portal.members.models import Overlay
from portal.members.overlays import STOPS_REMINDERS, lies_on

# A room that knows who stays after all says so: by membership, the number of its last such row.
stays: list[Callable[[], Select[int, int]]] = []


def ended_breaks(invoice_ids: Sequence[int]) -> dict[int, str]:
    """Of each invoice that was stopped and is so no more, a mark that grows with every end.

    A hold or pause of it or of its membership, a plan of parts, a resignation that was taken
    back, money that paid it and is gone. One statement for each of these.
    """
    if not invoice_ids:
        return {}
    plans = (
        select(Instalment.invoice_id, func.max(Instalment.id))
        .where(Instalment.invoice_id.in_(invoice_ids), Instalment.ended_at.is_not(None))
        .group_by(Instalment.invoice_id)
    )
    queries: list[tuple[str, Select[Any, int]]] = [
        ("hold", _holds(invoice_ids)), ("owed", reversals(invoice_ids)), ("plan", plans),
        *(("stay", _of_memberships(find(), invoice_ids)) for find in stays),
    ]  # fmt: skip
    found: dict[int, str] = {}
    for name, query in queries:
        for invoice_id, row_id in db.session.execute(query):
            found[invoice_id] = f"{found.get(invoice_id, '')}:{name}-{row_id}"
    return found


def _holds(invoice_ids: Sequence[int]) -> Select[int, int]:
    lines = _lines(invoice_ids)
    lies = or_(
        and_(Overlay.subject_kind == "invoice", Overlay.subject_id == lines.c.invoice_id),
        and_(Overlay.subject_kind == "membership", Overlay.subject_id == lines.c.membership_id),
    )
    return (
        select(lines.c.invoice_id, func.max(Overlay.id))
        .join(Overlay, lies)
        .where(
            Overlay.kind.in_(STOPS_REMINDERS), Overlay.from_on <= today(), ~lies_on(today()),
        )
        .group_by(lines.c.invoice_id)
    )  # fmt: skip


def _of_memberships(found: Select[int, int], invoice_ids: Sequence[int]) -> Select[int, int]:
    lines, rows = _lines(invoice_ids), found.subquery()
    membership_id, row_id = rows.c
    return (
        select(lines.c.invoice_id, func.max(row_id))
        .join(rows, membership_id == lines.c.membership_id)
        .group_by(lines.c.invoice_id)
    )


def _lines(invoice_ids: Sequence[int]) -> Subquery:
    query = select(InvoiceLine.invoice_id, InvoiceLine.membership_id)
    return query.where(InvoiceLine.invoice_id.in_(invoice_ids)).distinct().subquery()
