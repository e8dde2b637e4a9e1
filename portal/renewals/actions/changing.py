"""More inside a term is charged now, less waits for the next; and the books made to agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, partial

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.actions import LineDraft
from portal.dues.declaring import metrics_asked, people_in
from portal.dues.models import Invoice, InvoiceKind, InvoiceLine
from portal.dues.pricing import Quote, QuoteLine
from portal.members.models import Membership, Organization, Term
from portal.members.terms import TermEvent, refuse_unless_may, state_on
from portal.renewals import queries
from portal.renewals.actions.billing import claim, drafts, drafts_again
from portal.renewals.actions.renewing import bind, unbind
from portal.renewals.models import Renewal, TermChange
from portal.renewals.prices import (
    change_of,
    each_period,
    quote_next,
    quotes_of,
    size_now,
)
from portal.renewals.reconciling import Charge, Difference, difference

REGULAR = ("dues",)  # what a term is charged again for when its facts change
LOOK_BACK = timedelta(days=400)


@dataclass(frozen=True)
class Preview:
    """What a change would cost now; `waits` says that it counts from the next term on."""

    before: Mapping[str, str | None]
    after: Mapping[str, str]  # the numbers that change
    lines: tuple[QuoteLine, ...]
    now: Money
    waits: bool


def numbers_now(term: Term) -> dict[str, str | None]:
    """Each number that the term's tariff asks of it, as last told; None for one never told."""
    book, told = dues_queries.frozen_tariff(term).book, size_now(term).metrics
    return {one: told.get(one) for one in metrics_asked(book, [term.membership.kind])}


def preview(term: Term, metrics: Mapping[str, str], on: date | None = None) -> Preview:
    """What these numbers would cost instead of those that the term has now.

    Raises `NotQuotable` where nobody decided a price, `Refused` outside the term and where
    nothing changes.
    """
    day = on or today()
    refuse_unless_may(TermEvent.CHANGE, state_on(term.dates(), day))
    day = max(day, term.start_on)
    known = len(_lines(quotes_of(term)))
    before, tariff = numbers_now(term), dues_queries.frozen_tariff(term)
    new = {
        metric: value for metric, value in metrics.items()
        if Decimal(value) != Decimal(before.get(metric) or -1)
    }  # fmt: skip
    if not new:
        raise Refused("That is what we have already: nothing changes.")
    lines = _lines(quotes_of(term, (change_of(new, day),)))[known:]
    now = Money(sum(line.net for line in lines), tariff.currency)
    return Preview(before, new, lines, now, waits=not now)


def _lines(quotes: Sequence[Quote]) -> tuple[QuoteLine, ...]:
    return tuple(line for one in quotes for line in one.lines)


def change(term: Term, metrics: Mapping[str, str], reason: str, by: Person | None) -> TermChange:
    """Keep the change; an increase is invoiced for the days that are left, in one line each.

    Raises as `preview` does.
    """
    term = db.session.get_one(Term, term.id, with_for_update=True)
    found = preview(term, metrics)
    firm = term.membership.organization
    invoice = None
    if found.now:
        lines = drafts(found.lines, term.membership_id)
        invoice = claim(firm, dues_queries.frozen_tariff(term), lines)
    made = _keep(term, found.after, reason, by, is_correction=False)
    made.invoice = invoice
    db.session.flush()
    return made


def keep_price_facts(firm: Organization, found: dict[str, list[str]], reason: str) -> None:
    """What its price depends on beside numbers, from the next invoice on."""
    audit.record(
        "firm.price_facts", firm, reason=reason, before=firm.priced_by, after=found
    )  # fmt: skip
    firm.priced_by = found


def correct(term: Term, metrics: Mapping[str, str], reason: str, by: Person | None) -> TermChange:
    """It was so from the first day of the term; `reconcile` then makes the invoices agree."""
    return _keep(term, metrics, reason, by, is_correction=True)


def _keep(
    term: Term, metrics: Mapping[str, str], reason: str, by: Person | None, *, is_correction: bool
) -> TermChange:
    before, firm = size_now(term), term.membership.organization
    made = TermChange(
        term=term, on=term.start_on if is_correction else max(today(), term.start_on),
        metrics=dict(metrics), seats=before.seats, is_correction=is_correction, reason=reason,
        made_at=clock.now(), made_by=by.id if by else None,
    )  # fmt: skip
    db.session.add(made)
    if "metrics" in term.price_snapshot:  # else the profile is what the term is estimated by
        firm.headcount = people_in(metrics) or firm.headcount
    db.session.flush()
    audit.record(
        "term.corrected" if is_correction else "term.changed", term, reason=reason,
        before=dict(before.metrics), after=dict(metrics),
    )  # fmt: skip
    return made


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
    should = tuple(line for line in _lines(quotes) if _charge(line))
    first = min((one.start_on for one in terms), default=today())
    issued = _issued(membership, first)
    charged = {one.id: [found for line in one.lines if (found := _charge(line))] for one in issued}
    expected = [found for line in should if (found := _charge(line))]
    return Reconciliation(membership, should, tuple(issued), difference(expected, charged))


def _ahead(terms: Sequence[Term], last_day: date) -> list[Quote]:
    """Of the renewal that was invoiced and is no term yet, unless the firm leaves before."""
    found = []
    for term in terms:
        renewal = queries.renewal_of(term)
        is_out = renewal and renewal.invoice and not queries.next_term_of(term)
        if renewal and is_out and renewal.starts_on and renewal.starts_on <= last_day:
            is_late = renewal.starts_on != term.end_on + timedelta(days=1)
            first = quote_next(renewal, renewal.starts_on if is_late else None)
            after = partial(quote_next, renewal, goes_on=True)
            found += each_period(first, renewal.ends_on or first.ends_on, after)
    return found


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


def reconcile(membership: Membership, why: str) -> Reconciliation:
    """Credit what is wrong, issue what is missing; a second time there is nothing to do.

    Raises `Refused` where what is missing comes to less than nothing.
    """
    db.session.get_one(Membership, membership.id, with_for_update=True)
    found = compare(membership)
    missing, beside = found.missing, found.beside  # what stands before anything is taken back
    tariff = dues_queries.frozen_tariff(membership.terms[-1]) if missing or beside else None
    lines = [*drafts(missing, membership.id), *drafts_again(beside, tariff)] if tariff else []
    if tariff:
        _refuse_below_zero(lines, tariff.currency)
    renewal = _let_loose(found.wrong)
    for invoice in found.wrong:
        dues.credit(invoice, why)
    if tariff:
        made = claim(membership.organization, tariff, lines)
        if renewal:
            bind(renewal, made)
    elif renewal:
        unbind(renewal)
    audit.record(
        "membership.reconciled", membership, why=why, missing=len(lines),
        credited=[one.number for one in found.wrong],
    )  # fmt: skip
    return found
