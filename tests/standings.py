"""Firms in every row of the access table (domain, 4): term, payment, suspension, what it gives."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from portal.core.db import db
from portal.dues import actions
from portal.dues.models import Invoice
from portal.members.endings import Laying, lay, suspend
from portal.members.models import OverlayKind, Term
from portal.members.policy import Feature
from tests.dues.books import make_invoice
from tests.make import business_day
from tests.renewals.making import adopt, make_life

F = Feature
OWN = {F.INVOICES, F.OWN_DATA}
BACK = OWN | {F.REJOIN}
MEMBER = OWN | {F.FULL, F.LISTED, F.MEMBER_PRICE}
VOTER = MEMBER | {F.VOTE}
# The first and the last day of the term, from today; grace is of 30 days.
AHEAD, NOW, GRACE, LAPSED = (10, 300), (-100, 200), (-380, -5), (-400, -60)


@dataclass
class Held:
    """A firm that stands in a row, its term and its invoice."""

    term: Term
    invoice: Invoice

    @property
    def firm(self):
        return self.term.membership.organization


def nothing(_held):
    """As it is."""


def paid(held):
    actions.record_transfer(held.invoice, held.invoice.total, business_day())


def credited(held):
    actions.credit(held.invoice, "It was wrong.")


def planned(held):
    until = business_day() + timedelta(20)
    lay("invoice", held.invoice.id, Laying(OverlayKind.PAUSE, "A plan.", business_day(), until))


def suspended(scope):
    def decide(held):
        laying = Laying(OverlayKind.SUSPENSION, "Decided.", business_day(), scope=scope)
        suspend(held.term.membership, laying, "board")

    return decide


def both(*happenings):
    def happen(held):
        for one in happenings:
            one(held)

    return happen


def ended(days):
    def end(held):
        membership, last = held.term.membership, business_day() - timedelta(days)
        membership.ended_on, membership.end_reason = last, "resigned"
        held.term.ended_early_on = last

    return end


@dataclass(frozen=True)
class Row:
    """What is so of a firm; `due_in` is of its invoice, overdue when below 0."""

    days: tuple[int, int]
    due_in: int
    gives: set[Feature]
    happens: Callable[[Held], None] = nothing


ROWS = {
    "scheduled": Row(AHEAD, 30, OWN),
    "scheduled, paid": Row(AHEAD, 30, OWN, paid),
    "scheduled, overdue": Row(AHEAD, -100, OWN),
    "in force, not due": Row(NOW, 30, VOTER),
    "in force, paid late": Row(NOW, -95, VOTER, paid),
    "in force, credited to nothing": Row(NOW, -95, VOTER, credited),
    "in force, overdue 1 day": Row(NOW, -1, VOTER),
    "in force, overdue 29 days": Row(NOW, -29, VOTER),
    "in force, overdue 30 days, before the cut-off": Row(NOW, -30, VOTER),
    "in force, overdue 89 days, before the cut-off": Row(NOW, -89, VOTER),
    "in force, overdue 90 days": Row(NOW, -90, OWN),
    "in force, overdue 95 days under a plan": Row(NOW, -95, VOTER, planned),
    "in force, suspended": Row(NOW, 30, OWN, suspended("all")),
    "in force, suspended, paid": Row(NOW, 30, OWN, both(suspended("all"), paid)),
    "in force, the vote suspended": Row(NOW, 30, MEMBER, suspended("vote")),
    "in force, the benefits suspended": Row(
        NOW, 30, OWN | {F.LISTED, F.VOTE}, suspended("benefits")
    ),
    "in force, the listing suspended": Row(NOW, 30, VOTER - {F.LISTED}, suspended("listing")),
    "grace, renewal open": Row(GRACE, 5, MEMBER),
    "grace, renewal overdue 89 days": Row(GRACE, -89, MEMBER),
    "grace, shut before it began": Row(GRACE, -100, OWN),
    "grace, suspended": Row(GRACE, 5, OWN, suspended("all")),
    "lapsed": Row(LAPSED, 30, BACK),
    "lapsed, paid": Row(LAPSED, 30, BACK, paid),
    "lapsed, long overdue": Row(LAPSED, -300, BACK),
    "ended 90 days ago": Row(NOW, 30, BACK, ended(90)),
    "ended 91 days ago": Row(NOW, 30, BACK - {F.OWN_DATA}, ended(91)),
    "ended 91 days ago, long overdue": Row(NOW, -300, BACK - {F.OWN_DATA}, ended(91)),
}


def stand(name, tariff=None):
    """The firm of a row, which bears the row's name."""
    row = ROWS[name]
    first, last = (business_day() + timedelta(one) for one in row.days)
    term = make_life(start=first, end=last, name=f"Firm {name}.", tariff=tariff)
    firm = term.membership.organization
    held = Held(term, make_invoice(firm, total=1000, due_in=row.due_in))
    row.happens(held)
    db.session.commit()
    return held


def stand_all():
    """One firm in every row."""
    tariff = adopt()
    return {name: stand(name, tariff) for name in ROWS}
