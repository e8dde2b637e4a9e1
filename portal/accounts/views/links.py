"""Pages behind mailed links: reset, verification, a new address, an invitation."""

from flask import flash, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from portal.accounts import actions, jobs, limits, passwords, tokens
from portal.accounts.forms import AcceptForm, EmailForm, NewPasswordForm
from portal.accounts.models import Person, TokenKind
from portal.accounts.secrets import new_secret
from portal.accounts.views import blueprint
from portal.accounts.views.signing_in import leave, open_session, too_many
from portal.core.access import public
from portal.core.db import db
from portal.core.jobs import queue
from portal.core.visitors import network
from portal.core.web import see_other

SENT = "If that address is known here, a link is on its way. It works for one hour."


@blueprint.route("/reset", methods=["GET", "POST"])
@public
def reset() -> str | Response:
    """Ask for a link; the answer is the same for addresses we know and those we do not."""
    form = EmailForm()
    if form.validate_on_submit():
        try:
            limits.count(limits.MAILS, f"reset:{form.email.data.lower()}", f"resets:{network()}")
        except limits.TooMany as refusal:
            return too_many(refusal, "accounts/reset.html", form=form)
        asked = f"reset:{new_secret()}"
        queue(jobs.send_reset, key=asked, email=form.email.data)
        db.session.commit()
        return see_other(url_for(".sign_in"), SENT)
    return render_template("accounts/reset.html", form=form)


@blueprint.route("/reset/<string:token>", methods=["GET", "POST"])
@public
def new_password(token: str) -> str | Response:
    found = tokens.find(TokenKind.RESET, token)
    if found is None or found.person is None or found.person.email != found.email:
        return render_template("accounts/dead_link.html", again=url_for(".reset"))
    form = NewPasswordForm()
    if form.validate_on_submit():
        fault = passwords.fault_of(form.password.data, *actions.guessable(found.person))
        if fault:
            form.password.errors = [fault]
        elif tokens.take(found):
            actions.set_password(found.person, form.password.data)
            leave()
            db.session.commit()
            words = "The new password is kept and every other session is ended. Sign in with it."
            return see_other(url_for(".sign_in"), words)
    return render_template("accounts/new_password.html", form=form, person=found.person)


@blueprint.route("/verify/<string:token>", methods=["GET", "POST"])
@public
def verify(token: str) -> str | Response:
    """A button, because a mail scanner follows links too."""
    found, form = tokens.find(TokenKind.VERIFY, token), FlaskForm()
    if found is None:
        return render_template("accounts/dead_link.html", again=url_for(".account"))
    if form.validate_on_submit():
        actions.verify(token)
        db.session.commit()
        return see_other(
            url_for(".account"), "Thank you: the address is yours, as far as we can see."
        )
    return render_template("accounts/verify.html", form=form, email=found.email, button="Confirm")


@blueprint.route("/change-email/<string:token>", methods=["GET", "POST"])
@public
def confirm_email(token: str) -> str | Response:
    found, form = tokens.find(TokenKind.CHANGE_EMAIL, token), FlaskForm()
    if found is None:
        return render_template("accounts/dead_link.html", again=url_for(".account"))
    if form.validate_on_submit():
        person = actions.change_email(token)
        db.session.commit()
        if person is None:
            return render_template("accounts/dead_link.html", again=url_for(".account"))
        return see_other(url_for(".account"), f"You sign in with {person.email} from now on.")
    return render_template("accounts/verify.html", form=form, email=found.email, button="Use it")


@blueprint.route("/invitation/<string:token>", methods=["GET", "POST"])
@public
def accept(token: str) -> str | Response:
    """Take up an invitation: a newcomer chooses a password, somebody known just says yes."""
    found = tokens.find(TokenKind.INVITE, token)
    if found is None or found.person is None:
        return render_template("accounts/dead_link.html", again=url_for(".reset"))
    person = found.person
    is_new = person.password_hash is None
    form = AcceptForm(name=person.display_name) if is_new else FlaskForm()
    if form.validate_on_submit():
        password = form.password.data if is_new else None
        fault = passwords.fault_of(password, *actions.guessable(person)) if password else None
        if fault:
            form.password.errors = [fault]
        elif actions.accept(token, form.name.data if is_new else "", password):
            return _welcome(person, is_new=is_new)
        else:  # it was taken at this very moment
            return render_template("accounts/dead_link.html", again=url_for(".reset"))
    return render_template("accounts/accept.html", form=form, person=person, is_new=is_new)


def _welcome(person: Person, *, is_new: bool) -> Response:
    if is_new:
        open_session(person, stays=False)
    db.session.commit()
    flash("Welcome. This page shows what needs you first.")
    there = "home.dashboard" if is_new or current_user.is_authenticated else ".sign_in"
    return see_other(url_for(there))
