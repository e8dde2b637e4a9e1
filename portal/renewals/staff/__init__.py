"""The membership officer's pages: the board of renewals, what is coming, one firm, arrears."""

from datetime import timedelta

from flask import Blueprint, render_template, request
from sqlalchemy import select

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.jobs import Job
from portal.core.web import Page, page_number
from portal.renewals import queries
from portal.renewals.ahead import coming
from portal.renewals.jobs import look_after_memberships
from portal.renewals.pipeline import KINDS, WORDS, Stage

blueprint = Blueprint("renewals_staff", __name__, url_prefix="/staff/members")

PAGE = 50
SHOWN = [one for one in Stage if one is not Stage.NOT_OPEN]


@blueprint.get("/renewals")
@requires(Permission.DUES_READ)
def board() -> str:
    """Every renewal that is open or just over, by its stage."""
    day = today()
    rows = [(row.stage(day), row) for row in queries.board(day)]
    counts = {stage: sum(one is stage for one, _ in rows) for stage in SHOWN}
    asked = request.args.get("stage", "")
    listed = [row for stage, row in rows if stage in SHOWN and asked in {"", stage.value}]
    number = page_number()
    shown = listed[(number - 1) * PAGE : number * PAGE]
    return render_template(
        "renewals/staff_board.html", page=Page(shown, number, len(listed), PAGE), day=day,
        counts=counts, asked=asked, words=WORDS, kinds=KINDS, last=_last_pass(),
    )  # fmt: skip


def _last_pass() -> Job | None:
    """The latest turn of the nightly job, with how far it is."""
    name = f"{look_after_memberships.__module__}.{look_after_memberships.__name__}"
    query = select(Job).where(Job.handler == name).order_by(Job.id.desc()).limit(1)
    return db.session.scalars(query).first()


@blueprint.get("/calendar")
@requires(Permission.DUES_READ)
def calendar() -> str:
    """What the next 90 days bring to memberships, and why."""
    day = today()
    known = [row.known for row in queries.board(day, ahead_days=180)]
    found = coming(known, queries.unpaid_known(day), day)
    number = page_number()
    shown = found[(number - 1) * PAGE : number * PAGE]
    return render_template(
        "renewals/staff_calendar.html", page=Page(shown, number, len(found), PAGE), day=day,
        last=day + timedelta(days=90),
    )  # fmt: skip
