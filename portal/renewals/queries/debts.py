"""Questions about unpaid dues: of whom we remind, and what waits for one of us."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import contains_eager

from portal.association.queries import today
from portal.core.db import db
from portal.dues.models import Invoice, InvoiceKind
from portal.dues.queries.invoices import owed
from portal.members.models import Membership, OverlayKind
from portal.members.overlays import STOPS_REMINDERS, is_under
from portal.renewals.models import Resignation


def unpaid(day: date, ahead_days: int = 7) -> Select[Invoice]:
    """Dues on which something is owed and that are due by then, with the firm."""
    return (
        select(Invoice)
        .join(Invoice.organization)
        .where(Invoice.kind == InvoiceKind.DUES, owed() > 0)
        .where(Invoice.due_on <= day + timedelta(days=ahead_days))
        .options(contains_eager(Invoice.organization))
        .order_by(Invoice.due_on, Invoice.id)
    )


def to_remind(day: date) -> Select[Invoice]:
    """The unpaid that nothing stops us from reminding of: no hold, no pause, nobody who left."""
    left = exists().where(
        Resignation.membership_id == Membership.id,
        Membership.organization_id == Invoice.organization_id,
        Resignation.withdrawn_at.is_(None), Resignation.leaves_on < day,
    )  # fmt: skip
    stopped = is_under("invoice", Invoice.id, STOPS_REMINDERS, day)
    return unpaid(day).where(~stopped, ~left)


def excused(invoice_ids: Iterable[int], day: date) -> set[int]:
    """Of these invoices, those of which a body said that nothing follows for now."""
    under = is_under("invoice", Invoice.id, [OverlayKind.EXCUSE], day)
    query = select(Invoice.id).where(Invoice.id.in_(list(invoice_ids)), under)
    return set(db.session.scalars(query))


def tasks() -> tuple[int, date | None]:
    """How many unpaid dues wait for one of us to act, and since when the oldest."""
    query = (
        unpaid(today(), -45)
        .order_by(None)
        .with_only_columns(
            func.count(Invoice.id), func.min(Invoice.due_on), maintain_column_froms=True
        )
    )
    under = is_under("invoice", Invoice.id, [*STOPS_REMINDERS, OverlayKind.EXCUSE], today())
    count, first = db.session.execute(query.where(~under)).one()
    return count, first + timedelta(days=45) if first else None
