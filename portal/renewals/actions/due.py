"""All that is due today, one act for each thing: right in any order, and again at once."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.dues.models import Invoice
from portal.dues.periods import NotQuotable
from portal.members.models import Membership, Term
from portal.members.queries import policy_of
from portal.members.renewing import Return
from portal.renewals import queries
from portal.renewals.actions.converting import let_trial_end
from portal.renewals.actions.leaving import close
from portal.renewals.actions.reminding import remind
from portal.renewals.actions.renewing import drop, go_on_unpaid, issue, open_window
from portal.renewals.models import Renewal

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Act:
    """One thing that is due, and to which term, membership or invoice."""

    do: Callable[[int], object]
    subject: int

    def __call__(self) -> None:
        self.do(self.subject)


def due_on(day: date) -> Iterator[Act]:
    """Read before anything is done; each act reads again what it needs, under its locks."""
    terms = db.session.scalars(queries.ending(day)).all()
    renewals = queries.renewals_of(term.id for term in terms)
    leaving = queries.resignations_of(term.membership_id for term in terms)
    for term in terms:
        left = leaving.get(term.membership_id)
        if not (left and left.is_with(term)):
            yield from _of_term(term, renewals.get(term.id), day)
    for membership_id in db.session.scalars(_over(day)).all():
        yield Act(_close, membership_id)
    for invoice_id in db.session.scalars(_unpaid_ids(day)).all():
        yield Act(_remind, invoice_id)


def _of_term(term: Term, renewal: Renewal | None, day: date) -> Iterator[Act]:
    policy, after = policy_of(term.membership.kind), term.end_on + timedelta(days=1)
    is_late = bool(renewal and renewal.invoice_id and renewal.cuts_short and day > term.end_on)
    if is_late:
        yield Act(_let_trial_end, term.id)
    if day > term.grace_until_on:
        if renewal and renewal.invoice_id and policy.comeback is Return.RESTART:
            yield Act(_drop, term.id)  # who restarts later pays from that day on
        return
    is_dropped = renewal is not None and renewal.dropped_at is not None
    is_out = renewal is not None and renewal.invoice_id is not None and not is_late
    if not is_out and not is_dropped and day >= after - timedelta(days=policy.invoice_days):
        yield Act(_issue, term.id)
    elif renewal is None and day >= after - timedelta(days=policy.window_before_days):
        yield Act(_open, term.id)
    if day > term.end_on and policy.benefits_before_payment:
        yield Act(_go_on, term.id)


def _renewal(term_id: int) -> Renewal:
    return open_window(_term(term_id))


def _term(term_id: int) -> Term:
    """With its membership and firm, for whoever holds it: they are read once."""
    whole = joinedload(Term.membership).joinedload(Membership.organization)
    return db.session.get_one(Term, term_id, options=[whole])


def _open(term_id: int) -> None:
    _renewal(term_id)


def _issue(term_id: int) -> None:
    """Where nobody decided a price, the window is open all the same: the board shows both."""
    term = _term(term_id)
    renewal = open_window(term)
    try:
        issue(renewal)
    except NotQuotable as why:  # it comes before anything was written
        log.info("left for a person: %s", why)


def _let_trial_end(term_id: int) -> None:
    let_trial_end(_renewal(term_id))


def _go_on(term_id: int) -> None:
    go_on_unpaid(_renewal(term_id))


def _drop(term_id: int) -> None:
    drop(_renewal(term_id), "The membership lapsed before it was paid")


OF_TERMS = frozenset({_open, _issue, _let_trial_end, _go_on, _drop})


def _close(membership_id: int) -> None:
    close(db.session.get_one(Membership, membership_id))


def _remind(invoice_id: int) -> None:
    remind(db.session.get_one(Invoice, invoice_id))


def _unpaid_ids(day: date) -> Select[int]:
    return queries.to_remind(day).with_only_columns(Invoice.id, maintain_column_froms=True)


def _over(day: date) -> Select[int]:
    """Open memberships that may be over: the last term ended, or the last day of who leaves."""
    ended = queries.last_terms().where(Term.end_on < day).with_only_columns(
        Term.membership_id, maintain_column_froms=True
    )  # fmt: skip
    has_left = queries.has_left(Membership.id, day)
    return select(Membership.id).where(
        or_(Membership.id.in_(ended), has_left), Membership.ended_on.is_(None)
    )
