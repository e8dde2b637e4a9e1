"""Events for their organisers: make, change, open, cancel; who comes."""

import csv
import io

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.association.queries import association
from portal.core import clock
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.events import actions, queries
from portal.events.forms import EventForm, ReasonForm, as_data
from portal.events.models import Event, EventStatus

blueprint = Blueprint("events_staff", __name__, url_prefix="/staff/events")


@blueprint.get("/")
@requires(Permission.EVENTS_MANAGE)
def index() -> str:
    text, state = request.args.get("q", "").strip(), request.args.get("state", "")
    page = paginate(queries.for_staff(text, state))
    return render_template(
        "events/staff_index.html", page=page, text=text, state=state, states=EventStatus,
        now=clock.now(),
    )  # fmt: skip


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.EVENTS_MANAGE)
def new() -> str | AnyResponse:
    home = association()
    form = EventForm(currency=home.currency, zone=home.zone)
    if form.validate_on_submit():
        event = actions.make(form.facts())
        db.session.commit()
        words = "The draft is kept. Nobody sees it until you open registration."
        return see_other(url_for(".show", event_id=event.id), words)
    return render_template(
        "events/staff_write.html", form=form, event=None, currency=home.currency
    )


@blueprint.route("/<int:event_id>/edit", methods=["GET", "POST"])
@requires(Permission.EVENTS_MANAGE)
def edit(event_id: int) -> str | AnyResponse:
    event = find(Event, id=event_id)
    form = EventForm(currency=event.currency, event=event, data=as_data(event))
    if form.validate_on_submit():
        try:
            actions.change(event, form.facts())
            db.session.commit()
        except Refused as why:
            db.session.rollback()
            form.form_errors.append(str(why))
        else:
            return see_other(url_for(".show", event_id=event_id), "The event is changed.")
    return render_template(
        "events/staff_write.html", form=form, event=event, currency=event.currency
    )


@blueprint.get("/<int:event_id>")
@requires(Permission.EVENTS_MANAGE)
def show(event_id: int) -> str:
    event = find(Event, id=event_id)
    page = paginate(queries.attendees(event), size=100)
    return render_template(
        "events/staff_show.html", event=event, page=page, waiting=queries.waiting_count(event),
        may=event.status.may_become, states=EventStatus,
    )  # fmt: skip


@blueprint.post("/<int:event_id>/open")
@requires(Permission.EVENTS_MANAGE)
def open_registration(event_id: int) -> AnyResponse:
    actions.open_registration(find(Event, id=event_id))
    db.session.commit()
    return see_other(url_for(".show", event_id=event_id), "Registration is open.")


@blueprint.route("/<int:event_id>/cancel", methods=["GET", "POST"])
@requires(Permission.EVENTS_MANAGE)
def cancel(event_id: int) -> str | AnyResponse:
    event, form = find(Event, id=event_id), ReasonForm()
    if form.validate_on_submit():
        actions.cancel_event(event, form.reason.data)
        db.session.commit()
        words = "The event is cancelled. Everybody was told why, and every invoice is credited."
        return see_other(url_for(".show", event_id=event_id), words)
    return render_template("events/staff_cancel.html", event=event, form=form)


@blueprint.get("/<int:event_id>/attendees.csv")
@requires(Permission.EVENTS_MANAGE)
def attendees(event_id: int) -> Response:
    """For badges and the door; a cell that a spreadsheet could take for a formula is quoted."""
    event = find(Event, id=event_id)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["name", "email", "firm", "state", "needs"])
    for one in db.session.scalars(queries.attendees(event)):
        firm = one.order.organization.name if one.order.organization else one.order.firm_name
        writer.writerow(map(_cell, (one.name, one.email, firm, one.status.value, one.needs)))
    name = f"attachment; filename=attendees-{event.id}.csv"
    headers = {"Content-Disposition": name}
    return Response(file.getvalue(), mimetype="text/csv", headers=headers)


def _cell(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
