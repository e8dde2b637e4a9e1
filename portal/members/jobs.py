"""What the passing of days changes: firms that became members, and those that no longer are."""

from datetime import timedelta

from sqlalchemy import and_, or_, select

from portal.association.queries import today
from portal.core import jobs
from portal.core.db import db
from portal.core.search import index
from portal.members.models import Membership, Term

LOOK_BACK = timedelta(days=14)  # a worker that was away catches up


@jobs.every(timedelta(days=1))
def bring_the_search_up_to_date() -> None:
    """The pages ask the terms themselves; this only keeps the index from growing stale."""
    day = today()
    begun = and_(Term.start_on <= day, Term.start_on >= day - LOOK_BACK)
    ended = and_(Term.grace_until_on < day, Term.grace_until_on >= day - LOOK_BACK)
    firms = select(Membership.organization_id).join(Membership.terms).where(or_(begun, ended))
    for firm_id in db.session.scalars(firms.distinct()):
        index.changed("firm", firm_id)
    db.session.commit()
