"""What readers reported and asked: decided, answered; and the words beside their votes."""

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.library import answering, remarks, voting
from portal.library.feedback_forms import AnswerForm, TakeOffForm
from portal.library.models import Remark, RemarkKind, RemarkStatus
from portal.library.staff import blueprint

REPORTED = (("upheld", "Uphold, and answer"), ("dismissed", "Dismiss, and answer"))
ASKED = (("answered", "Answer"),)


@blueprint.get("/remarks")
@requires(Permission.LIBRARY_WRITE)
def remarks_made() -> str:
    status, kind = request.args.get("status", "open"), request.args.get("kind", "")
    return render_template(
        "library/staff_remarks.html", page=paginate(remarks.listed(status, kind)), status=status,
        kind=kind, names=remarks.NAMES, words=remarks.WORDS,
    )  # fmt: skip


@blueprint.route("/remarks/<int:remark_id>", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def remark(remark_id: int) -> str | Response:
    one, form = find(Remark, id=remark_id), AnswerForm()
    if form.validate_on_submit():
        try:
            remarks.answer(one, RemarkStatus(request.form.get("to", "")), form.answer.data)
            db.session.commit()
        except ValueError:
            form.form_errors.append("Choose what to do with it.")
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            return see_other(url_for(".remarks_made"), "The sender has your answer.")
    return render_template(
        "library/staff_remark.html", one=one, form=form, names=remarks.NAMES, words=remarks.WORDS,
        moves=ASKED if one.kind is RemarkKind.QUESTION else REPORTED,
    )  # fmt: skip


@blueprint.route("/remarks/<int:remark_id>/take-off", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def take_off(remark_id: int) -> str | Response:
    """The answer to a question leaves the page, and the question waits again."""
    one, form = find(Remark, id=remark_id), TakeOffForm()
    if form.validate_on_submit():
        try:
            answering.take_off(one, form.reason.data or "")
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            words = "The answer is off the page; the question waits."
            return see_other(url_for(".remark", remark_id=one.id), words)
    return render_template("library/staff_take_off.html", one=one, form=form)


@blueprint.get("/votes")
@requires(Permission.LIBRARY_WRITE)
def votes() -> str:
    return render_template("library/staff_votes.html", page=paginate(voting.written()))
