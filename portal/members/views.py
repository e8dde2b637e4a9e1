"""A firm's own page, its people, and the public directory."""

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import association, today
from portal.core import documents
from portal.core.access import Permission, public, requires
from portal.core.db import db
from portal.core.filters import day
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.members import actions, queries
from portal.members.forms import FirmForm, InviteForm, RolesForm
from portal.members.groups import sisters_shown
from portal.members.models import CLASS_NAMES, Affiliation, FirmRole, Organization
from portal.members.words import country

blueprint = Blueprint("members", __name__)


def my_firm() -> Organization:
    """The signed-in person's firm, with its terms."""
    held = queries.affiliation_of(current_user) or abort(404)
    query = queries.firm_with_terms().where(Organization.id == held.organization_id)
    return db.session.scalars(query).unique().one()


def managed_firm() -> Organization:
    """The firm whose roster the signed-in person keeps; 404 when there is none."""
    held = queries.affiliation_of(current_user)
    if held is None or FirmRole.ROSTER_MANAGER not in held.roles:
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
        sisters=sisters_shown(mine.id),
        classes=[CLASS_NAMES[one] for one in queries.classes_of(mine)],
        keeps_roster=me is not None and FirmRole.ROSTER_MANAGER in me.roles,
        invited=queries.invited_to(mine.id),
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


@blueprint.route("/firm/people/invite", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def invite() -> ResponseReturnValue:
    mine, form = managed_firm(), InviteForm()
    if form.validate_on_submit():
        by = current_user._get_current_object()
        try:
            actions.invite_colleague(
                mine, form.email.data, form.display_name.data, form.roles.data, by
            )
        except Refused as refused:
            db.session.rollback()
            form.email.errors = [str(refused)]
        else:
            db.session.commit()
            return see_other(
                url_for(".firm"), f"An invitation is on its way to {form.email.data}."
            )
    return render_template("members/invite.html", form=form, firm=mine, back=url_for(".firm"))


def colleague(affiliation_id: int) -> Affiliation:
    facts = {"id": affiliation_id, "organization_id": managed_firm().id, "until_on": None}
    return find(Affiliation, **facts)


@blueprint.route("/firm/people/<int:affiliation_id>", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def roles(affiliation_id: int) -> ResponseReturnValue:
    one = colleague(affiliation_id)
    form = RolesForm(roles=list(one.roles))
    if form.validate_on_submit():
        try:
            actions.change_roles(one, form.roles.data)
        except Refused as refused:
            db.session.rollback()
            form.roles.errors = [str(refused)]
        else:
            db.session.commit()
            words = f"The roles of {one.person.display_name} are kept."
            return see_other(url_for(".firm"), words)
    return render_template("members/roles.html", form=form, one=colleague(affiliation_id))


@blueprint.route("/firm/people/<int:affiliation_id>/end", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def end(affiliation_id: int) -> ResponseReturnValue:
    one = colleague(affiliation_id)
    name = one.person.display_name
    if request.method == "POST":
        try:
            actions.end_affiliation(one)
        except Refused as refused:
            db.session.rollback()
            return see_other(url_for(".firm"), str(refused), "needs")
        db.session.commit()
        return see_other(url_for(".firm"), f"{name} is no longer with your firm here.")
    return render_template("members/end.html", one=one)


@blueprint.get("/firm/certificate.pdf")
@requires(Permission.FIRM_READ)
def certificate() -> Response:
    """Only while the membership is live: an old certificate says the days it was good for."""
    mine = my_firm()
    state = queries.state_of(mine)
    if not state.is_live:
        abort(404)
    here = association()
    facts = {
        "title": "Certificate of membership", "number": f"No. {mine.id}", "on": day(today()),
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
