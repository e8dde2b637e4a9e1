"""Committee seats, for the policy officer."""

from flask import Blueprint, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response

from portal.accounts.actions import refuse_closed
from portal.accounts.queries import person_by_email
from portal.association.queries import today
from portal.committees import actions
from portal.committees.forms import SeatForm
from portal.committees.models import Committee, CommitteeSeat, SeatRole
from portal.committees.queries import is_held
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, see_other

blueprint = Blueprint("committees_staff", __name__, url_prefix="/staff/committees")


@blueprint.get("/")
@requires(Permission.BILLS_MANAGE)
def index() -> str:
    found = db.session.scalars(select(Committee).order_by(Committee.name)).all()
    return render_template("committees/staff_index.html", committees=found)


@blueprint.route("/<int:committee_id>", methods=["GET", "POST"])
@requires(Permission.BILLS_MANAGE)
def show(committee_id: int) -> str | Response:
    committee, form = find(Committee, id=committee_id), SeatForm()
    if form.validate_on_submit():
        person = db.session.scalar(person_by_email(form.email.data))
        try:
            if person is None:
                raise Refused("Nobody here signs in with this address")
            refuse_closed(person)
            actions.seat(committee, person, SeatRole(form.role.data))
            db.session.commit()
        except Refused as why:
            db.session.rollback()
            form.email.errors = [str(why)]
        else:
            return see_other(
                url_for(".show", committee_id=committee_id), f"{person.display_name} has a seat."
            )
    held = [one for one in committee.seats if is_held(one, today())]
    return render_template(
        "committees/staff_show.html", committee=committee, form=form, seats=held
    )


@blueprint.route("/seats/<int:seat_id>/end", methods=["GET", "POST"])
@requires(Permission.BILLS_MANAGE)
def end_seat(seat_id: int) -> str | Response:
    held, form = find(CommitteeSeat, id=seat_id, until_on=None), FlaskForm()
    if form.validate_on_submit():
        actions.end_seat(held)
        db.session.commit()
        there = url_for(".show", committee_id=held.committee_id)
        return see_other(there, "Today is the last day of that seat.")
    return render_template("committees/staff_end.html", seat=held)
