"""Staff roles, given and taken by an administrator; accounts, closed, opened again, helped;
how long data are kept.
"""

from collections.abc import Callable

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.accounts import actions, closing, queries, recovering
from portal.accounts import retention as keeping
from portal.accounts.forms import (
    CloseForm,
    GrantForm,
    OpenForm,
    RevokeForm,
    TakeOffForm,
    retention_form,
)
from portal.accounts.models import Person, RoleGrant
from portal.association.actions import change
from portal.association.queries import association
from portal.core.access import Permission, Role, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other

Reasoned = CloseForm | OpenForm | TakeOffForm
blueprint = Blueprint("accounts_staff", __name__, url_prefix="/staff/accounts")


@blueprint.route("/", methods=["GET", "POST"])
@requires(Permission.ROLES_GRANT)
def index() -> str | Response:
    form = GrantForm()
    if form.validate_on_submit():
        try:
            words = _give_role(form)
            db.session.commit()
        except Refused as why:
            db.session.rollback()
            form.email.errors = [str(why)]
        else:
            return see_other(url_for(".index"), words)
    grants = db.session.scalars(queries.staff()).all()
    return render_template("accounts/staff_index.html", form=form, grants=grants)


def _give_role(form: GrantForm) -> str:
    person = actions.create_person(form.email.data, form.display_name.data)
    actions.grant(person, Role(form.role.data))
    if person.password_hash is None:
        why = f"You were given the role “{form.role.data}” at {association().name}."
        actions.invite(person, payload={}, why=why)
    return f"{person.display_name} has the role “{form.role.data}” from now on."


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


@blueprint.route("/retention", methods=["GET", "POST"])
@requires(Permission.ASSOCIATION_MANAGE)
def retention() -> str | Response:
    """How long each kind of data is kept; the job of the next night follows it."""
    rules = keeping.RULES
    form = retention_form(rules)
    if form.validate_on_submit():
        change(association(), retention={one.code: form[one.code].data for one in rules})
        db.session.commit()
        words = "Kept. The next night follows it, and the privacy page says it."
        return see_other(url_for(".retention"), words)
    return render_template("accounts/staff_retention.html", form=form, rules=rules)


@blueprint.get("/people")
@requires(Permission.ROLES_GRANT)
def people() -> str:
    """Accounts by name or address; those that were closed, when nothing is asked."""
    text = request.args.get("q", "").strip()[:200]
    page = paginate(queries.accounts(text))
    return render_template("accounts/staff_people.html", page=page, text=text)


@blueprint.route("/people/<int:person_id>/close", methods=["GET", "POST"])
@requires(Permission.ROLES_GRANT)
def close(person_id: int) -> str | Response:
    person, form = find(Person, id=person_id, disabled_at=None), CloseForm()
    words = f"The account of {person.display_name} is closed."
    if form.validate_on_submit() and _done(form, person, closing.close):
        return see_other(url_for(".people"), words)
    means = closing.what_it_means(person)
    return render_template("accounts/staff_close.html", form=form, person=person, means=means)


@blueprint.route("/people/<int:person_id>/open", methods=["GET", "POST"])
@requires(Permission.ROLES_GRANT)
def open_again(person_id: int) -> str | Response:
    person, form = find(Person, id=person_id), OpenForm()
    if not person.was_closed:
        abort(404)
    words = f"The account of {person.display_name} is open again."
    if form.validate_on_submit() and _done(form, person, closing.open_again):
        return see_other(url_for(".people"), words)
    return render_template("accounts/staff_open.html", form=form, person=person)


@blueprint.route("/people/<int:person_id>/second-factor", methods=["GET", "POST"])
@requires(Permission.ROLES_GRANT)
def take_off_second_factor(person_id: int) -> str | Response:
    """For somebody who lost the phone and the recovery codes."""
    person, form = find(Person, id=person_id, disabled_at=None), TakeOffForm()
    if person.totp_enabled_at is None:
        abort(404)
    words = f"The second factor of {person.display_name} is off: they are told by mail."
    if form.validate_on_submit() and _done(form, person, recovering.take_off_second_factor):
        return see_other(url_for(".people", q=person.email), words)
    return render_template("accounts/staff_second_factor.html", form=form, person=person)


def _done(
    form: CloseForm | OpenForm | TakeOffForm, person: Person, act: Callable[[Person, str], None]
) -> bool:
    """Commit it; what stands against it is said at the top of the form."""
    try:
        act(person, form.reason.data)
        db.session.commit()
    except Refused as why:
        db.session.rollback()
        form.form_errors.append(str(why))
        return False
    return True
