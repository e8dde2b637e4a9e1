"""What a committee has gone through. The caller commits, and has checked who sits on it."""

from sqlalchemy import select

from portal.accounts.models import Person
from portal.committees.models import Committee
from portal.core import audit, clock
from portal.core.db import db
from portal.legislation.models import Measure, MeasureReview


def mark_reviewed(measure: Measure, committee: Committee, person: Person) -> MeasureReview:
    """As of now; what is news later is to be gone through again."""
    query = select(MeasureReview).filter_by(measure_id=measure.id, committee_id=committee.id)
    one = db.session.scalar(query) or MeasureReview(
        measure_id=measure.id, committee_id=committee.id
    )
    one.person_id, one.at = person.id, clock.now()
    db.session.add(one)
    audit.record("measure.gone_through", measure, committee=committee.slug)
    return one
