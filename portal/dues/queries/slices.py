"""What is owed, by the day from which it is late: each part of a plan on its own."""

from datetime import date

from sqlalchemy import Subquery, case, func, or_, select

from portal.dues.models import Instalment, Invoice
from portal.dues.queries.invoices import owed


def slices(until: date | None = None) -> Subquery:
    """Rows of `invoice_id`, `due_on` and `minor`, all above zero: they add up to what is owed.

    `until` asks what was owed at the end of that day.
    """
    whole = (
        select(Invoice.id, Invoice.due_on, owed(until).label("owed"))
        .where(owed(until) > 0)
        .subquery()
    )
    earlier = func.lag(Instalment.left_minor).over(
        partition_by=Instalment.invoice_id, order_by=(Instalment.due_on, Instalment.id)
    )
    part = (
        select(
            Instalment.invoice_id, Instalment.due_on, Instalment.left_minor.label("after"),
            earlier.label("before"),
        )
        .where(Instalment.ended_at.is_(None))
        .subquery()
    )  # fmt: skip
    before = case((part.c.before < whole.c.owed, part.c.before), else_=whole.c.owed)
    return (
        select(
            whole.c.id.label("invoice_id"),
            func.coalesce(part.c.due_on, whole.c.due_on).label("due_on"),
            (before - func.coalesce(part.c.after, 0)).label("minor"),
        )
        .outerjoin(part, part.c.invoice_id == whole.c.id)
        .where(or_(part.c.after.is_(None), part.c.after < whole.c.owed))
        .subquery()
    )
