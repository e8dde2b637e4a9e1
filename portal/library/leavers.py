"""Checklists of firms that left: offered to take along, and deleted 30 days later."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import select

from portal.association.queries import day_of, today
from portal.core.db import db
from portal.core.merging import ids_of
from portal.library.kin import kin_of
from portal.library.models import ChecklistRun
from portal.library.runs import remove
from portal.members.models import Organization
from portal.members.queries import live_days, roster
from portal.notices import queries as notices
from portal.notices.actions import mail_once, once

KEPT = timedelta(days=30)
OFFER = "library/checklists_offered"


def left_on(spans: Iterable[tuple[date, date]], day: date) -> date | None:
    """The last day on which any of these spans held; none while one holds, or will."""
    last = max((end for _first, end in spans), default=None)
    return last if last is not None and last < day else None


def firms_gone(day: date) -> dict[int, date]:
    """Of firms with checklists: those whose whole group is a member no more, and since when."""
    spans: dict[int, list[tuple[date, date]]] = {}
    for firm_id, first, end in live_days():
        spans.setdefault(firm_id, []).append((first, end))
    found = {}
    for firm_id in db.session.scalars(select(ChecklistRun.organization_id).distinct()).all():
        group = {*ids_of(Organization, firm_id), *db.session.scalars(kin_of([firm_id]))}
        gone = left_on((span for one in group for span in spans.get(one, ())), day)
        if gone:
            found[firm_id] = gone
    return found


def offer_or_delete(firm_id: int, gone: date) -> None:
    """First the offer, to everybody of the firm; 30 days after both it and the end, no more."""
    key, subject = f"{OFFER}:{firm_id}:{gone}", f"organization:{firm_id}"
    if once(key, OFFER, subject):
        deleted_on = max(gone, today()) + KEPT
        for one in roster(firm_id):
            mail_once(
                f"{key}:{one.person_id}", OFFER, one.person, subject, deleted_on=deleted_on,
                count=len(runs_of(firm_id)), firm=one.organization,
            )  # fmt: skip
        return
    told = next(one for one in notices.told(subject, OFFER) if one.key == key)
    if today() > max(gone, day_of(told.at)) + KEPT:
        for run in runs_of(firm_id):
            remove(run, "the firm left")


def runs_of(firm_id: int) -> Sequence[ChecklistRun]:
    return db.session.scalars(select(ChecklistRun).filter_by(organization_id=firm_id)).all()
