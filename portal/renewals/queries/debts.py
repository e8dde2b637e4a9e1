"""Questions about unpaid dues: of whom we remind, and what waits for one of us."""

from datetime import date, timedelta

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import contains_eager

from portal.dues.models import Invoice, InvoiceKind
from portal.dues.queries.invoices import owed
from portal.members.models import Membership, OverlayKind
from portal.members.overlays import STOPS_REMINDERS, is_under
from portal.renewals.ladders import INVOICE
from portal.renewals.models import Resignation

FIRST_TASK_DAYS = min(step.days for step in INVOICE if step.task)


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


def to_act_on(day: date) -> Select[int, date]:
    """Unpaid dues at a step that asks one of us to act, and nothing stops it; since when."""
    under = is_under("invoice", Invoice.id, [*STOPS_REMINDERS, OverlayKind.EXCUSE], day)
    query = unpaid(day, -FIRST_TASK_DAYS).where(~under)
    return query.with_only_columns(
        Invoice.id, Invoice.due_on.label("since"), maintain_column_froms=True
    )
