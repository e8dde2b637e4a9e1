"""Questions about terms and what follows them: renewals, resignations, who is asked."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.accounts.models import Person
from portal.core.ahead import each
from portal.core.bounces import are_bouncing, bouncing
from portal.core.db import db
from portal.core.merging import names_of, older_ids, winners
from portal.dues.models import CreditNote, Invoice, InvoiceKind, InvoiceLine
from portal.dues.queries.invoices import is_void, owed
from portal.dues.queries.payers import contacts_of
from portal.members.models import (
    CLASS_NAMES,
    Affiliation,
    FirmRole,
    Membership,
    Organization,
    Term,
)
from portal.members.queries import policies
from portal.renewals.models import Renewal, Resignation, TermChange

ASKED = (FirmRole.DUES_CONTACT, FirmRole.ROSTER_MANAGER, FirmRole.DELEGATE)


def widest() -> int:
    """The longest time, in days, that the renewal of any class is open before the next term."""
    return max(one.window_before_days for one in policies().values())


def longest() -> int:
    """The longest time, in days, in which a lapsed firm of any class comes back by renewing."""
    return max(one.window_after_days for one in policies().values())


def last_terms() -> Select[Term]:
    """Of every open membership its last term that counts, with the firm."""
    later = aliased(Term)
    is_last = ~exists().where(
        later.membership_id == Term.membership_id, later.cancelled_at.is_(None),
        later.start_on > Term.start_on,
    )  # fmt: skip
    return (
        select(Term)
        .join(Term.membership)
        .join(Membership.organization)
        .where(Term.cancelled_at.is_(None), Membership.ended_on.is_(None), is_last)
        .options(contains_eager(Term.membership).contains_eager(Membership.organization))
    )


def ending(day: date) -> Select[Term]:
    """Last terms whose renewal may be open on a day, by their end."""
    first, last = day - timedelta(days=longest()), day + timedelta(days=widest())
    query = last_terms().where(Term.end_on.between(first, last), Term.ended_early_on.is_(None))
    return query.order_by(Term.end_on, Term.id)


def last_term_of(firm_id: int, membership_id: int | None = None) -> Term | None:
    """The term that decides what a firm can do next, in one membership or in the current one."""
    query = last_terms().where(Membership.organization_id == firm_id)
    if membership_id is not None:
        query = query.where(Membership.id == membership_id)
    return db.session.scalars(query.order_by(Term.end_on.desc(), Term.id)).first()


def term_on(membership_id: int, day: date) -> Term | None:
    """The term in force on a day."""
    query = select(Term).where(
        Term.membership_id == membership_id, Term.cancelled_at.is_(None), Term.start_on <= day,
        Term.end_on >= day, or_(Term.ended_early_on.is_(None), Term.ended_early_on >= day),
    )  # fmt: skip
    return db.session.scalars(query).first()


def next_term_of(term: Term) -> Term | None:
    """What followed a term: the one that renews it, or any later one of its membership."""
    query = select(Term).where(
        Term.membership_id == term.membership_id, Term.cancelled_at.is_(None),
        or_(Term.renews_id == term.id, Term.start_on > term.start_on),
    )  # fmt: skip
    return db.session.scalars(query.order_by(Term.start_on)).first()


def renewals_of(term_ids: Iterable[int]) -> dict[int, Renewal]:
    """By the term that is renewed."""
    query = select(Renewal).where(Renewal.term_id.in_(list(term_ids)))
    found = db.session.scalars(query.options(joinedload(Renewal.invoice)))
    return {one.term_id: one for one in found}


def renewal_of(term: Term) -> Renewal | None:
    return renewals_of([term.id]).get(term.id)


def resignations_of(membership_ids: Iterable[int]) -> dict[int, Resignation]:
    """Those that stand, by membership."""
    query = select(Resignation).where(
        Resignation.membership_id.in_(list(membership_ids)), Resignation.withdrawn_at.is_(None)
    )
    return {one.membership_id: one for one in db.session.scalars(query)}


def resignation_of(membership: Membership) -> Resignation | None:
    return resignations_of([membership.id]).get(membership.id)


def resigned_until(membership_id: int) -> date | None:
    """The last day that the firm said; None where it leaves not."""
    found = resignations_of([membership_id]).get(membership_id)
    return found.leaves_on if found else None


def has_resigned(membership_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """True of memberships whose firm has said that it leaves."""
    return exists().where(
        Resignation.membership_id == membership_id, Resignation.withdrawn_at.is_(None)
    )


def has_left(membership_id: SQLColumnExpression[Any], day: date) -> ColumnElement[bool]:
    """True of memberships whose last day was said, and is past."""
    return exists().where(
        Resignation.membership_id == membership_id, Resignation.withdrawn_at.is_(None),
        Resignation.leaves_on < day,
    )  # fmt: skip


def stayed() -> Select[int, int]:
    """By membership the last resignation that was taken back, and in no decision's favour."""
    expelled = aliased(Resignation)
    is_replaced = exists().where(
        expelled.membership_id == Resignation.membership_id,
        expelled.made_at == Resignation.withdrawn_at, expelled.decision_id.is_not(None),
        Resignation.decision_id.is_(None),
    )  # fmt: skip
    query = select(Resignation.membership_id, func.max(Resignation.id))
    query = query.where(Resignation.withdrawn_at.is_not(None), ~is_replaced)
    return query.group_by(Resignation.membership_id)


def is_credited() -> ColumnElement[bool]:
    """True of invoices taken back whole, or void; a part that was given stays given."""
    taken = select(func.coalesce(func.sum(CreditNote.total_minor), 0))
    of_this = taken.where(CreditNote.invoice_id == Invoice.id).correlate(Invoice)
    is_whole = and_(of_this.scalar_subquery() >= Invoice.total_minor, Invoice.total_minor > 0)
    return or_(is_whole, is_void())


def charges(membership: Membership) -> ColumnElement[bool]:
    """True of invoice lines of a membership, whatever its number was before a merge."""
    firm = Invoice.organization_id.in_(names_of(Organization, membership.organization_id))
    line = InvoiceLine.membership_id.in_(names_of(Membership, membership.id))
    return and_(firm, or_(line, InvoiceLine.membership_id.is_(None)))


def invoice_for(term: Term, start: date) -> Invoice | None:
    """The dues invoice that already charges a membership for a day, if any does."""
    membership = term.membership
    last = each(last_days_charged, membership.organization_id)
    if last is None or last < start:
        return None
    query = (
        select(Invoice)
        .join(Invoice.lines)
        .where(
            Invoice.kind == InvoiceKind.DUES, ~is_credited(),
            charges(membership),
            InvoiceLine.income == "dues", InvoiceLine.covers_from <= start,
            InvoiceLine.covers_to >= start,
            ~exists().where(Renewal.invoice_id == Invoice.id),
            ~exists().where(TermChange.invoice_id == Invoice.id),
        )
        .order_by(Invoice.id.desc())
    )  # fmt: skip
    return db.session.scalars(query).first()


def last_days_charged(firm_ids: Collection[int]) -> dict[int, date | None]:
    """Of several firms the last day that any invoice of theirs charges dues for."""
    older = older_ids(Organization, firm_ids)
    query = (
        select(Organization.id, func.max(InvoiceLine.covers_to))
        .join(Invoice, Invoice.organization_id == Organization.id)
        .join(Invoice.lines)
        .where(
            Organization.id.in_([*firm_ids, *older]), Invoice.kind == InvoiceKind.DUES,
            InvoiceLine.income == "dues",
        )
        .group_by(Organization.id)
    )  # fmt: skip
    found: dict[int, date | None] = dict.fromkeys(firm_ids)
    for number, last in db.session.execute(query):
        firm_id = older.get(number, number)
        found[firm_id] = max(filter(None, (last, found[firm_id])), default=None)
    return found


def recipients(firm_id: int) -> list[Person]:
    """Who is written to about a firm's dues: its dues contacts, else managers, else delegate.

    Nobody whose mail bounces: then the next role is asked.
    """
    return each(recipients_of, firm_id)


def recipients_of(firm_ids: Collection[int]) -> dict[int, list[Person]]:
    """Of several firms, each under whatever number it is asked by, in three statements."""
    merged = winners(Organization)
    now = {firm_id: merged.get(firm_id, firm_id) for firm_id in firm_ids}
    query = (
        select(Affiliation)
        .join(Affiliation.person)
        .where(Affiliation.organization_id.in_(set(now.values())))
        .where(Affiliation.until_on.is_(None))
        .where(Person.disabled_at.is_(None))
        .options(contains_eager(Affiliation.person))
        .order_by(Affiliation.id)
    )
    held = db.session.scalars(query).all()
    dead = bouncing(one.person.email for one in held)
    people: dict[int, list[Affiliation]] = defaultdict(list)
    for one in held:
        if one.person.email not in dead:
            people[one.organization_id].append(one)
    return {firm_id: _first_asked(people[now[firm_id]]) for firm_id in firm_ids}


def _first_asked(people: Sequence[Affiliation]) -> list[Person]:
    for role in ASKED:
        if holders := [one.person for one in people if role in one.roles]:
            return holders
    return []


def addresses_of(firm: Organization) -> list[str]:
    """Where a firm's invoices go: to its dues contacts, else to its own address.

    While mail to that bounces too, to those who stand in.
    """
    own = firm.billing_email
    if contacts := contacts_of(firm.id):
        return contacts
    if own and each(are_bouncing, own):
        return [one.email for one in recipients(firm.id)]
    return [own] if own else []


def memberships_of(firm_ids: Iterable[int]) -> Sequence[Membership]:
    query = select(Membership).where(
        Membership.organization_id.in_(list(firm_ids)), Membership.ended_on.is_(None)
    )
    return db.session.scalars(query.order_by(Membership.id)).all()


def memberships_by_firm(firm_ids: Collection[int]) -> dict[int, list[Membership]]:
    found: dict[int, list[Membership]] = {number: [] for number in firm_ids}
    for one in memberships_of(firm_ids):
        found[one.organization_id].append(one)
    return found


def class_among(membership: Membership) -> str:
    """The name of its class, where the firm has others beside it."""
    held = each(memberships_by_firm, membership.organization_id)
    is_one_of_several = sum(one.ended_on is None for one in held) > 1
    return CLASS_NAMES[membership.kind] if is_one_of_several else ""


def unpaid_renewal_of(membership: Membership) -> Renewal | None:
    """A renewal with an invoice on which something is owed."""
    query = (
        select(Renewal)
        .join(Renewal.term)
        .join(Renewal.invoice)
        .where(Term.membership_id == membership.id, owed() > 0)
    )
    return db.session.scalars(query.order_by(Renewal.id.desc())).first()
