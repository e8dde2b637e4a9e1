"""The second factor: set up, recovery codes, off; and the gate that staff pass only with it."""

from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from portal.accounts import actions, codes, limits
from portal.accounts.forms import ConfirmForm, TurnOnForm
from portal.accounts.models import Person
from portal.accounts.views import blueprint
from portal.accounts.views.account import WRONG, _is_my_password, me
from portal.accounts.views.signing_in import open_session, too_many
from portal.association.queries import association
from portal.core import qr
from portal.core.access import signed_in
from portal.core.db import db
from portal.core.links import settings
from portal.core.states import Refused
from portal.core.web import see_other

TEMPLATE = "accounts/second_factor.html"
OPEN = {"accounts.second_factor", "accounts.sign_out", "accounts.second_factor_start"}


@blueprint.get("/account/second-factor")
@signed_in
def second_factor() -> str:
    return _page(TurnOnForm(), ConfirmForm())


def _page(form: TurnOnForm, confirm: ConfirmForm) -> str:
    return render_template(TEMPLATE, **_facts(form, confirm))


def _facts(form: TurnOnForm, confirm: ConfirmForm) -> dict[str, Any]:
    """What its page shows: `form` turns it on, `confirm` off."""
    person = me()
    secret = "" if person.totp_enabled_at else person.totp_secret or ""
    return {
        "person": person, "form": form, "confirm": confirm, "secret": secret,
        "picture": secret and _qr(codes.address(secret, person.email, association().name)),
        "is_required": is_required(),
    }  # fmt: skip


def _qr(text: str) -> Markup:
    """The address as an inline SVG, without a style of its own."""
    drawn = qr.svg(
        text, omitsize=True, border=2, svgclass="qr", lineclass=None,
        title="QR code for your authenticator app",
    )  # fmt: skip
    return Markup(drawn)  # noqa: S704 - drawn by segno from our own text


@blueprint.post("/account/second-factor/start")
@signed_in
def second_factor_start() -> AnyResponse:
    actions.begin_second_factor(me())
    db.session.commit()
    return see_other(url_for(".second_factor"))


@blueprint.post("/account/second-factor")
@signed_in
def turn_on() -> str | AnyResponse:
    """With the password too: whoever finds a browser open must not lock its owner out."""
    person, form = me(), TurnOnForm()
    if person.totp_enabled_at or not person.totp_secret:
        return see_other(url_for(".second_factor"))
    if form.validate_on_submit():
        try:
            if made := _turned_on(person, form):
                return render_template("accounts/recovery_codes.html", codes=made)
        except limits.TooMany as refusal:
            return too_many(refusal, TEMPLATE, **_facts(form, ConfirmForm()))
    return _page(form, ConfirmForm())


def _turned_on(person: Person, form: TurnOnForm) -> list[str]:
    """The recovery codes; none when the password or the code is wrong, as its field then says."""
    limits.count(limits.SIGN_INS, f"password:{person.id}")
    db.session.commit()  # reckoning a hash takes long: not with the write lock held
    if not _is_my_password(form.current.data):
        form.current.errors = [WRONG]
        return []
    limits.count(limits.CODES, f"code:{person.id}")
    db.session.commit()
    try:
        made = actions.turn_on_second_factor(person, form.code.data)
    except Refused as why:
        db.session.rollback()
        form.code.errors = [str(why)]
        return []
    limits.forget(f"password:{person.id}", f"code:{person.id}")
    stays = bool(session.get("stays"))
    actions.end_sessions(person)
    open_session(person, stays=stays)
    db.session.commit()
    return made


@blueprint.post("/account/second-factor/off")
@signed_in
def turn_off() -> str | AnyResponse:
    if is_required():
        raise Refused(f"Staff of {association().name} cannot turn the second factor off.")
    person, form = me(), ConfirmForm()
    if form.validate_on_submit():
        try:
            limits.count(limits.SIGN_INS, f"password:{person.id}")
            db.session.commit()
        except limits.TooMany as refusal:
            form.form_errors.append(str(refusal))
            return too_many(refusal, TEMPLATE, **_facts(TurnOnForm(), form))
        if _is_my_password(form.current.data):
            actions.turn_off_second_factor(person)
            db.session.commit()
            return see_other(url_for(".account"), "The second factor is off.")
        form.current.errors = [WRONG]
    return _page(TurnOnForm(), form)


def is_required() -> bool:
    return settings().staff_second_factor == "required" and current_user.is_staff


def gate() -> ResponseReturnValue | None:
    """Staff who must have a second factor and have none see nothing but its set-up."""
    if not is_required() or current_user.totp_enabled_at or request.endpoint in OPEN:
        return None
    if request.path.startswith("/account/second-factor"):
        return None
    return redirect(url_for("accounts.second_factor"), code=303)
