"""Committees: what they are for, who sits on them, and for members what they noted."""

from flask import Blueprint, abort, render_template
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from portal.association.queries import today
from portal.committees.models import Committee, CommitteeSeat
from portal.committees.queries import is_held
from portal.core.access import public
from portal.core.db import db

blueprint = Blueprint("committees", __name__, url_prefix="/committees")


@blueprint.get("/")
@public
def index() -> str:
    query = select(Committee).options(selectinload(Committee.seats)).order_by(Committee.name)
    rows = [
        (one, sum(is_held(seat, today()) for seat in one.seats))
        for one in db.session.scalars(query)
    ]
    return render_template("committees/index.html", rows=rows)


@blueprint.get("/<string:slug>")
@public
def show(slug: str) -> str:
    committee = db.session.scalar(select(Committee).where(Committee.slug == slug)) or abort(404)
    seats = db.session.scalars(
        select(CommitteeSeat)
        .where(CommitteeSeat.committee_id == committee.id)
        .options(joinedload(CommitteeSeat.person), joinedload(CommitteeSeat.organization))
        .order_by(CommitteeSeat.role, CommitteeSeat.id)
    ).all()
    held = [one for one in seats if is_held(one, today())]
    mine = current_user.is_authenticated and any(one.person_id == current_user.id for one in held)
    return render_template("committees/show.html", committee=committee, seats=held, sits=mine)
