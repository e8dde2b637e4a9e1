"""Questions about imports."""

from collections import Counter

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.core.jobs import Job
from portal.exchange.models import Import, ImportRow, ImportStatus, Outcome


def imports(kinds: list[str]) -> Select[Import]:
    """The history, newest first."""
    query = select(Import).where(Import.kind.in_(kinds)).options(joinedload(Import.made_by))
    return query.order_by(Import.id.desc())


def remembered(kind: str) -> dict[str, str]:
    """How the headings of the last files of this kind were mapped."""
    used = select(Import.columns).where(
        Import.kind == kind, Import.status.in_((ImportStatus.DONE, ImportStatus.CHECKED))
    )
    last = db.session.scalars(used.order_by(Import.id.desc()).limit(5)).all()
    return {
        heading: field
        for columns in reversed(last)
        for heading, field, _ in columns
        if field and heading
    }


def counts(import_id: int) -> Counter[Outcome]:
    """How many rows have each outcome."""
    query = select(ImportRow.outcome, func.count()).where(ImportRow.import_id == import_id)
    found = db.session.execute(query.group_by(ImportRow.outcome))
    return Counter({one: many for one, many in found if one})


def rows(import_id: int, outcomes: list[Outcome]) -> Select[ImportRow]:
    query = select(ImportRow).where(ImportRow.import_id == import_id)
    if outcomes:
        query = query.where(ImportRow.outcome.in_(outcomes))
    return query.order_by(ImportRow.line)


def work_on(key: str) -> Job | None:
    """The job that works on an import now, with how far it is."""
    return db.session.scalars(select(Job).where(Job.key == key)).one_or_none()
