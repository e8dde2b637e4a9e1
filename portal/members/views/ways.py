"""The ways to a firm: invitations, domains, the code, requests; and choosing where one acts."""

from flask import abort, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm

from portal.accounts import limits
from portal.accounts.models import Token
from portal.core.access import Permission, public, requires, signed_in
from portal.core.db import db
from portal.core.states import Refused
from portal.core.visitors import network
from portal.core.web import find, see_other
from portal.members import actions, queries
from portal.members.forms import (
    CodeForm,
    CodeOnlyForm,
    DomainForm,
    InviteForm,
    InviteSeveralForm,
    WayInForm,
)
from portal.members.models import FirmDomain, JoinRequest
from portal.members.views import blueprint
from portal.members.views.firms import managed_firm
from portal.members.views.people import back_to_people

TRIES = 10  # in five minutes, for an address, a connection or a code
ASKED = "You asked to join. A roster manager of the firm answers."
ON_ITS_WAY = "A mail is on its way to that address. It says what you can join."


@blueprint.route("/firm/people/invite", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def invite() -> ResponseReturnValue:
    mine, form = managed_firm(), InviteForm()
    if form.validate_on_submit():
        by, to = current_user._get_current_object(), form.email.data
        try:
            actions.invite_colleague(mine, to, form.display_name.data, form.roles.data, by)
        except Refused as refused:
            db.session.rollback()
            form.email.errors = [str(refused)]
        else:
            db.session.commit()
            return see_other(url_for(".people"), f"An invitation is on its way to {to}.")
    return render_template("members/invite.html", form=form, firm=mine, back=url_for(".people"))


@blueprint.route("/firm/people/invite-several", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def invite_several() -> ResponseReturnValue:
    mine, form = managed_firm(), InviteSeveralForm()
    if form.validate_on_submit():
        by = current_user._get_current_object()
        try:
            known = actions.invite_several(mine, form.people.data, form.roles.data, by)
        except Refused as refused:
            db.session.rollback()
            form.people.errors = [str(refused)]
        else:
            db.session.commit()
            left = f" Here or invited already: {', '.join(known)}." if known else ""
            return see_other(url_for(".people"), f"The invitations are on their way.{left}")
    return render_template("members/invite_several.html", form=form, firm=mine)


def open_invitation(token_id: int) -> Token:
    mine = {one.id: one for one in queries.invited_to(managed_firm().id)}
    return mine.get(token_id) or abort(404)


@blueprint.post("/firm/people/invitations/<int:invitation_id>/resend")
@requires(Permission.FIRM_MANAGE)
def resend(invitation_id: int) -> ResponseReturnValue:
    one = open_invitation(invitation_id)
    words = f"The invitation is on its way to {one.email} again. The link before is dead."
    return back_to_people(lambda: actions.resend(one), words)


@blueprint.post("/firm/people/invitations/<int:invitation_id>/revoke")
@requires(Permission.FIRM_MANAGE)
def revoke(invitation_id: int) -> ResponseReturnValue:
    one, mine = open_invitation(invitation_id), managed_firm()
    words = f"The invitation of {one.email} is revoked."
    return back_to_people(lambda: actions.revoke(one, mine), words)


@blueprint.post("/firm/people/requests/<int:request_id>")
@requires(Permission.FIRM_MANAGE)
def answer_request(request_id: int) -> ResponseReturnValue:
    one = find(JoinRequest, id=request_id, organization_id=managed_firm().id)
    name = one.person.display_name
    if request.form.get("answer") == "yes":
        return back_to_people(lambda: actions.approve(one), f"{name} is with your firm now.")
    return back_to_people(lambda: actions.decline(one), f"{name} was told that you said no.")


@blueprint.route("/firm/people/domains", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def domains() -> ResponseReturnValue:
    mine, form = managed_firm(), DomainForm()
    if form.validate_on_submit():
        is_open = form.joins.data == "open"
        try:
            made = actions.add_domain(mine, form.domain.data, form.mailbox.data, is_open=is_open)
        except Refused as refused:
            db.session.rollback()
            form.domain.errors = [str(refused)]
        else:
            db.session.commit()
            words = f"A link is on its way to {form.mailbox.data}@{made.domain}."
            return see_other(url_for(".people"), words)
    return render_template("members/domains.html", form=form, firm=mine)


@blueprint.post("/firm/people/domains/<int:domain_id>/remove")
@requires(Permission.FIRM_MANAGE)
def remove_domain(domain_id: int) -> ResponseReturnValue:
    one = find(FirmDomain, id=domain_id, organization_id=managed_firm().id)
    words = f"Nobody joins by {one.domain} any more."
    return back_to_people(lambda: actions.remove_domain(one), words)


@blueprint.route("/firm-domain/<string:token>", methods=["GET", "POST"])
@public  # whoever reads the domain's own mailbox; a button, because scanners follow links
def prove_domain(token: str) -> ResponseReturnValue:
    found, form = queries.domain_of_link(token), FlaskForm()
    if found is None:
        return render_template("members/domain_link.html", found=None, form=form)
    if form.validate_on_submit():
        actions.prove_domain(found, "mail to the domain’s own mailbox")
        db.session.commit()
        return see_other(url_for("home.index"), f"{found.domain} is confirmed. Thank you.")
    return render_template("members/domain_link.html", found=found, form=form)


@blueprint.route("/firm/people/code", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def code() -> ResponseReturnValue:
    mine, form = managed_firm(), CodeForm()
    if form.validate_on_submit():
        actions.new_code(mine, form.most.data, form.days.data)
        db.session.commit()
        return see_other(url_for(".people"), "This is a new code. The one before is dead.")
    return render_template("members/code.html", form=form, firm=mine)


@blueprint.post("/firm/people/code/end")
@requires(Permission.FIRM_MANAGE)
def end_code() -> ResponseReturnValue:
    mine = managed_firm()
    return back_to_people(lambda: actions.end_code(mine), "The code is dead.")


@blueprint.route("/firm/join", methods=["GET", "POST"])
@public
def join() -> ResponseReturnValue:
    """For strangers: one answer for every address. Who is signed in picks, or has a code."""
    if current_user.is_authenticated:
        return _join_signed_in()
    form = WayInForm()
    if form.validate_on_submit():
        email, typed = form.email.data.lower(), form.code.data or ""
        try:
            _count(limits.MAILS, f"join:{email}", typed)
        except limits.TooMany as refusal:
            return _too_many(refusal, form)
        actions.mail_way_in(email, form.name.data, typed)
        db.session.commit()
        return see_other(url_for("accounts.sign_in"), ON_ITS_WAY)
    return render_template("members/join.html", form=form, firms=[], requests=[])


def _count(most: int, who: str, typed: str) -> None:
    of_code = [f"join-code:{typed.upper()}"] if typed else []
    limits.count(most, who, f"joins:{network()}", *of_code)
    db.session.commit()


def _too_many(refusal: limits.TooMany, form: FlaskForm) -> ResponseReturnValue:
    db.session.commit()
    form.form_errors.append(str(refusal))
    answer = make_response(
        render_template("members/join.html", form=form, firms=[], requests=[]), 429
    )
    answer.headers["Retry-After"] = str(refusal.seconds)
    return answer


def _join_signed_in() -> ResponseReturnValue:
    me, form = current_user._get_current_object(), CodeOnlyForm()
    by_address = queries.firms_by_address(me.email) if me.email_verified_at else []
    firms = [one.organization for one in by_address]
    if form.validate_on_submit():
        picked = next((one for one in firms if str(one.id) == request.form.get("firm")), None)
        try:
            _count(TRIES, f"join:{me.email}", form.code.data or "")
            made = actions.join_by_domain(me, picked) if picked else actions.use_code(
                me, form.code.data or ""
            )  # fmt: skip
        except limits.TooMany as refusal:
            return _too_many(refusal, form)
        except Refused as refused:
            db.session.rollback()
            form.code.errors = [str(refused)]
        else:
            db.session.commit()
            return see_other(url_for("home.dashboard"), ASKED if made else "You are in.")
    asked = queries.requests_of(me.id)
    return render_template("members/join.html", form=form, firms=firms, requests=asked)


@blueprint.route("/firm/choose", methods=["GET", "POST"])
@signed_in
def choose() -> ResponseReturnValue:
    """Which of their firms a person acts for from now on."""
    mine = queries.live_affiliations(current_user)
    if request.method == "POST":
        wanted = request.form.get("firm")
        picked = next((one for one in mine if str(one.organization_id) == wanted), None)
        if picked is None:
            abort(400, "Choose one of your firms.")
        session["acting_for"] = picked.organization_id
        return see_other(url_for("home.dashboard"), f"You act for {picked.organization.name} now.")
    return render_template("members/choose.html", mine=mine, chosen=current_user.acting_for)


def choose_first() -> ResponseReturnValue | None:
    """After signing in, who works at several firms says where they act today."""
    if request.endpoint != "home.dashboard" or session.get("acting_for"):
        return None
    if len(queries.places_of(current_user)) < 2:
        return None
    return redirect(url_for("members.choose"), code=303)
