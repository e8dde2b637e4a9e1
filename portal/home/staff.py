"""The staff desk."""

from flask import Blueprint, render_template, request
from flask_login import current_user

from portal.association.queries import association
from portal.core import clock
from portal.core.access import Permission, requires
from portal.home import desk

blueprint = Blueprint("home_staff", __name__, url_prefix="/staff")


@blueprint.get("/")
@requires(Permission.STAFF_DESK)
def index() -> str:
    """Queues with counts, one search, and the rooms that this person works in."""
    text = request.args.get("q", "").strip()[:100]
    shows_money = current_user.may(Permission.DUES_READ)
    waiting = desk.queues(current_user)
    chart, unpaid, owed = desk.ageing_chart() if shows_money else (None, 0, [])
    return render_template(
        "home/staff_index.html", queues=[one for one in waiting if one.count],
        empty=[one for one in waiting if not one.count], text=text, chart=chart,
        unpaid=unpaid, owed=owed, found=desk.find(text, current_user) if text else [],
        now=clock.now(), zone=association().zone,
    )  # fmt: skip
