"""What of a membership is sold or billed already beside its running term."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from portal.core.db import db
from portal.dues.models import Invoice
from portal.members.models import Membership, Term
from portal.renewals.models import Renewal, TermChange
from portal.renewals.queries.terms import is_credited, next_term_of


def terms_after(term: Term) -> Sequence[Term]:
    """The later terms of its membership that are sold already, in their order."""
    query = select(Term).where(
        Term.membership_id == term.membership_id, Term.cancelled_at.is_(None),
        Term.start_on > term.start_on,
        or_(Term.ended_early_on.is_(None), Term.ended_early_on >= Term.start_on),
    )  # fmt: skip
    return db.session.scalars(query.order_by(Term.start_on)).all()


def charges_of_changes(term: Term) -> Sequence[Invoice]:
    """The invoices that stand for growth inside a term."""
    query = select(Invoice).join(TermChange, TermChange.invoice_id == Invoice.id)
    query = query.where(TermChange.term_id == term.id, ~is_credited())
    return db.session.scalars(query.order_by(Invoice.id)).all()


def renewals_out(firm_id: int, membership_id: int | None = None) -> list[Renewal]:
    """Of a firm, or of one membership, the renewals with an invoice and no term so far."""
    query = select(Renewal).join(Renewal.term).join(Term.membership).where(
        Membership.organization_id == firm_id, Membership.ended_on.is_(None),
        Renewal.invoice_id.is_not(None), Term.cancelled_at.is_(None),
    )  # fmt: skip
    if membership_id is not None:
        query = query.where(Membership.id == membership_id)
    found = db.session.scalars(query.order_by(Renewal.id)).all()
    return [one for one in found if next_term_of(one.term) is None]
