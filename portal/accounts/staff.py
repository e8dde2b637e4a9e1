"""Staff roles, given and taken by an administrator."""

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from portal.accounts import actions, queries
from portal.accounts.forms import GrantForm, RevokeForm
from portal.accounts.models import RoleGrant
from portal.association.queries import association
from portal.core.access import Permission, Role, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, see_other

blueprint = Blueprint("accounts_staff", __name__, url_prefix="/staff/accounts")


@blueprint.route("/", methods=["GET", "POST"])
@requires(Permission.ROLES_GRANT)
def index() -> str | Response:
    form = GrantForm()
    if form.validate_on_submit():
        person = actions.create_person(form.email.data, form.display_name.data)
        actions.grant(person, Role(form.role.data))
        if person.password_hash is None:
            why = f"You were given the role “{form.role.data}” at {association().name}."
            actions.invite(person, payload={}, why=why)
        db.session.commit()
        words = f"{person.display_name} has the role “{form.role.data}” from now on."
        return see_other(url_for(".index"), words)
    grants = db.session.scalars(queries.staff()).all()
    return render_template("accounts/staff_index.html", form=form, grants=grants)


@blueprint.route("/<int:grant_id>/revoke", methods=["GET", "POST"])
@requires(Permission.ROLES_GRANT)
def revoke(grant_id: int) -> str | Response:
    found, form = find(RoleGrant, id=grant_id, revoked_at=None), RevokeForm()
    if form.validate_on_submit():
        try:
            actions.revoke(found, form.reason.data)
            db.session.commit()
        except Refused as why:
            db.session.rollback()
            form.form_errors.append(str(why))
        else:
            return see_other(url_for(".index"), "The role is taken back, from the next page on.")
    return render_template("accounts/staff_revoke.html", form=form, grant=found)
