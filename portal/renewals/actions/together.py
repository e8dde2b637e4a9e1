"""A few acts of one night, one after the other: what all of them ask is held and read at once."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.association.queries import association, today
from portal.core.ahead import Question, reading
from portal.core.bounces import are_bouncing
from portal.core.db import db, give_way
from portal.dues.queries.closed import THE_CLOSING, closed_until
from portal.dues.queries.declarations import declared_by
from portal.dues.queries.payers import contacts_by_firm
from portal.dues.queries.tariffs import currencies_of, tariffs_in_effect
from portal.dues.queries.taxing import checked_ids, plain_id, tables_in_effect
from portal.members.models import Membership, Term
from portal.members.queries import seats_bought
from portal.notices.queries import known_keys
from portal.renewals import queries
from portal.renewals.actions.due import OF_TERMS, Act
from portal.renewals.actions.renewing import opened_key, rows_held, rows_of
from portal.renewals.prices import changes_by_term
from portal.renewals.queries.terms import memberships_by_firm


def do_together(acts: Sequence[Act]) -> None:
    """Do some acts in the caller's transaction, which begins here.

    Whoever works on one of the memberships waits until the caller commits; where they were first,
    the database soon raises its error, and the caller does the acts one by one.
    """
    give_way()
    terms = _held([act.subject for act in acts if act.do in OF_TERMS])
    with reading(_asked_of(terms)):
        for act in acts:
            act()


def _asked_of(terms: Sequence[Term]) -> dict[Question[Any, Any], Collection[Any]]:
    """What the acts of these terms will ask, of all of them."""
    firms, term_ids = {one.membership.organization for one in terms}, [one.id for one in terms]
    firm_ids = [one.id for one in firms]
    currencies = {association().currency, *currencies_of(firm_ids).values()}
    starts = {one.end_on + timedelta(days=1) for one in terms}
    told = {(one, today()) for one in firm_ids}
    told |= {(one.membership.organization_id, one.start_on) for one in terms}
    return {
        rows_of: term_ids, rows_held: term_ids, closed_until: [THE_CLOSING],
        known_keys: [opened_key(one) for one in term_ids],
        memberships_by_firm: firm_ids,
        changes_by_term: term_ids, seats_bought: term_ids,
        contacts_by_firm: firm_ids, currencies_of: firm_ids,
        declared_by: told, tables_in_effect: [today()],
        checked_ids: {(one.country, plain_id(one.tax_id)) for one in firms},
        tariffs_in_effect: [(day, one) for day in starts for one in currencies],
        queries.last_days_charged: firm_ids, queries.recipients_of: firm_ids,
        are_bouncing: {one.billing_email for one in firms}, queries.ladders_on: [today()],
    }  # fmt: skip


def _held(term_ids: Sequence[int]) -> Sequence[Term]:
    """The terms with their firms, as they are once nobody else works on their memberships."""
    mine = select(Membership.id).join(Membership.terms).where(Term.id.in_(term_ids))
    mine = mine.order_by(Membership.id).with_for_update(of=Membership)
    held = db.session.scalars(mine).all()
    with_all = joinedload(Term.membership)
    query = select(Term).where(Term.id.in_(term_ids), Term.membership_id.in_(held)).options(
        with_all.joinedload(Membership.organization), with_all.selectinload(Membership.terms)
    )  # fmt: skip
    return db.session.scalars(query).unique().all()
