"""Questions about firms that were expelled."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core.db import db
from portal.members.models import Membership
from portal.renewals.models import Resignation


def replaced_by(expulsion: Resignation) -> Resignation | None:
    """The resignation in whose place a decision came: taken back at that very instant."""
    query = select(Resignation).where(
        Resignation.membership_id == expulsion.membership_id,
        Resignation.withdrawn_at == expulsion.made_at, Resignation.decision_id.is_(None),
    )  # fmt: skip
    return db.session.scalars(query).first()


def expulsions_of(firm_ids: Iterable[int]) -> Sequence[Resignation]:
    """Of several firms those that were not taken back, the latest first."""
    query = (
        select(Resignation)
        .join(Resignation.membership)
        .where(
            Membership.organization_id.in_(list(firm_ids)),
            Resignation.decision_id.is_not(None), Resignation.withdrawn_at.is_(None),
        )
        .options(
            contains_eager(Resignation.membership).joinedload(Membership.organization),
            joinedload(Resignation.decision),
        )
        .order_by(Resignation.leaves_on.desc(), Resignation.id.desc())
    )  # fmt: skip
    return db.session.scalars(query).all()
