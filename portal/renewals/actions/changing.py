"""More inside a term is charged now, less waits for the next. The caller commits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import queries as dues_queries
from portal.dues.declaring import metrics_asked, people_in
from portal.dues.pricing import QuoteLine
from portal.members.models import Organization, Term
from portal.members.terms import TermEvent, refuse_unless_may, state_on
from portal.renewals.actions.agreeing import lines_of
from portal.renewals.actions.anew import charge_anew
from portal.renewals.actions.billing import claim, drafts
from portal.renewals.models import TermChange
from portal.renewals.prices import (
    change_of,
    quotes_of,
    size_now,
)


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
    known = len(lines_of(quotes_of(term)))
    before, tariff = numbers_now(term), dues_queries.frozen_tariff(term)
    new = {
        metric: value for metric, value in metrics.items()
        if Decimal(value) != Decimal(before.get(metric) or -1)
    }  # fmt: skip
    if not new:
        raise Refused("That is what we have already: nothing changes.")
    lines = lines_of(quotes_of(term, (change_of(new, day),)))[known:]
    now = Money(sum(line.net for line in lines), tariff.currency)
    return Preview(before, new, lines, now, waits=not now)


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
    charge_anew(firm.id, term.membership_id)
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
