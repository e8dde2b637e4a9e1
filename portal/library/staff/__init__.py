"""The library desk: all practices, and what waits for whom."""

from flask import Blueprint, abort, render_template, request
from sqlalchemy import select

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.web import paginate
from portal.library import queries, reviewing, steps
from portal.library import waiting as to_do
from portal.library.models import Practice, PracticeStatus
from portal.library.taxonomy import label

blueprint = Blueprint("library_staff", __name__, url_prefix="/staff/library")


@blueprint.get("/")
@requires(Permission.LIBRARY_WRITE)
def index() -> str:
    status, text = request.args.get("status", ""), request.args.get("q", "").strip()
    page = paginate(queries.for_staff(status, text))
    waiting = [one for one in page.items if one.status is PracticeStatus.IN_REVIEW]
    return render_template(
        "library/staff_index.html",
        page=page,
        status=status,
        text=text,
        statuses=PracticeStatus,
        label=label,
        words=steps.WORDS,
        services=reviewing.services(waiting) if waiting else {},
        tasks=to_do.tasks(),
    )


def locked(practice_id: int) -> Practice:
    """The practice for a change: who comes at the same moment waits, and then sees this one."""
    query = select(Practice).where(Practice.id == practice_id).with_for_update()
    return db.session.scalar(query) or abort(404)
