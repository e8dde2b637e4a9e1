"""Sign in, in one step or two, and out."""

from flask import make_response, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from portal.accounts import actions, limits, passwords
from portal.accounts.forms import CodeForm, SignInForm
from portal.accounts.models import Person
from portal.accounts.queries import person_by_email, person_of_session
from portal.accounts.secrets import hashed
from portal.accounts.views import blueprint
from portal.association.queries import association
from portal.core import clock
from portal.core.access import login, public, signed_in
from portal.core.db import db
from portal.core.states import Refused
from portal.core.visitors import address, network
from portal.core.web import safe_next, see_other

IDLE = 2 * 3600  # seconds; sessions that do not stay end after this much silence
HALFWAY = 10 * 60  # seconds to enter the code after the password
WRONG = "That e-mail address and password do not belong together."
CLOSED = "This account is closed. The mail that told you says why; questions go to {0}."


def who(token: str) -> Person | None:
    """The person of a cookie's session, with the firm they chose to act for in it."""
    found = person_of_session(token)
    if found:
        found.acting_for = session.get("acting_for", 0)
    return found


def too_many(refusal: limits.TooMany, template: str, **context: object) -> Response:
    """429, with the sentence at the top of the same form."""
    db.session.commit()
    context["form"].form_errors.append(str(refusal))  # type: ignore[attr-defined]
    response = make_response(render_template(template, **context), 429)
    response.headers["Retry-After"] = str(refusal.seconds)
    return response


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> str | Response:
    form = SignInForm()
    if form.validate_on_submit():
        email = form.email.data.lower()
        try:
            limits.count(limits.SIGN_INS, f"account:{email}", f"address:{network()}")
            db.session.commit()
        except limits.TooMany as refusal:
            return too_many(refusal, "accounts/sign_in.html", form=form)
        person = db.session.scalar(person_by_email(email))
        stored, person_id = (person.password_hash, person.id) if person else (None, 0)
        db.session.commit()  # reckoning a hash takes long: not with the write lock held
        is_right = passwords.is_right(stored, form.password.data)
        person = db.session.get_one(Person, person_id) if is_right else None
        if person and person.disabled_at is None and person.password_hash == stored:
            return _password_was_right(person, form)
        form.form_errors.append(_closed_words() if person and person.was_closed else WRONG)
    return render_template("accounts/sign_in.html", form=form)


def _closed_words() -> str:
    """Only who has the right password learns it."""
    return CLOSED.format(association().contact_email or association().name)


def _password_was_right(person: Person, form: SignInForm) -> Response:
    if passwords.is_outdated(person.password_hash or ""):
        person.password_hash = passwords.hash_of(form.password.data)
    there = safe_next("")
    if person.totp_enabled_at:
        leave()
        stays = bool(form.stays.data)
        session["second_step"] = [person.id, _seconds(), stays, there, _mark(person)]
        db.session.commit()
        return see_other(url_for(".code"))
    return finish(person, stays=form.stays.data, there=there)


def finish(person: Person, *, stays: bool, there: str) -> Response:
    """A new session under a new id; the old cookie is worth nothing."""
    limits.forget(f"account:{person.email}")
    limits.forgive(f"address:{network()}")
    open_session(person, stays=stays)
    db.session.commit()
    return see_other(there or url_for("home.dashboard"))


def leave() -> None:
    """The session that this browser had ends, whoever's that was: the old cookie is dead."""
    if current_user.is_authenticated:
        actions.end_session(current_user, current_user.session_id)
    session.clear()


def open_session(person: Person, *, stays: bool) -> None:
    leave()
    actions.start_session(
        person, stays=stays, address=address(), browser=request.headers.get("User-Agent", "")
    )
    login_user(person)
    session.permanent = stays
    session["stays"], session["seen"] = stays, _seconds()


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public
def code() -> str | Response:
    """The second step: a code of the app, or a recovery code."""
    person_id, since, stays, there, knew = session.get("second_step") or [0, 0, False, "", ""]
    person = db.session.get(Person, person_id) if _seconds() - since <= HALFWAY else None
    if person is None or person.disabled_at or knew != _mark(person):
        session.pop("second_step", None)
        return see_other(
            url_for(".sign_in"), "Begin again: the second step was not taken in time."
        )
    form = CodeForm()
    if form.validate_on_submit():
        try:
            limits.count(limits.CODES, f"code:{person_id}")
            db.session.commit()
            actions.check_code_or_recovery(person, form.code.data)
        except limits.TooMany as refusal:
            return too_many(refusal, "accounts/code.html", form=form)
        except Refused as why:
            db.session.rollback()
            form.code.errors = [str(why)]
        else:
            limits.forget(f"code:{person_id}")
            return finish(person, stays=stays, there=there)
    return render_template("accounts/code.html", form=form)


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    actions.end_session(current_user, current_user.session_id)
    db.session.commit()
    logout_user()
    session.clear()
    gone = see_other(url_for("home.index"), "You are signed out.")
    gone.headers["Clear-Site-Data"] = '"cache", "storage"'
    return gone


def end_idle_session() -> None:
    """Before each request: a session of one sitting ends after two hours of silence."""
    if "_user_id" not in session or session.get("stays"):
        return
    now, seen = _seconds(), session.get("seen", 0)
    if seen and now - seen > IDLE:
        session.clear()
    elif now - seen > 60:
        session["seen"] = now


def _mark(person: Person) -> str:
    """Of password and second factor: when one of them changes the second step begins again."""
    return hashed(f"{person.password_hash} {person.totp_secret}")[:16]


def _seconds() -> int:
    return int(clock.now().timestamp())


login.login_message_category = "needs"
