"""One practice on the desk: its text, what was said of it, and every step that it takes."""

from typing import Any

from flask import abort, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core import markdown
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, see_other
from portal.library import actions, queries, replies, reviewing, steps
from portal.library.forms import (
    CommentForm,
    InviteForm,
    MoveForm,
    PeerForm,
    ScheduleForm,
    TakeDownForm,
)
from portal.library.lint import warnings
from portal.library.models import Comment, Practice, PracticeStatus, Verdict
from portal.library.staff import blueprint, locked
from portal.library.taxonomy import label

FORWARD = {
    PracticeStatus.IN_REVIEW: "Send to review",
    PracticeStatus.LEGAL_REVIEW: "Pass on to legal review",
    PracticeStatus.APPROVED: "Approve",
    PracticeStatus.PUBLISHED: "Publish",
}
BACK = {PracticeStatus.IN_REVIEW: "Return to review", PracticeStatus.DRAFT: "Return to draft"}


def _found(practice_id: int) -> Practice:
    return locked(practice_id) if request.method == "POST" else find(Practice, id=practice_id)


def _me() -> Any:
    return current_user._get_current_object()


def _moves(practice: Practice) -> list[tuple[PracticeStatus, str]]:
    """Buttons: the next step, then the ways back. The counterparty's and the last have pages."""
    status, step = practice.status, steps.next_step(practice.status, practice.front)
    found = [(step, FORWARD[step])] if step in FORWARD else []
    back = [(to, words) for to, words in BACK.items() if status.may_become(to) and to is not step]
    return found + (back if status is not PracticeStatus.DRAFT else [])


def _page(practice: Practice, **forms: Any) -> str:
    is_barred = reviewing.pays(practice, _me())
    at = steps.path(practice.front)
    return render_template(
        "library/staff_show.html",
        practice=practice,
        form=forms.get("move") or MoveForm(formdata=None),
        comment=forms.get("comment") or CommentForm(formdata=None),
        peer=forms.get("peer") or PeerForm(formdata=None),
        schedule=forms.get("schedule") or ScheduleForm(formdata=None, obj=practice),
        moves=_moves(practice),
        next_step=steps.next_step(practice.status, practice.front),
        path=[{"text": steps.WORDS[one].capitalize()} for one in at],
        place=at.index(practice.status) if practice.status in at else None,
        legal=steps.legal_reasons(practice.front),
        text=markdown.render(practice.body),
        label=label,
        words=steps.WORDS,
        history=queries.history(practice),
        is_barred=is_barred,
        comments=[] if is_barred else reviewing.comments(practice),
        reviews=reviewing.reviews(practice),
        verdicts=reviewing.verdicts(practice),
        missing=reviewing.missing(practice),
        objection=reviewing.objection(practice, _me(), is_peer=False),
        may_ask=reviewing.may_ask(practice, _me()),
        kept=reviewing.KEPT,
        service=reviewing.services([practice]).get(practice.id),
        reply=replies.latest(practice),
        warnings=list(warnings(practice.front, practice.body)),
        may_edit=practice.status not in actions.DECIDED,
    )


def _done(practice: Practice, words: str) -> Response:
    db.session.commit()
    return see_other(url_for(".show", practice_id=practice.id), words)


@blueprint.route("/<int:practice_id>", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def show(practice_id: int) -> str | Response:
    practice = _found(practice_id)
    form = MoveForm()
    if form.validate_on_submit():
        try:
            new = PracticeStatus(request.form.get("to", ""))
            actions.advance(practice, new, form.reason.data or "", _me())
            return _done(practice, f"“{practice.title}” is now {steps.WORDS[new]}.")
        except ValueError:
            form.form_errors.append("Choose what to do with the practice.")
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
    return _page(practice, move=form)


@blueprint.route("/<int:practice_id>/comment", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def comment(practice_id: int) -> str | Response:
    """A comment, or an editor's review of the present version."""
    practice, form = _found(practice_id), CommentForm()
    if form.validate_on_submit():
        said = request.form.get("verdict", "")
        verdict = Verdict(said) if said in set(Verdict) else None
        try:
            reviewing.say(practice, form.text.data or "", _me(), verdict)
            return _done(practice, "It stands under the text.")
        except Refused as refusal:
            db.session.rollback()
            form.text.errors = [str(refusal)]
    return _page(practice, comment=form)


@blueprint.post("/comments/<int:comment_id>/resolve")
@requires(Permission.LIBRARY_WRITE)
def resolve(comment_id: int) -> Response:
    found = find(Comment, id=comment_id)
    practice = find(Practice, id=found.practice_id)
    if reviewing.pays(practice, _me()):
        abort(404)
    reviewing.resolve(found, _me())
    return _done(practice, "Resolved.")


@blueprint.route("/<int:practice_id>/ask", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def ask(practice_id: int) -> str | Response:
    practice, form = _found(practice_id), PeerForm()
    if form.validate_on_submit():
        try:
            review = reviewing.ask_peer(practice, form.email.data or "", _me())
            return _done(practice, f"{review.reviewer.display_name} is asked by mail.")
        except Refused as refusal:
            db.session.rollback()
            reviewing.note_refusal(practice, form.email.data or "", _me())
            db.session.commit()
            form.email.errors = [str(refusal)]
    return _page(practice, peer=form)


@blueprint.route("/<int:practice_id>/invite", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def invite(practice_id: int) -> str | Response:
    """Ask the named counterparty to answer; the practice then waits for them."""
    practice, form = _found(practice_id), InviteForm()
    if steps.next_step(practice.status, practice.front) is not PracticeStatus.RIGHT_OF_REPLY:
        return see_other(url_for(".show", practice_id=practice.id), "It is not at that step.")
    note = MoveForm()
    if form.validate_on_submit():
        try:
            reply = replies.invite(practice, form.email.data or "", _me())
            actions.advance(practice, PracticeStatus.RIGHT_OF_REPLY, note.reason.data or "", _me())
            return _done(practice, f"{reply.party} may answer until {reply.due_on:%-d %b %Y}.")
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
    party = steps.party(practice.front)
    return render_template(
        "library/staff_invite.html", practice=practice, form=form, note=note, party=party
    )


@blueprint.route("/<int:practice_id>/schedule", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def schedule(practice_id: int) -> str | Response:
    practice, form = _found(practice_id), ScheduleForm()
    if form.validate_on_submit():
        try:
            actions.schedule(practice, form.publish_on.data, _me())
            return _done(
                practice, "Its day is noted." if practice.publish_on else "No day is set."
            )
        except Refused as refusal:
            db.session.rollback()
            form.publish_on.errors = [str(refusal)]
    return _page(practice, schedule=form)


@blueprint.route("/<int:practice_id>/take-down", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def take_down(practice_id: int) -> str | Response:
    """Archive or withdraw it: its address says so from then on, and why."""
    practice, form = _found(practice_id), TakeDownForm()
    if form.validate_on_submit():
        try:
            new = PracticeStatus(form.to.data)
            actions.advance(practice, new, form.reason.data or "", _me())
            return _done(practice, f"“{practice.title}” is now {steps.WORDS[new]}.")
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
    return render_template("library/staff_take_down.html", practice=practice, form=form)
