"""Resigning, taking it back, and closing the memberships that are over."""

from datetime import date, timedelta

from sqlalchemy import select

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import Invoice
from portal.dues.periods import months_of
from portal.members.endings import end_membership, end_term_early
from portal.members.leaving import next_leaving
from portal.members.models import Membership, Term
from portal.members.queries import policy_of
from portal.renewals import queries
from portal.renewals.actions.billing import tell
from portal.renewals.actions.renewing import drop, take_away, unbind
from portal.renewals.models import Renewal, Resignation
from portal.renewals.prices import anchor_of

RESIGNED, EXPELLED = "resigned", "expelled"
WHY = {RESIGNED: "The firm resigned", EXPELLED: "The firm was expelled"}


def last_day(membership: Membership, told_on: date) -> date:
    """The last day of a membership that resigns on `told_on`, by the notice of its class.

    Raises `Refused` when the membership is over already.
    """
    terms = [one for one in membership.terms if one.cancelled_at is None]
    running = [one for one in terms if _end(one) >= told_on] or terms[-1:]
    if not running or running[0].grace_until_on < told_on:
        raise Refused("This membership is over: there is nothing left to leave.")
    policy, term = policy_of(membership.kind), running[0]
    if term.is_trial:
        return term.end_on
    months = months_of(dues_queries.frozen_tariff(term).book)
    found = next_leaving(
        policy, told_on, term.end_on, membership.since_on, months, anchor_of(term)
    )
    return found.leaves_on


def resign(
    membership: Membership, told_on: date, reason: str, by: Person | None,
    last: date | None = None,
) -> Resignation:  # fmt: skip
    """Note that a firm leaves, and when; claims for days after that are taken back.

    `last` is a day that the association agreed to instead. Raises `Refused` when it was said
    before.
    """
    db.session.get_one(Membership, membership.id, with_for_update=True)
    if membership.ended_on or queries.resignation_of(membership):
        raise Refused("This membership is being left already.")
    made = Resignation(
        membership=membership, told_on=told_on, leaves_on=last or last_day(membership, told_on),
        reason=reason, made_at=clock.now(), made_by=by.id if by else None,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    leave_terms(membership, made.leaves_on, RESIGNED)
    audit.record("membership.resigned", membership, told_on=told_on, leaves_on=made.leaves_on)
    firm = membership.organization
    tell(
        f"resignation:{made.id}", "renewals/resigned", firm, f"organization:{firm.id}",
        resignation=made, kind=queries.class_among(membership),
    )  # fmt: skip
    return made


def leave_terms(membership: Membership, last: date, reason: str) -> None:
    """What a last day does to the terms of a membership, and to claims for days after it."""
    for term in membership.terms:
        if term.cancelled_at is None:
            _leave_term(term, last, reason)
    if stray := _stray(membership, last, reason):
        dues.credit(stray, WHY[reason])


def claims_after(membership: Membership, last: date, reason: str) -> list[Invoice]:
    """The invoices that `leave_terms` would take back."""
    terms = [one for one in membership.terms if one.cancelled_at is None]
    renewals = queries.renewals_of(one.id for one in terms).values()
    found = [one.invoice for one in renewals if _is_after(one, last, reason)]
    for one in terms:
        if one.start_on > last:
            found += [_sold_by(one), *queries.charges_of_changes(one)]
    found.append(_stray(membership, last, reason))
    return list(dict.fromkeys(one for one in found if one and one.total_minor))


def _leave_term(term: Term, last: date, reason: str) -> None:
    """A term after the last day goes, the one it falls into ends with it, unpaid claims too."""
    renewal, why = queries.renewal_of(term), WHY[reason]
    if renewal and renewal.invoice and _is_after(renewal, last, reason):
        if dues_queries.balance(renewal.invoice):
            drop(renewal, why)
        else:
            unbind(renewal)
            renewal.dropped_at = clock.now()
    if term.start_on > last and term.cancelled_at is None:
        take_away(term, why)
        sold = _sold_by(term)
        if sold and sold.total_minor:
            dues.credit(sold, why)  # what was paid for it is the firm's again
    elif term.start_on <= last < ends_for(term, reason):
        end_term_early(term, last, reason, in_grace=reason == EXPELLED)


def ends_for(term: Term, reason: str) -> date:
    """The day on which it ends by itself; who is expelled has no grace after the last day."""
    if reason != EXPELLED or queries.next_term_of(term):
        return _end(term)
    return term.ended_early_on or term.grace_until_on


def _is_after(renewal: Renewal, last: date, reason: str) -> bool:
    """Whether it is of days after the last one, or waits to cut a trial short.

    Who is expelled in grace pays for no next term any more.
    """
    waits = renewal.cuts_short or reason == EXPELLED
    if waits and not queries.next_term_of(renewal.term):
        return True
    return bool(renewal.starts_on and renewal.starts_on > last)


def _stray(membership: Membership, last: date, reason: str) -> Invoice | None:
    """A claim for days after the last one, of which no renewal was known."""
    kept = [one for one in membership.terms if one.cancelled_at is None]
    stray = queries.invoice_for(kept[-1], last + timedelta(days=1)) if kept else None
    begins = [one.covers_from for one in stray.lines if one.covers_from] if stray else []
    after = min(last, kept[-1].end_on) if kept and reason == EXPELLED else last
    return stray if stray and begins and min(begins) > after and stray.total_minor else None


def _sold_by(term: Term) -> Invoice | None:
    """The invoice of a term, unless it was taken back."""
    query = select(Invoice).where(
        Invoice.number == str(term.price_snapshot.get("invoice", "")), ~queries.is_credited()
    )
    return db.session.scalars(query).one_or_none()


def stay(resignation: Resignation, why: str) -> bool:
    """Take a resignation back; True when a claim that was taken back with it comes again.

    Raises `Refused` after the last day: then the firm comes back; and for a firm that is expelled.
    """
    if resignation.decision:
        raise Refused("The membership ends by a decision: the firm cannot take that back.")
    if resignation.withdrawn_at:
        return False
    if today() > resignation.leaves_on:
        raise Refused("The membership is over. The firm can come back by joining.")
    resignation.withdrawn_at = clock.now()
    for term in resignation.membership.terms:
        if term.ended_early_on == resignation.leaves_on and term.end_reason == RESIGNED:
            term.ended_early_on = term.end_reason = None
    returns = renew_again(resignation)
    audit.record("membership.stays", resignation.membership, why=why)
    return returns


def renew_again(resignation: Resignation) -> bool:
    """Renewals dropped since it was noted go on; one that staff had dropped before stays so."""
    terms = [one.id for one in resignation.membership.terms]
    found = [
        one for one in queries.renewals_of(terms).values()
        if one.dropped_at and one.dropped_at >= resignation.made_at
    ]  # fmt: skip
    for renewal in found:
        renewal.dropped_at = None
    return bool(found)


def close(membership: Membership) -> None:
    """Close a membership whose last day is past: left, or lapsed for too long to renew."""
    leaving = queries.resignation_of(membership)
    if leaving and leaving.leaves_on < today():
        reason = EXPELLED if leaving.decision_id else RESIGNED
        end_membership(membership, leaving.leaves_on, reason)
        return
    last = max((one for one in membership.terms if not one.cancelled_at), key=_end, default=None)
    if last is None:
        return
    closes = last.end_on + timedelta(days=policy_of(membership.kind).window_after_days)
    if closes < today():
        renewal = queries.renewal_of(last)
        if renewal and renewal.invoice and dues_queries.balance(renewal.invoice):
            drop(renewal, "The membership was not renewed")
        end_membership(membership, last.end_on, "lapsed_confirmed")


def _end(term: Term) -> date:
    return min(term.end_on, term.ended_early_on or term.end_on)
