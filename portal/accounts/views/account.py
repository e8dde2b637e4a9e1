"""One's own account: name, address, password, sessions, what we keep."""

import json

from flask import Response, render_template, session, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from portal.accounts import actions, jobs, limits, passwords, queries
from portal.accounts.forms import ChangeEmailForm, ChangePasswordForm, ProfileForm
from portal.accounts.holdings import HOLDINGS
from portal.accounts.models import Person, SignIn
from portal.accounts.secrets import new_secret
from portal.accounts.views import blueprint
from portal.accounts.views.signing_in import open_session, too_many
from portal.core import audit
from portal.core.access import signed_in
from portal.core.db import db
from portal.core.jobs import queue
from portal.core.search import index
from portal.core.web import find, see_other

WRONG = "This is not your password"


def me() -> Person:
    return current_user._get_current_object()


@blueprint.get("/account/")
@signed_in
def account() -> str:
    return render_template("accounts/account.html", person=me(), form=FlaskForm())


@blueprint.route("/account/profile", methods=["GET", "POST"])
@signed_in
def profile() -> str | AnyResponse:
    person = me()
    form = ProfileForm(
        data={
            "display_name": person.display_name,
            "phone": person.phone,
            "zone": person.zone or "",
        }
    )
    if form.validate_on_submit():
        person.display_name, person.phone = form.display_name.data, form.phone.data or ""
        person.zone = form.zone.data or None
        index.changed("person", person.id)
        audit.record("person.profile_changed", person)
        db.session.commit()
        return see_other(url_for(".account"), "Kept.")
    return render_template("accounts/profile.html", form=form)


def _is_my_password(password: str) -> bool:
    return passwords.is_right(me().password_hash, password)


@blueprint.route("/account/password", methods=["GET", "POST"])
@signed_in
def password() -> str | AnyResponse:
    person, form = me(), ChangePasswordForm()
    if form.validate_on_submit():
        try:
            limits.count(limits.SIGN_INS, f"password:{person.id}")
            db.session.commit()  # reckoning a hash takes long: not with the write lock held
        except limits.TooMany as refusal:
            return too_many(refusal, "accounts/password.html", form=form)
        fault = passwords.fault_of(form.password.data, *actions.guessable(person))
        if not _is_my_password(form.current.data):
            form.current.errors = [WRONG]
        elif fault:
            form.password.errors = [fault]
        else:
            stays = bool(session.get("stays"))
            actions.set_password(person, form.password.data)
            open_session(person, stays=stays)
            db.session.commit()
            return see_other(
                url_for(".account"), "The new password is kept; all other sessions are ended."
            )
        db.session.commit()
    return render_template("accounts/password.html", form=form)


@blueprint.route("/account/email", methods=["GET", "POST"])
@signed_in
def email() -> str | AnyResponse:
    person, form = me(), ChangeEmailForm()
    if form.validate_on_submit():
        try:
            limits.count(limits.MAILS, f"email:{person.id}")
            db.session.commit()
        except limits.TooMany as refusal:
            return too_many(refusal, "accounts/email.html", form=form, person=person)
        if _is_my_password(form.current.data):
            facts = {"person_id": person.id, "email": form.email.data}
            queue(jobs.ask_email_change, key=f"change-email:{new_secret()}", **facts)
            db.session.commit()
            words = (
                f"If {form.email.data} can be used, a link is on its way there. "
                "Until it is taken, nothing changes."
            )
            return see_other(url_for(".account"), words)
        form.current.errors = [WRONG]
        db.session.commit()
    return render_template("accounts/email.html", form=form, person=person)


@blueprint.post("/account/verify")
@signed_in
def send_verification() -> AnyResponse:
    person = me()
    try:
        limits.count(limits.MAILS, f"verify:{person.id}")
    except limits.TooMany as refusal:
        return see_other(url_for(".account"), str(refusal), "needs")
    actions.send_verification(person)
    db.session.commit()
    return see_other(url_for(".account"), f"A link is on its way to {person.email}.")


@blueprint.get("/account/sessions")
@signed_in
def sessions() -> str:
    found = db.session.scalars(queries.live_sessions(me()))
    return render_template("accounts/sessions.html", sessions=found.all(), here=me().session_id)


@blueprint.post("/account/sessions/<int:session_id>/end")
@signed_in
def end_session(session_id: int) -> AnyResponse:
    find(SignIn, id=session_id, person_id=me().id)
    actions.end_session(me(), session_id)
    db.session.commit()
    return see_other(url_for(".sessions"), "That session is ended.")


@blueprint.post("/account/sessions/end-others")
@signed_in
def end_others() -> AnyResponse:
    actions.end_sessions(me(), but=me().session_id)
    db.session.commit()
    return see_other(url_for(".sessions"), "Every other session is ended.")


@blueprint.get("/account/data.json")
@signed_in
def data() -> Response:
    """What we keep of this person, for them to take away."""
    found = {one.name: list(one.rows(me())) for one in HOLDINGS}
    body = json.dumps(found, indent=1, default=str, ensure_ascii=False)
    headers = {"Content-Disposition": "attachment; filename=my-data.json"}
    return Response(body, mimetype="application/json", headers=headers)
