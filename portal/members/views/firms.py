"""A firm's own page, its certificate, and the public directory."""

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import association, today
from portal.core import documents
from portal.core.access import Permission, public, requires
from portal.core.db import db
from portal.core.filters import day
from portal.core.web import paginate, see_other
from portal.members import actions, queries
from portal.members.forms import FirmForm
from portal.members.groups import sisters_shown
from portal.members.models import CLASS_NAMES, Organization
from portal.members.overlays import overlays_of
from portal.members.policy import Feature
from portal.members.powers import Power, may
from portal.members.views import blueprint
from portal.members.words import country


def my_firm() -> Organization:
    """The signed-in person's firm, with its terms."""
    queries.places_of(current_user)  # with the terms, for whatever reads them on this page
    held = queries.affiliation_of(current_user) or abort(404)
    return held.organization


def managed_firm() -> Organization:
    """The firm whose roster the signed-in person keeps; 404 when there is none."""
    held = queries.affiliation_of(current_user)
    if held is None or not may(Power.MANAGE_ROSTER, held.roles):
        abort(404)
    return held.organization


@blueprint.get("/firm/")
@requires(Permission.FIRM_READ)
def firm() -> str:
    mine = my_firm()
    people = queries.roster(mine.id)
    group = queries.group_of(mine.id)
    me = next((one for one in people if one.person_id == current_user.id), None)
    return render_template(
        "members/firm.html", firm=mine, state=queries.state_of(mine), people=people, group=group,
        has_data=queries.still_has_data(mine), is_listed=queries.gives(Feature.LISTED, mine),
        sisters=sisters_shown(mine.id),
        classes=[CLASS_NAMES[one] for one in queries.classes_of(mine)],
        keeps_roster=me is not None and may(Power.MANAGE_ROSTER, me.roles), day=today(),
        vacancies=db.session.scalars(queries.vacancies(mine.id)).all(),
        overlays=overlays_of("membership", [one.id for one in mine.memberships]),
    )  # fmt: skip


@blueprint.route("/firm/edit", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def edit() -> ResponseReturnValue:
    mine = managed_firm()
    form = FirmForm(obj=mine)
    if form.validate_on_submit():
        actions.update_firm(mine, **form.facts())
        db.session.commit()
        return see_other(url_for(".firm"), "The details are kept.")
    return render_template("members/edit.html", form=form, firm=mine, back=url_for(".firm"))


@blueprint.get("/firm/certificate.pdf")
@requires(Permission.FIRM_READ)
def certificate() -> Response:
    """Only while the directory shows the firm: an old one says the days it was good for."""
    mine = my_firm()
    if not queries.gives(Feature.LISTED, mine):
        abort(404)
    here, state = association(), queries.state_of(mine)
    facts = {
        "title": "Certificate of membership", "number": f"No. {mine.id}", "on": day(today()),
        "dated": today().isoformat(),
        "from": {"name": here.name, "address": here.address, "contact": here.contact_name},
        "firm": mine.name, "country": country(mine.country), "is_demo": here.is_demo,
        "classes": ", ".join(CLASS_NAMES[one] for one in queries.classes_of(mine)),
        "since": day(state.since), "until": day(state.until),
    }  # fmt: skip
    body = documents.pdf("certificate", facts)
    headers = {"Content-Disposition": 'inline; filename="certificate.pdf"'}
    return Response(body, content_type="application/pdf", headers=headers)


@blueprint.get("/directory/")
@public
def directory() -> str:
    text = request.args.get("q", "").strip()[:100]
    kind, where = request.args.get("class", ""), request.args.get("country", "")
    page = paginate(queries.members(text, kind, where))
    return render_template(
        "members/directory.html", page=page, text=text, kind=kind, where=where,
        classes=CLASS_NAMES, countries=queries.countries(only_live=True),
        classes_of=lambda one: [CLASS_NAMES[kind] for kind in queries.classes_of(one)],
    )  # fmt: skip
