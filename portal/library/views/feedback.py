"""Readers say whether a practice is useful, report a pitch or an error, and ask."""

from flask import abort, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import see_other
from portal.library import answering, remarks, voting
from portal.library.feedback_forms import AnswerForm, QuestionForm, ReportForm, VoteForm
from portal.library.models import Practice, Proposal, RemarkKind
from portal.library.proposals import shown_with
from portal.library.views import blueprint
from portal.library.views.proposals import open_to_reader


@blueprint.route("/<string:slug>/vote", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def vote(slug: str) -> str | Response:
    practice = open_to_reader(slug)
    mine = voting.vote_of(practice, current_user)
    said = {"useful": "yes" if mine.is_useful else "no", "text": mine.text} if mine else {}
    form = VoteForm(data=said)
    if form.validate_on_submit() and form.useful.data in {"yes", "no"}:
        person = current_user._get_current_object()
        is_useful = form.useful.data == "yes"
        voting.vote(practice, person, form.text.data or "", is_useful=is_useful)
        db.session.commit()
        return see_other(url_for(".show", slug=slug), "Thank you: your vote is kept.")
    return render_template("library/vote.html", form=form, practice=practice)


@blueprint.route("/<string:slug>/report", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def report(slug: str) -> str | Response:
    """Of the practice, or, with `experience` in the address, of one told beside it."""
    practice, form = open_to_reader(slug), ReportForm()
    about = _experience(practice)
    if form.validate_on_submit():
        kind, person = RemarkKind(form.kind.data), current_user._get_current_object()
        try:
            remarks.report(kind, practice, form.text.data, person, about)
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            words = "The editors have it: you read their answer in “My proposals” and by mail."
            return see_other(url_for(".show", slug=slug), words)
    return render_template("library/report.html", form=form, practice=practice, about=about)


def _experience(practice: Practice) -> Proposal | None:
    asked = request.args.get("experience")
    if asked is None:
        return None
    found = (one for one in shown_with(practice) if str(one.id) == asked)
    return next(found, None) or abort(404)


@blueprint.route("/<string:slug>/question", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def question(slug: str) -> str | Response:
    return _ask(open_to_reader(slug))


@blueprint.route("/<string:slug>/questions/<int:remark_id>", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def answer(slug: str, remark_id: int) -> str | Response:
    """The author answers a question; nobody else finds this page."""
    practice, me = open_to_reader(slug), current_user._get_current_object()
    waits = (one for one in answering.open_to(practice, me) if one.id == remark_id)
    asked, form = next(waits, None) or abort(404), AnswerForm()
    if form.validate_on_submit():
        try:
            answering.answer(asked, practice, form.answer.data, me)
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            form.answer.errors = [str(refusal)]
        else:
            return see_other(url_for(".show", slug=slug), "Whoever asked has your answer.")
    return render_template("library/answer.html", form=form, practice=practice, asked=asked)


@blueprint.route("/ask", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def ask() -> str | Response:
    """Where the library has nothing; what was searched for is in the form already."""
    return _ask(None)


def _ask(practice: Practice | None) -> str | Response:
    searched = request.args.get("q", "").strip()[:300]
    words = f"I looked for “{searched}” and found nothing. " if searched else ""
    form = QuestionForm(data={"text": words})
    if form.validate_on_submit():
        remarks.ask(form.text.data, current_user._get_current_object(), practice)
        db.session.commit()
        words = "The author and the editors have" if practice else "The editors have"
        return see_other(url_for(".my_proposals"), f"{words} your question.")
    return render_template("library/ask.html", form=form, practice=practice)
