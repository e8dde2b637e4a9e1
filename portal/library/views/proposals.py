"""Members propose a practice, a case or an experience, and follow what becomes of it."""

from flask import abort, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import see_other
from portal.library import answering, authors, proposals, queries, remarks, suspensions
from portal.library.models import Practice, ProposalStatus
from portal.library.proposal_forms import ExperienceForm, ProposalForm, WordsForm
from portal.library.views import blueprint


@blueprint.get("/proposals")
@requires(Permission.LIBRARY_READ)
def my_proposals() -> str:
    mine, asked = proposals.of_person(current_user), answering.asked_of(current_user)
    return render_template(
        "library/my_proposals.html", mine=mine, kinds=proposals.NAMES, state=proposals.state_words,
        openings=authors.openings(mine),
        answer_by=proposals.answer_by, remarks=remarks.of_person(current_user),
        names=remarks.NAMES, words=remarks.WORDS, asked=asked, reasons=answering.reasons(asked),
    )  # fmt: skip


@blueprint.route("/proposals/new", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def propose() -> str | Response:
    return _propose(ProposalForm(authors.gives_away(current_user)))


@blueprint.route("/<string:slug>/experience", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def tell_experience(slug: str) -> str | Response:
    practice = open_to_reader(slug)
    return _propose(ExperienceForm(authors.gives_away(current_user)), practice)


def _propose(form: WordsForm, practice: Practice | None = None) -> str | Response:
    if form.validate_on_submit():
        try:
            made = proposals.propose(form.words(practice), current_user._get_current_object())
            db.session.commit()
        except Refused:
            db.session.rollback()  # its sentence is at the form
        else:
            is_shown = made.status is ProposalStatus.ACCEPTED
            words = "It is shown from now on." if is_shown else "It is with the editors."
            return see_other(url_for(".my_proposals"), words)
    return render_template(
        "library/propose.html", form=form, practice=practice,
        suspended=suspensions.words_for(current_user),
    )  # fmt: skip


def open_to_reader(slug: str) -> Practice:
    """A practice whose text this reader may read; the 404 page otherwise."""
    practice = queries.readable(slug, current_user)
    if practice is None or not queries.may_read(practice, current_user):
        abort(404)
    return practice
