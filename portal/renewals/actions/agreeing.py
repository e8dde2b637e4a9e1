"""The invoices of a membership made to agree with what they should say. The caller commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.association.queries import today
from portal.core import audit
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.actions import LineDraft
from portal.dues.declaring import Size
from portal.dues.models import Invoice, InvoiceKind, InvoiceLine, Tariff
from portal.dues.pricing import Quote, QuoteLine
from portal.members.models import Membership, Term
from portal.renewals import queries
from portal.renewals.actions.billing import claim, drafts, drafts_again
from portal.renewals.actions.renewing import bind, unbind
from portal.renewals.models import Renewal
from portal.renewals.prices import quotes_ahead, quotes_of
from portal.renewals.reconciling import Charge, Difference, difference

REGULAR = ("dues",)  # what a term is charged again for when its facts change
LOOK_BACK = timedelta(days=400)


def lines_of(quotes: Sequence[Quote]) -> tuple[QuoteLine, ...]:
    return tuple(line for one in quotes for line in one.lines)


def _charge(line: QuoteLine | InvoiceLine) -> Charge | None:
    minor = line.net if isinstance(line, QuoteLine) else line.net_minor
    if line.income not in REGULAR or not line.covers_from or not line.covers_to:
        return None
    return Charge(line.income, line.covers_from, line.covers_to, line.rule, minor)


@dataclass(frozen=True)
class Reconciliation:
    """Of one membership: what its invoices say and what they should, in charges and in words."""

    membership: Membership
    should: tuple[QuoteLine, ...]
    issued: tuple[Invoice, ...]
    difference: Difference

    @property
    def missing(self) -> list[QuoteLine]:
        """The lines to be issued."""
        wanted, found = list(self.difference.missing), []
        for line in self.should:
            charge = _charge(line)
            if charge in wanted:
                wanted.remove(charge)
                found.append(line)
        return found

    @property
    def wrong(self) -> list[Invoice]:
        return [one for one in self.issued if one.id in self.difference.wrong]

    @cached_property  # as found, whatever is credited since
    def beside(self) -> list[InvoiceLine]:
        """Seats, fees, gifts on invoices to be credited, for days that stay charged.

        They are issued again as they are.
        """
        days = [(one.covers_from, one.covers_to) for one in self.should]
        return [
            line for invoice in self.wrong for line in _left_on(invoice)
            if line.income not in REGULAR and any(
                first and last and line.covers_from and first <= line.covers_from <= last
                for first, last in days
            )
        ]  # fmt: skip


def _left_on(invoice: Invoice) -> list[InvoiceLine]:
    """Without lines that a credit note took back whole, as a gift that was left out."""
    left = dues_queries.creditable(invoice)
    return [line for line in invoice.lines if left[line.id] or not line.net_minor]


def compare(membership: Membership) -> Reconciliation:
    """Terms of the last year or so, and the renewal that is out, beside their invoices."""
    since = today() - LOOK_BACK
    terms = [one for one in membership.terms if one.cancelled_at is None and one.end_on >= since]
    leaving = queries.resignation_of(membership)
    last_day = leaving.leaves_on if leaving else date.max
    quotes = [found for one in terms if one.start_on <= last_day for found in quotes_of(one)]
    quotes += _ahead(terms, last_day)
    should = tuple(line for line in lines_of(quotes) if _charge(line))
    first = min((one.start_on for one in terms), default=today())
    return _compared(membership, should, _issued(membership, first))


def _ahead(terms: Sequence[Term], last_day: date) -> list[Quote]:
    """Of the renewal that was invoiced and is no term yet, unless the firm leaves before."""
    found = []
    for term in terms:
        renewal = queries.renewal_of(term)
        is_out = renewal and renewal.invoice and not queries.next_term_of(term)
        if renewal and is_out and renewal.starts_on and renewal.starts_on <= last_day:
            found += quotes_ahead(renewal)
    return found


def compare_ahead(renewal: Renewal, invoice: Invoice, size: Size) -> Reconciliation:
    """The renewal that is out alone, by these numbers. Raises `NotQuotable`."""
    should = tuple(line for line in lines_of(quotes_ahead(renewal, size)) if _charge(line))
    return _compared(renewal.term.membership, should, [invoice])


def _compared(
    membership: Membership, should: tuple[QuoteLine, ...], issued: Sequence[Invoice]
) -> Reconciliation:
    charged = {one.id: [found for line in one.lines if (found := _charge(line))] for one in issued}
    expected = [found for line in should if (found := _charge(line))]
    return Reconciliation(membership, should, tuple(issued), difference(expected, charged))


def _issued(membership: Membership, first: date) -> Sequence[Invoice]:
    """Dues invoices that stand, for days from `first` on."""
    query = (
        select(Invoice)
        .join(Invoice.lines)
        .where(
            Invoice.kind == InvoiceKind.DUES, ~queries.is_credited(),
            queries.charges(membership),
            InvoiceLine.income.in_(REGULAR), InvoiceLine.covers_from >= first,
        )
        .options(selectinload(Invoice.lines))
        .order_by(Invoice.id)
    )  # fmt: skip
    return db.session.scalars(query).unique().all()


def _let_loose(wrong: Sequence[Invoice]) -> Renewal | None:
    """The last renewal that hangs on these: it goes on, on the invoice that replaces its own."""
    query = select(Renewal).where(Renewal.invoice_id.in_([one.id for one in wrong]))
    found = db.session.scalars(query.order_by(Renewal.id)).all()
    for renewal in found:
        renewal.invoice = None
    db.session.flush()
    return found[-1] if found else None


def _refuse_below_zero(lines: Sequence[LineDraft], currency: str) -> None:
    net = Money(sum(line.net_minor for line in lines), currency)
    if net.minor < 0:
        raise Refused(
            f"What is missing comes to {-net} less than nothing, and no invoice is below zero: "
            "give it back by a credit note on an invoice of these days."
        )


def drafts_for(found: Reconciliation, tariff: Tariff | None) -> list[LineDraft]:
    """The lines to be issued, by what stands before anything is taken back."""
    if tariff is None:
        return []
    again = drafts_again(found.beside, tariff)
    return [*drafts(found.missing, found.membership.id), *again]


def reconcile(membership: Membership, why: str) -> Reconciliation:
    """Credit what is wrong, issue what is missing; a second time there is nothing to do.

    Raises `Refused` where what is missing comes to less than nothing.
    """
    db.session.get_one(Membership, membership.id, with_for_update=True)
    found = compare(membership)
    is_missing = found.missing or found.beside
    settle(found, dues_queries.frozen_tariff(membership.terms[-1]) if is_missing else None, why)
    return found


def settle(
    found: Reconciliation, tariff: Tariff | None, why: str, not_before: date | None = None
) -> None:
    """Credit what is wrong, and issue what is missing by a tariff, due on a day or later."""
    lines = drafts_for(found, tariff)
    if tariff:
        _refuse_below_zero(lines, tariff.currency)
    renewal = _let_loose(found.wrong)
    for invoice in found.wrong:
        dues.credit(invoice, why)
    if tariff:
        made = claim(found.membership.organization, tariff, lines, not_before)
        if renewal:
            bind(renewal, made)
    elif renewal:
        unbind(renewal)
    audit.record(
        "membership.reconciled", found.membership, why=why, missing=len(lines),
        credited=[one.number for one in found.wrong],
    )  # fmt: skip
