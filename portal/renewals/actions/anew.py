"""A renewal that is out and wholly unpaid is charged anew when its numbers change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from portal.association.queries import association, today
from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions as dues
from portal.dues.actions import LineDraft
from portal.dues.declaring import Size
from portal.dues.models import Invoice, Tariff
from portal.dues.periods import NotQuotable
from portal.dues.queries.claimed import Out, touched
from portal.members.models import Organization
from portal.renewals import queries
from portal.renewals.actions.agreeing import Reconciliation, compare_ahead, drafts_for, settle
from portal.renewals.actions.renewing import lock
from portal.renewals.models import Renewal
from portal.renewals.prices import A_YEAR, quoted, size_of_next

WHY = "The numbers that it was reckoned by have changed"


@dataclass(frozen=True)
class Plan:
    """What new numbers do to an invoice that is out; nothing where it costs the same."""

    invoice: Invoice
    tariff: Tariff
    found: Reconciliation | None = None
    why_kept: str = ""

    @property
    def lines(self) -> list[LineDraft]:
        is_same = self.found is None or self.found.difference.is_nothing
        return drafts_for(self.found, self.tariff) if self.found and not is_same else []


def charge_anew(firm_id: int, membership_id: int | None = None) -> None:
    """Credit each unpaid renewal that costs another price by now, and issue it again.

    A second time there is nothing to do. The caller commits.
    """
    for renewal, invoice in hold_out(firm_id, membership_id):
        plan = _plan(renewal, invoice, size_of_next(renewal))
        if plan.found and plan.lines and not plan.why_kept:
            settle(plan.found, plan.tariff, WHY, _not_before(renewal))


def charge_for(firm: Organization) -> None:
    """Numbers of the firm were signed."""
    charge_anew(firm.id)


def hold_out(firm_id: int, membership_id: int | None = None) -> list[tuple[Renewal, Invoice]]:
    """The renewals of a firm, or of one membership, that are out and begin no term yet.

    All are held until the caller commits.
    """
    firm = db.session.get_one(Organization, firm_id, with_for_update={"key_share": True})
    out = [(one, _held(one)) for one in queries.renewals_out(firm.id, membership_id)]
    return [(renewal, invoice) for renewal, invoice in out if invoice]


def _held(renewal: Renewal) -> Invoice | None:
    """Its invoice, both held as whoever pays holds them; None once a term follows."""
    while invoice := renewal.invoice:
        dues.hold(invoice)
        if lock(renewal).invoice_id == invoice.id:
            return None if queries.next_term_of(renewal.term) else invoice
    return None


def _not_before(renewal: Renewal) -> date | None:
    return None if renewal.cuts_short else renewal.term.end_on


def _plan(renewal: Renewal, invoice: Invoice, size: Size) -> Plan:
    starts_on = renewal.starts_on or date.max
    tariff = quoted(renewal.tariffs, renewal.term.membership.organization, starts_on)
    plan = partial(Plan, invoice, tariff)
    if any(line.covers_from and line.covers_from < starts_on for line in invoice.lines):
        return plan(why_kept="it charges days before that term too")
    try:
        found = compare_ahead(renewal, invoice, size)
    except NotQuotable:
        return plan(why_kept="nobody decided a price for the new numbers")
    made = plan(found)
    if made.lines and sum(line.net_minor for line in made.lines) < 0:
        return plan(why_kept="what is left of the trial is worth more")
    return replace(made, why_kept=touched(invoice)) if made.lines else made


def foreseen_out(
    firm_id: int, numbers: Mapping[str, str], membership_id: int | None, until: date | None
) -> list[Out]:
    """What these numbers would do to each renewal that is out; `until` ends what they count."""
    return [
        _foreseen(one, one.invoice, numbers, until)
        for one in queries.renewals_out(firm_id, membership_id) if one.invoice
    ]  # fmt: skip


def _foreseen(
    renewal: Renewal, invoice: Invoice, numbers: Mapping[str, str], until: date | None
) -> Out:
    size, oldest = size_of_next(renewal), renewal.term.start_on - A_YEAR
    is_fresh = until is None or until >= oldest
    size = replace(size, metrics={**size.metrics, **numbers}) if is_fresh else size
    plan, starts_on = _plan(renewal, invoice, size), renewal.starts_on or today()
    out = Out(invoice, starts_on, is_known=True, why_kept=plan.why_kept)
    if plan.why_kept or not plan.lines:
        return out
    percent = str(plan.tariff.book.get("tax_percent", "0"))
    due_on = today() + timedelta(days=association().due_days)
    total = Money(dues.total_of(plan.lines, percent), plan.tariff.currency)
    return replace(out, anew=total, due_on=max(due_on, _not_before(renewal) or due_on))
