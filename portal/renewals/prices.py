"""What a term of a firm costs: the tariff, the size and the anchor that go into the one quote."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from portal.association.queries import day_of
from portal.core.ahead import each
from portal.core.db import db
from portal.dues import queries as dues
from portal.dues.declaring import FIRST_YEAR, Size
from portal.dues.models import Declaration, Source, Tariff
from portal.dues.periods import in_words
from portal.dues.pricing import Quote, quote
from portal.dues.queries.group_prices import at_most_the_cap
from portal.members.models import MembershipClass, Organization, Term
from portal.members.queries import included_in, size_of
from portal.renewals.models import Renewal, TermChange

A_YEAR = timedelta(days=366)
LAST_TOLD = "as last told, not declared anew"


def case_of(tariff: Tariff, kind: MembershipClass, size: Size, start: date) -> dict[str, Any]:
    """With the numbers that the tariff asks of the class, each under its own name."""
    facts = {"class": kind.value, "joined_on": start.isoformat()}
    return facts | size.case(tariff.book, kind.value)


def change_of(metrics: Mapping[str, str], on: date) -> dict[str, Any]:
    return {"on": on, "metrics": dict(metrics)}


def anchor_of(term: Term) -> date:
    """The first day of the unbroken run of terms that this one belongs to, after any trial."""
    anchor = term.start_on
    for one in sorted(term.membership.terms, key=lambda each: each.start_on, reverse=True):
        is_before = one.cancelled_at is None and one.end_on + timedelta(days=1) == anchor
        if is_before and not one.is_trial:
            anchor = one.start_on
    return anchor


def changes_of(term: Term) -> list[TermChange]:
    """In the order of their days."""
    return each(changes_by_term, term.id)


def changes_by_term(term_ids: Collection[int]) -> dict[int, list[TermChange]]:
    """Of several terms, in one statement."""
    query = select(TermChange).where(TermChange.term_id.in_(term_ids))
    found: dict[int, list[TermChange]] = {number: [] for number in term_ids}
    for one in db.session.scalars(query.order_by(TermChange.on, TermChange.id)):
        found[one.term_id].append(one)
    return found


def size_at_start(term: Term, changes: Sequence[TermChange]) -> Size:
    """As it was sold, or as it was corrected since.

    One that was sold elsewhere has the numbers that were declared by its first day.
    """
    firm, kept = term.membership.organization, term.price_snapshot
    sold = kept.get("metrics")
    if sold is None:
        size = _declared(dues.declared(firm.id, term.start_on))
    else:
        size = Size(sold, kept.get("basis") or {})
    corrected = (one for one in changes if one.is_correction)
    return replace(after(size, corrected), people=firm.headcount)


def _declared(told: Mapping[str, Declaration]) -> Size:
    metrics = {metric: f"{one.value:f}" for metric, one in told.items()}
    return Size(metrics, {metric: signed_words(one) for metric, one in told.items()})


def signed_words(one: Declaration) -> str:
    """Where a number is from; who signed it is not for an invoice that stays for ever."""
    guess = ", an estimate" if one.source is Source.ESTIMATE else ""
    return f"signed on {in_words(day_of(one.signed_at))}{guess}"


def after(size: Size, changes: Iterable[TermChange]) -> Size:
    """In the order in which they were told."""
    metrics, basis = dict(size.metrics), dict(size.basis)
    for one in sorted(changes, key=lambda one: one.id):
        metrics |= one.metrics
        basis |= dict.fromkeys(one.metrics, "")
    return replace(size, metrics=metrics, basis=basis)


def size_now(term: Term) -> Size:
    """As last told: a decrease counts from the next term on, and is known already.

    Seats are charged where the term has more than its price includes.
    """
    return _size_after(term, changes_of(term))


def _size_after(term: Term, changes: Sequence[TermChange]) -> Size:
    seats, included = size_of(term) or 0, included_in(term) or 0
    size = after(size_at_start(term, changes), changes)
    return replace(size, seats=seats if seats > included else 0)


def each_period(first: Quote, last: date, after: Callable[[date], Quote]) -> list[Quote]:
    """`first`, and what `after` says of each period that begins by the day `last`."""
    found = [first]
    while found[-1].ends_on < last:
        found.append(after(found[-1].ends_on + timedelta(days=1)))
    return found


def quotes_of(term: Term, more: tuple[dict[str, Any], ...] = ()) -> list[Quote]:
    """The dues of the term with every change inside it and those in `more`.

    Of one that came back after several periods, each period's own, as they were charged.
    """
    inside = [*_inside(term), *more]
    bare = quote_term(term, ())
    if term.is_trial or not term.renews_id or bare.ends_on >= term.end_on:
        return [quote_term(term, inside)]
    periods = each_period(bare, term.end_on, lambda begins: quote_term(term, (), begins))
    if periods[-1].ends_on != term.end_on:  # it was sold for days of its own
        return [quote_term(term, inside)]
    return [
        quote_term(
            term,
            [one for one in inside if period.starts_on <= one["on"] <= period.ends_on],
            period.starts_on,
        )
        for period in periods
    ]


def _inside(term: Term) -> list[dict[str, Any]]:
    return [change_of(one.metrics, one.on) for one in changes_of(term) if not one.is_correction]


def quoted(kept: Mapping[str, int] | None, firm: Organization, begins: date) -> Tariff:
    """The tariff by which a period was quoted that is invoiced, whatever was adopted since.

    Of a period that nobody was asked to pay: the one of its first day. Raises `NotQuotable`.
    """
    known = db.session.get(Tariff, (kept or {}).get(begins.isoformat()) or 0)
    return known or dues.tariff_on(firm, begins)


def quote_term(
    term: Term, inside: Sequence[dict[str, Any]] | None = None, begins: date | None = None
) -> Quote:
    """The dues of the term at its frozen tariff, with every change inside it, or those given.

    Seats have orders of their own: they are no part of it. A change in a term that ends before
    its time is charged until that end. `begins` is the first day of a later period of the term,
    which has the tariff that it was quoted by.
    """
    held, first = term.membership, begins or term.start_on
    tariff = dues.frozen_tariff(term)
    if first > term.start_on:
        tariff = quoted(term.price_snapshot.get("tariffs"), held.organization, first)
    case = case_of(tariff, held.kind, size_at_start(term, changes_of(term)), first)
    case |= {
        "renews": bool(term.price_snapshot.get("renews", term.renews_id)),
        "trial": term.is_trial, "anchor_on": anchor_of(term).isoformat(),
        "changes": _inside(term) if inside is None else list(inside),
        "taxes": dues.taxes_of_firm(held), "leaves_on": term.ended_early_on,
    }  # fmt: skip
    case |= at_most_the_cap(tariff, term.price_snapshot.get("group") or {})
    return _priced(tariff, case, _renewed(term))


def quote_next(
    renewal: Renewal, start: date | None = None, *, reinstates: bool = False,
    goes_on: bool = False, size: Size | None = None, tariff: Tariff | None = None,
) -> Quote:  # fmt: skip
    """The term after: priced by the tariff of its own first day. Raises `NotQuotable`.

    One that `goes_on` follows others that are claimed with it: counted from the same anchor.
    """
    term = renewal.term
    begins = start or term.end_on + timedelta(days=1)
    tariff = tariff or quoted(renewal.tariffs, term.membership.organization, begins)
    case = case_of(tariff, term.membership.kind, size or size_of_next(renewal), begins)
    is_unbroken = (start is None or goes_on) and not term.is_trial
    anchor = anchor_of(term) if is_unbroken else begins
    case |= {
        "renews": not term.is_trial, "reinstates": reinstates, "anchor_on": anchor.isoformat(),
        "donation": renewal.gift_minor or 0, "taxes": dues.taxes_of_firm(term.membership),
    }  # fmt: skip
    case |= _in_group(renewal, tariff, case["metrics"], begins)
    if term.is_trial:
        case["facts"] = sorted({*case.get("facts", ()), FIRST_YEAR})
    return _priced(tariff, case, term)


def quotes_ahead(renewal: Renewal, size: Size | None = None) -> list[Quote]:
    """Of the days that the renewal's invoice buys. Raises `NotQuotable`."""
    term, starts_on = renewal.term, renewal.starts_on
    is_late = starts_on != term.end_on + timedelta(days=1)
    first = quote_next(renewal, starts_on if is_late else None, size=size)
    after = partial(quote_next, renewal, goes_on=True, size=size)
    return each_period(first, renewal.ends_on or first.ends_on, after)


def _renewed(term: Term) -> Term | None:
    return next((one for one in term.membership.terms if one.id == term.renews_id), None)


def _priced(tariff: Tariff, case: dict[str, Any], before: Term | None) -> Quote:
    """A trial that it cuts short is taken off for the days left of it, as the trial was sold."""
    if before is None or not before.is_trial or before.end_on.isoformat() < case["joined_on"]:
        return quote(tariff.whole_book, case)
    sold = dues.frozen_tariff(before).book["rules"]
    rules = [one for one in tariff.book["rules"] if one["kind"] != "trial"]
    rules += [one for one in sold if one["kind"] == "trial"]
    case = case | {"trial_from": before.start_on.isoformat(), "trial_credited": _credited(before)}
    return quote({**tariff.whole_book, "rules": rules}, case)


def _credited(trial: Term) -> int:
    """Minor units of the trial's price that were given back already, for whatever reason."""
    invoice = dues.invoice_named(trial.price_snapshot.get("invoice") or "")
    taken = dues.credited_by_line(invoice) if invoice else {}
    lines = invoice.lines if invoice else []
    return sum(taken.get(line.id, 0) for line in lines if line.inputs.get("trial"))


def _in_group(
    renewal: Renewal, tariff: Tariff, metrics: Mapping[str, str], begins: date
) -> dict[str, Any]:
    """What the group changes of the price: as it was charged, else as the group is today."""
    if renewal.invoice:
        return at_most_the_cap(tariff, dues.group_charged(renewal.invoice.lines))
    held = renewal.term.membership
    return dues.group_facts(tariff, held.organization, held.kind, metrics, begins)


def size_of_next(renewal: Renewal) -> Size:
    """As last declared, else at the last value and so marked: never at the lowest."""
    term = renewal.term
    changes = changes_of(term)
    now = _size_after(term, changes)
    metrics = dict(now.metrics)
    basis = dict.fromkeys(metrics, LAST_TOLD)
    for metric, one in dues.declared(term.membership.organization_id).items():
        value = f"{one.value:f}"
        if metrics.get(metric) in {None, value} or _is_newer(one, term, changes):
            metrics[metric], basis[metric] = value, signed_words(one)
    seats = now.seats if renewal.seats is None else renewal.seats
    return replace(now, metrics=metrics, basis=basis, seats=seats)


def _is_newer(one: Declaration, term: Term, changes: Sequence[TermChange]) -> bool:
    """Than all that the firm told of this number in the term and before it."""
    told = [change.made_at for change in changes if one.metric in change.metrics]
    is_fresh = one.period_end >= term.start_on - A_YEAR
    return is_fresh and all(one.signed_at >= at for at in told)
