"""More inside a term is charged now, less waits for the next. The caller commits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
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
from portal.renewals import queries
from portal.renewals.actions.agreeing import lines_of
from portal.renewals.actions.anew import charge_anew, hold_out
from portal.renewals.actions.billing import claim, drafts
from portal.renewals.models import TermChange
from portal.renewals.prices import (
    change_of,
    quotes_of,
    size_now,
)


@dataclass(frozen=True)
class Preview:
    """What a change costs in a term, from a day on; and in those after it that are sold already.

    What `waits` counts from the term on that is not sold yet.
    """

    term: Term
    on: date
    before: Mapping[str, str | None]
    after: Mapping[str, str]  # the numbers that change
    lines: tuple[QuoteLine, ...]
    now: Money
    ahead: tuple["Preview", ...] = ()

    @property
    def parts(self) -> tuple["Preview", ...]:
        return self, *self.ahead

    @property
    def waits(self) -> bool:
        return not any(one.now for one in self.parts)

    @property
    def next_on(self) -> date:
        """The first day of a term that is not sold yet."""
        return self.parts[-1].term.end_on + timedelta(days=1)


def numbers_now(term: Term) -> dict[str, str | None]:
    """Each number that the term's tariff asks of it, as last told; None for one never told."""
    book, told = dues_queries.frozen_tariff(term).book, size_now(term).metrics
    return {one: told.get(one) for one in metrics_asked(book, [term.membership.kind])}


def preview(term: Term, metrics: Mapping[str, str], on: date | None = None) -> Preview:
    """What these numbers would cost instead of those that the term has now.

    Raises `NotQuotable` where nobody decided a price, `Refused` outside the term and where
    nothing changes.
    """
    found = _in_one(term, metrics, on or today())
    if not found.after:
        raise Refused("That is what we have already: nothing changes.")
    later = [_in_one(one, _asked_of(one, found), found.on) for one in queries.terms_after(term)]
    return replace(found, ahead=tuple(one for one in later if one.after))


def _asked_of(term: Term, found: Preview) -> dict[str, str]:
    asked = numbers_now(term)
    return {metric: value for metric, value in found.after.items() if metric in asked}


def _in_one(term: Term, metrics: Mapping[str, str], on: date) -> Preview:
    """In this term alone, from a day on or from its first."""
    day = max(on, term.start_on)
    refuse_unless_may(TermEvent.CHANGE, state_on(term.dates(), day))
    known = len(lines_of(quotes_of(term)))
    before, tariff = numbers_now(term), dues_queries.frozen_tariff(term)
    new = {
        metric: value for metric, value in metrics.items()
        if Decimal(value) != Decimal(before.get(metric) or -1)
    }  # fmt: skip
    lines = lines_of(quotes_of(term, (change_of(new, day),)))[known:]
    now = Money(sum(line.net for line in lines), tariff.currency)
    return Preview(term, day, before, new, lines, now)


def change(
    term: Term, metrics: Mapping[str, str], reason: str, by: Person | None
) -> list[TermChange]:
    """Keep the change, in the term and in each after it that is sold already.

    An increase is invoiced for the days that are left, or for the whole of a term to come; in
    one line each. Raises as `preview` does.
    """
    firm_id, membership_id = term.membership.organization_id, term.membership_id
    hold_out(firm_id, membership_id)  # who pays the next term meanwhile is waited for
    term = db.session.get_one(Term, term.id, with_for_update={"key_share": True})
    made = [_kept(one, reason, by) for one in preview(term, metrics).parts]
    db.session.flush()
    charge_anew(firm_id, membership_id)
    return made


def _kept(found: Preview, reason: str, by: Person | None) -> TermChange:
    term, invoice = found.term, None
    if found.now:
        lines = drafts(found.lines, term.membership_id)
        is_ahead = found.on > today()
        invoice = claim(
            term.membership.organization, dues_queries.frozen_tariff(term), lines,
            not_before=found.on - timedelta(days=1) if is_ahead else None,
        )  # fmt: skip
    made = _keep(term, found.after, reason, by, is_correction=False)
    made.invoice = invoice
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
