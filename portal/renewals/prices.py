"""What a term of a firm costs: the tariff, the size and the anchor that go into the one quote."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.core.ahead import each
from portal.core.db import db
from portal.dues import queries as dues
from portal.dues.declaring import FIRST_YEAR, is_money
from portal.dues.models import Declaration, Tariff
from portal.dues.pricing import Quote, quote
from portal.members.models import MembershipClass, Organization, Term
from portal.members.queries import included_in, size_of
from portal.renewals.models import Renewal, TermChange

A_YEAR = timedelta(days=366)


@dataclass(frozen=True)
class Size:
    """What a firm is charged by; None is a number that nobody told us, and is never guessed.

    `money` has the declared amounts by metric, as written.
    """

    headcount: int | Decimal | None
    seats: int = 0
    money: Mapping[str, str] = field(default_factory=dict)


def case_of(tariff: Tariff, kind: MembershipClass, size: Size, start: date) -> dict[str, Any]:
    """One number of people answers whichever metric of people the tariff asks of the class."""
    asked = {rule["metric"] for rule in tariff.book["rules"] if "metric" in rule}
    people = None if size.headcount is None else str(size.headcount)
    told = {one: size.money.get(one) if is_money(one) else people for one in sorted(asked)}
    metrics = {one: value for one, value in told.items() if value is not None}
    return {
        "class": kind.value, "metrics": metrics, "joined_on": start.isoformat(),
        "seats": size.seats,
    }  # fmt: skip


def money_told(firm: Organization, on: date) -> dict[str, str]:
    """The amounts of money that a firm declared, as known on a day."""
    return _amounts(dues.declared(firm.id, on))


def _amounts(told: Mapping[str, Declaration]) -> dict[str, str]:
    return {name: f"{one.value:f}" for name, one in told.items() if is_money(name)}


def change_of(tariff: Tariff, headcount: int, on: date) -> dict[str, Any]:
    case = case_of(tariff, MembershipClass.PROVIDER_FRONT, Size(headcount), on)
    return {"on": on.isoformat(), "metrics": case["metrics"]}


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


def headcount_at_start(term: Term, changes: Sequence[TermChange]) -> int | Decimal | None:
    """As it was sold, or as it was corrected since."""
    corrected = [one for one in changes if one.is_correction]
    if corrected:
        return max(corrected, key=lambda one: one.id).headcount
    known = term.price_snapshot.get("headcount", term.membership.organization.headcount)
    return _number(known) if known is not None else None


def _number(told: Any) -> int | Decimal:
    value = Decimal(str(told))
    return int(value) if value == value.to_integral_value() else value


def written(told: int | Decimal | None) -> int | str | None:
    """As a snapshot keeps it."""
    return told if told is None or isinstance(told, int) else f"{told:f}"


def size_now(term: Term) -> Size:
    """As last told: a decrease counts from the next term on, and is known already.

    Seats are charged where the term has more than its price includes.
    """
    return _size_after(term, changes_of(term))


def _size_after(term: Term, changes: Sequence[TermChange]) -> Size:
    told = sorted(changes, key=lambda one: one.id)
    headcount = told[-1].headcount if told else headcount_at_start(term, changes)
    seats, included = size_of(term) or 0, included_in(term) or 0
    return Size(headcount, seats if seats > included else 0)


def quote_term(term: Term, more: tuple[dict[str, Any], ...] = ()) -> Quote:
    """The dues of the term at its frozen tariff, with every change inside it and those in `more`.

    Seats have orders of their own: they are no part of it.
    """
    tariff, changes = dues.frozen_tariff(term), changes_of(term)
    inside = [change_of(tariff, one.headcount, one.on) for one in changes if not one.is_correction]
    known = term.price_snapshot.get("metrics")
    money = money_told(term.membership.organization, term.start_on) if known is None else known
    sold = Size(headcount_at_start(term, changes), money=money)
    case = case_of(tariff, term.membership.kind, sold, term.start_on)
    case |= {
        "renews": bool(term.price_snapshot.get("renews", term.renews_id)),
        "trial": term.is_trial,
        "anchor_on": anchor_of(term).isoformat(), "changes": [*inside, *more],
    }  # fmt: skip
    case |= term.price_snapshot.get("group") or {}
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
    tariff = tariff or dues.tariff_on(term.membership.organization, begins)
    case = case_of(tariff, term.membership.kind, size or size_of_next(renewal), begins)
    is_unbroken = (start is None or goes_on) and not term.is_trial
    anchor = anchor_of(term) if is_unbroken else begins
    case |= {
        "renews": not term.is_trial, "reinstates": reinstates, "anchor_on": anchor.isoformat(),
        "donation": renewal.gift_minor or 0,
    }  # fmt: skip
    case |= _in_group(renewal, tariff, case["metrics"], begins)
    if term.is_trial:
        case["facts"] = sorted({*case.get("facts", ()), FIRST_YEAR})
    return _priced(tariff, case, term)


def _renewed(term: Term) -> Term | None:
    return next((one for one in term.membership.terms if one.id == term.renews_id), None)


def _priced(tariff: Tariff, case: dict[str, Any], before: Term | None) -> Quote:
    """A trial that it cuts short is taken off for the days left of it, as the trial was sold."""
    if before is None or not before.is_trial or before.end_on.isoformat() < case["joined_on"]:
        return quote(tariff.whole_book, case)
    sold = dues.frozen_tariff(before).book["rules"]
    rules = [one for one in tariff.book["rules"] if one["kind"] != "trial"]
    rules += [one for one in sold if one["kind"] == "trial"]
    case = case | {"trial_from": before.start_on.isoformat()}
    return quote({**tariff.whole_book, "rules": rules}, case)


def _in_group(
    renewal: Renewal, tariff: Tariff, metrics: Mapping[str, str], begins: date
) -> dict[str, Any]:
    """What the group changes of the price: as it was charged, else as the group is today."""
    if renewal.invoice:
        return dues.group_charged(renewal.invoice.lines)
    held = renewal.term.membership
    return dues.group_facts(tariff, held.organization, held.kind, metrics, begins)


def size_of_next(renewal: Renewal) -> Size:
    """As last declared, on whichever page, else at the last value: never at the lowest."""
    changes = changes_of(renewal.term)
    told = dues.declared(renewal.term.membership.organization_id)
    now = _size_after(renewal.term, changes)
    headcount = now.headcount if renewal.headcount is None else renewal.headcount
    signed = _people(renewal, changes, told)
    headcount = headcount if signed is None else signed
    seats = now.seats if renewal.seats is None else renewal.seats
    return Size(headcount, seats, _amounts(told))


def people_signed(renewal: Renewal) -> int | Decimal | None:
    """The number of people that the firm signed after all that it told us of this term."""
    told = dues.declared(renewal.term.membership.organization_id)
    return _people(renewal, changes_of(renewal.term), told)


def _people(
    renewal: Renewal, changes: Sequence[TermChange], told: Mapping[str, Declaration]
) -> int | Decimal | None:
    since = [one.made_at for one in changes]
    since += [renewal.told_at] if renewal.told_at else []
    signed = [
        one for name, one in told.items()
        if not is_money(name) and name != "seats"
        and one.period_end >= renewal.term.start_on - A_YEAR
        and all(one.signed_at >= at for at in since)
    ]  # fmt: skip
    if not signed:
        return None
    return _number(max(signed, key=lambda one: (one.signed_at, one.id)).value)
