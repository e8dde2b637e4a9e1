"""The register of firms, for staff."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import selectinload

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.members import actions, queries
from portal.members.forms import FirmForm, InviteForm
from portal.members.models import CLASS_NAMES, GroupMembership, Organization
from portal.members.standing import Standing
from portal.members.timeline import timeline_of

blueprint = Blueprint("members_staff", __name__, url_prefix="/staff/members")

STANDINGS = {
    Standing.IN_FORCE: "In force", Standing.GRACE: "In grace", Standing.SCHEDULED: "Begins later",
    Standing.LAPSED: "Lapsed or ended", Standing.NONE: "Never a member",
}  # fmt: skip


@blueprint.get("/")
@requires(Permission.FIRMS_READ)
def index() -> str:
    filters = {
        "text": request.args.get("q", "").strip()[:200], "kind": request.args.get("class", ""),
        "country": request.args.get("country", ""), "standing": request.args.get("state", ""),
    }  # fmt: skip
    page = paginate(queries.firms(**filters))
    return render_template(
        "members/staff_index.html", page=page, filters=filters, standings=STANDINGS,
        classes=CLASS_NAMES, countries=queries.countries(), state_of=queries.state_of,
        classes_of=lambda one: [CLASS_NAMES[kind] for kind in queries.classes_of(one)],
    )  # fmt: skip


def one_firm(organization_id: int) -> Organization:
    groups = selectinload(Organization.group_memberships).joinedload(GroupMembership.group)
    query = queries.firm_with_terms().options(groups).where(Organization.id == organization_id)
    found = db.session.scalars(query).unique().one_or_none()
    return found or find(Organization, id=organization_id)


@blueprint.get("/<int:organization_id>")
@requires(Permission.FIRMS_READ)
def show(organization_id: int) -> str:
    firm = one_firm(organization_id)
    affiliations = queries.all_affiliations(firm.id)
    return render_template(
        "members/staff_show.html", firm=firm, state=queries.state_of(firm),
        people=[one for one in affiliations if one.until_on is None],
        classes=[CLASS_NAMES[one] for one in queries.classes_of(firm)],
        group=queries.group_of(firm.id), timeline=timeline_of(firm, affiliations),
        invited=queries.invited_to(firm.id),
    )  # fmt: skip


@blueprint.route("/<int:organization_id>/edit", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def edit(organization_id: int) -> ResponseReturnValue:
    firm = find(Organization, id=organization_id)
    form, back = FirmForm(obj=firm), url_for(".show", organization_id=firm.id)
    if form.validate_on_submit():
        actions.update_firm(firm, **form.facts())
        db.session.commit()
        return see_other(back, "The details are kept.")
    return render_template("members/edit.html", form=form, firm=firm, back=back)


@blueprint.route("/<int:organization_id>/invite", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def invite(organization_id: int) -> ResponseReturnValue:
    firm = find(Organization, id=organization_id)
    form, back = InviteForm(), url_for(".show", organization_id=firm.id)
    if form.validate_on_submit():
        by = current_user._get_current_object()
        try:
            actions.invite_colleague(
                firm, form.email.data, form.display_name.data, form.roles.data, by
            )
        except Refused as refused:
            db.session.rollback()
            form.email.errors = [str(refused)]
        else:
            db.session.commit()
            return see_other(back, f"An invitation is on its way to {form.email.data}.")
    return render_template("members/invite.html", form=form, firm=firm, back=back)
