"""Whether the dues of a term to come are on an invoice already."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from portal.association.queries import today
from portal.core.db import db
from portal.core.merging import names_of
from portal.core.money import Money
from portal.dues.models import Invoice, InvoiceKind, InvoiceLine
from portal.dues.queries.credits import credit_notes_of, creditable
from portal.dues.queries.holds import stop_said
from portal.dues.queries.invoices import owed, sums
from portal.dues.queries.kept_cards import live_attempt
from portal.members.models import Organization


@dataclass(frozen=True)
class Out:
    """An unpaid invoice of dues for a term to come, and what new numbers do to it.

    `anew` is the total of the one that would replace it, due on `due_on`; it stays for a reason,
    or because it costs the same. Of one that no room knows, nothing is said of that.
    """

    invoice: Invoice
    starts_on: date
    is_known: bool = False
    why_kept: str = ""
    anew: Money | None = None
    due_on: date | None = None

    @property
    def costs_the_same(self) -> bool:
        return self.is_known and not self.why_kept and self.anew is None


# What numbers of a firm would do to its invoices that are out, asked of the rooms above: all or
# those of one membership; the last day of what was counted, where they are signed for a period.
foresee: list[Callable[[int, Mapping[str, str], int | None, date | None], list[Out]]] = []


def touched(invoice: Invoice) -> str:
    """Why it is not made anew by itself, as words that follow; "" where nothing was done to it."""
    found = sums([invoice.id])[invoice.id]
    told = (
        (found.paid, "part of it is paid"),
        (found.written_off, "part of it was written off"),
        (found.voided or _is_credited(invoice), "part of it was taken back"),
        (found.instalments, "it is paid in parts"),
        (live_attempt(invoice.id), "a card payment of it is under way"),
    )
    return next((words for fact, words in told if fact), stop_said(invoice, today()))


def _is_credited(invoice: Invoice) -> bool:
    """By more than a gift that was left out whole."""
    lines = [line for note in credit_notes_of(invoice) for line in note.lines]
    left = creditable(invoice)
    is_gift = all(
        one.invoice_line.income == "gift" and not left[one.invoice_line_id] for one in lines
    )
    return bool(sums([invoice.id])[invoice.id].credited) and not (lines and is_gift)


def invoices_out(
    organization_id: int, numbers: Mapping[str, str], membership_id: int | None = None,
    until: date | None = None,
) -> list[Out]:  # fmt: skip
    """A firm's unpaid invoices of dues for days to come, or those of one of its memberships, and
    what these numbers do to them.
    """
    told = (organization_id, numbers, membership_id, until)
    known = [one for ask in foresee for one in ask(*told)]
    known = [one for one in known if sums([one.invoice.id])[one.invoice.id].balance]
    ids = {one.invoice.id for one in known}
    others = _unpaid_ahead(organization_id, membership_id)
    return known + [Out(one, first) for one, first in others if one.id not in ids]


def _unpaid_ahead(organization_id: int, membership_id: int | None) -> list[tuple[Invoice, date]]:
    """With the first of the days to come that they charge."""
    first: Any = func.min(InvoiceLine.covers_from)
    query = select(Invoice, first).join(Invoice.lines)
    query = query.where(
        Invoice.organization_id.in_(names_of(Organization, organization_id)),
        Invoice.kind == InvoiceKind.DUES, InvoiceLine.income == "dues",
        InvoiceLine.covers_from > today(), owed() > 0,
    )  # fmt: skip
    if membership_id is not None:
        mine = InvoiceLine.membership_id == membership_id
        query = query.where(or_(mine, InvoiceLine.membership_id.is_(None)))
    found = db.session.execute(query.group_by(Invoice.id).order_by(Invoice.id))
    return [(invoice, first_day) for invoice, first_day in found]
