"""What a term of a firm costs: the tariff, the size and the anchor that go into the one quote."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.association.queries import association
from portal.core.db import db
from portal.dues import queries as dues
from portal.dues.models import Invoice, InvoiceKind, Tariff
from portal.dues.periods import NotQuotable
from portal.dues.pricing import Quote, quote
from portal.members.models import MembershipClass, Organization, Term
from portal.renewals.models import Renewal, TermChange


@dataclass(frozen=True)
class Size:
    """What a firm is charged by; None is a number that nobody told us, and is never guessed."""

    headcount: int | None
    seats: int = 0


def case_of(tariff: Tariff, kind: MembershipClass, size: Size, start: date) -> dict[str, Any]:
    """One headcount answers whichever metric the tariff asks of the class."""
    metrics = {
        rule["metric"]: size.headcount for rule in tariff.book["rules"]
        if "metric" in rule and size.headcount is not None
    }  # fmt: skip
    return {
        "class": kind.value, "metrics": metrics, "joined_on": start.isoformat(),
        "seats": size.seats,
    }  # fmt: skip


def change_of(tariff: Tariff, size: Size, on: date) -> dict[str, Any]:
    case = case_of(tariff, MembershipClass.PROVIDER_FRONT, size, on)
    return {"on": on.isoformat(), "metrics": case["metrics"], "seats": size.seats}


def currency_of(firm: Organization) -> str:
    """A firm stays with the currency of its last dues."""
    query = select(Invoice.currency).where(
        Invoice.organization_id == firm.id, Invoice.kind == InvoiceKind.DUES
    )
    last = db.session.scalar(query.order_by(Invoice.issued_on.desc(), Invoice.id.desc()).limit(1))
    return last or association().currency


def tariff_on(firm: Organization, start: date) -> Tariff:
    """The tariff of a term that starts on a day. Raises `NotQuotable` when there is none."""
    currency = currency_of(firm)
    found = dues.current_tariff(start, currency)
    if found is None:
        raise NotQuotable(f"No tariff in {currency} is in effect on {start}.")
    return found


def frozen_tariff(term: Term) -> Tariff:
    """The one that a term was sold under, whatever was adopted since."""
    known = db.session.get(Tariff, term.price_snapshot.get("tariff") or 0)
    return known or tariff_on(term.membership.organization, term.start_on)


def anchor_of(term: Term) -> date:
    """The first day of the unbroken run of terms that this one belongs to."""
    anchor = term.start_on
    for one in sorted(term.membership.terms, key=lambda each: each.start_on, reverse=True):
        if one.cancelled_at is None and one.end_on + timedelta(days=1) == anchor:
            anchor = one.start_on
    return anchor


def changes_of(term: Term) -> list[TermChange]:
    """In the order of their days."""
    query = select(TermChange).where(TermChange.term_id == term.id)
    return list(db.session.scalars(query.order_by(TermChange.on, TermChange.id)))


def size_at_start(term: Term) -> Size:
    """As it was sold, or as it was corrected since."""
    corrected = [one for one in changes_of(term) if one.is_correction]
    if corrected:
        last = max(corrected, key=lambda one: one.id)
        return Size(last.headcount, last.seats)
    sold = term.price_snapshot
    headcount = sold.get("headcount", term.membership.organization.headcount)
    return Size(headcount, int(sold.get("seats_charged") or 0))


def size_now(term: Term) -> Size:
    """As last told: a decrease counts from the next term on, and is known already."""
    told = sorted(changes_of(term), key=lambda one: one.id)
    return Size(told[-1].headcount, told[-1].seats) if told else size_at_start(term)


def quote_term(term: Term, more: tuple[dict[str, Any], ...] = ()) -> Quote:
    """The term at its frozen tariff, with every change inside it and those in `more`."""
    tariff = frozen_tariff(term)
    inside = [
        change_of(tariff, Size(one.headcount, one.seats), one.on)
        for one in changes_of(term) if not one.is_correction
    ]  # fmt: skip
    case = case_of(tariff, term.membership.kind, size_at_start(term), term.start_on)
    case |= {
        "renews": bool(term.renews_id or term.price_snapshot.get("renews")),
        "anchor_on": anchor_of(term).isoformat(), "changes": [*inside, *more],
    }  # fmt: skip
    return quote(tariff.whole_book, case)


def quote_next(renewal: Renewal, start: date | None = None, *, reinstates: bool = False) -> Quote:
    """The term after: priced by the tariff of its own first day. Raises `NotQuotable`."""
    term = renewal.term
    begins = start or term.end_on + timedelta(days=1)
    tariff = tariff_on(term.membership.organization, begins)
    case = case_of(tariff, term.membership.kind, size_of_next(renewal), begins)
    is_unbroken = start is None
    anchor = anchor_of(term) if is_unbroken else begins
    case |= {"renews": True, "reinstates": reinstates, "anchor_on": anchor.isoformat()}
    return quote(tariff.whole_book, case)


def size_of_next(renewal: Renewal) -> Size:
    """As declared for it, else at the last value: never at the lowest."""
    if renewal.headcount is not None:
        return Size(renewal.headcount, renewal.seats or 0)
    return size_now(renewal.term)
