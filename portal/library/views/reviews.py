"""Reviewing as a peer, and the counterparty's reply by a mailed link."""

from flask import abort, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core import markdown
from portal.core.access import Permission, public, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, see_other
from portal.library import replies, reviewing
from portal.library.forms import CommentForm, ReplyForm
from portal.library.models import Practice, Reply, Verdict
from portal.library.taxonomy import label
from portal.library.views import blueprint


@blueprint.get("/reviews/")
@requires(Permission.LIBRARY_READ)
def reviews() -> str:
    """What this person was asked to review."""
    found = reviewing.asked(current_user._get_current_object())
    return render_template("library/reviews.html", reviews=found, label=label)


@blueprint.route("/reviews/<int:practice_id>", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def review(practice_id: int) -> str | Response:
    me = current_user._get_current_object()
    practice, form = find(Practice, id=practice_id), CommentForm()
    asked = reviewing.asked_of(practice, me) or abort(404)
    if form.validate_on_submit():
        said = request.form.get("verdict", "")
        try:
            verdict = Verdict(said) if said in set(Verdict) else None
            reviewing.say(practice, form.text.data or "", me, verdict)
            db.session.commit()
            return see_other(url_for(".review", practice_id=practice.id), "Thank you: it is kept.")
        except Refused as refusal:
            db.session.rollback()
            form.text.errors = [str(refusal)]
    return render_template(
        "library/review.html", practice=practice, asked=asked, form=form, label=label,
        comments=reviewing.comments(practice), text=markdown.render(practice.body),
        verdict=reviewing.verdicts(practice).get(me.id),
        interest=practice.front.get("interest") or {},
    )  # fmt: skip


@blueprint.route("/reply/<string:token>", methods=["GET", "POST"])
@public
def reply(token: str) -> str | Response:
    """The counterparty reads what names them, and answers; whoever has the link is them."""
    found = replies.by_secret(token) or abort(404)
    form = ReplyForm(obj=found)
    if not form.is_submitted() and not found.text:
        form.text.data = replies.said_before(found)
    if form.validate_on_submit():
        try:
            replies.answer(found, form.text.data or "", is_final=form.is_final.data)
            db.session.commit()
            return see_other(url_for(".reply", token=token), "Your reply is kept. Thank you.")
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
    return render_template(
        "library/reply.html", reply=found, practice=found.practice, form=form,
        text=_text_they_saw(found) if replies.is_open(found) else None,
    )  # fmt: skip


def _text_they_saw(found: Reply) -> markdown.Rendered:
    """Of the version that they were invited to answer, whatever was written since."""
    revisions = found.practice.revisions
    body = next((one.body for one in revisions if one.version == found.version), "")
    return markdown.render(body)
