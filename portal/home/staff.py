"""The staff desk; synonyms; what was looked for and not found."""

from datetime import timedelta

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.association.queries import association, today
from portal.core import clock
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.search import diary, guards
from portal.core.search.index import diary_folder, synonyms_text
from portal.core.states import Refused
from portal.core.web import see_other
from portal.home import actions, desk, queries
from portal.home.forms import SynonymsForm

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


@blueprint.route("/search/synonyms", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def synonyms() -> str | Response:
    """Edit the groups; what they do to a search is shown before they are kept."""
    form = SynonymsForm(text=synonyms_text())
    wants_preview = "preview" in request.form
    if form.validate_on_submit() and not wants_preview:
        try:
            actions.keep_synonyms(form.text.data or "", form.note.data or "")
            db.session.commit()
        except Refused:
            db.session.rollback()
            form.text.errors = guards.faults(form.text.data or "")
        else:
            return see_other(url_for(".synonyms"), "Kept: searches use them from now on.")
    effect = None
    if wants_preview and form.validate():
        form.text.errors = guards.faults(form.text.data or "")
        effect = queries.effect_of(form.text.data or "", form.query.data or "", current_user)
    return render_template("home/synonyms.html", form=form, effect=effect)


@blueprint.get("/search/asked")
@requires(Permission.LIBRARY_WRITE)
def asked() -> str:
    """Texts that found nothing, those whose finds nobody opens, and those asked most."""
    days = min(max(request.args.get("days", 7, type=int), 1), diary.KEPT.days)
    found = diary.asked(diary_folder(), today() - timedelta(days=days - 1))
    return render_template(
        "home/asked.html", days=days, nothing=[one for one in found if not one.hits][:100],
        passed=[one for one in found if one.is_passed_over][:100], fewest=diary.FEWEST,
        most=found[:50], times=sum(one.times for one in found), spans=(7, 30, diary.KEPT.days),
    )  # fmt: skip
