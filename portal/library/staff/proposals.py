"""What members proposed: read, taken up, declined, and the seal of a pseudonym opened."""

from flask import render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.library import authors, proposals
from portal.library.models import Naming, Proposal, ProposalKind, ProposalStatus
from portal.library.proposal_forms import ReasonForm, TakeForm
from portal.library.staff import blueprint


@blueprint.get("/proposals")
@requires(Permission.LIBRARY_WRITE)
def proposed() -> str:
    status = request.args.get("status", "sent")
    return render_template(
        "library/staff_proposals.html", page=paginate(proposals.listed(status)), status=status,
        statuses=ProposalStatus, kinds=proposals.NAMES, state=proposals.state_words,
        answer_by=proposals.answer_by, today=today(),
    )  # fmt: skip


@blueprint.route("/proposals/<int:proposal_id>", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def proposal(proposal_id: int) -> str | Response:
    """Read it; take it up, which shows an experience and makes a draft of anything else."""
    one, form = find(Proposal, id=proposal_id), TakeForm()
    if form.validate_on_submit():
        try:
            proposals.take(one, form.theme.data, current_user._get_current_object())
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            if one.status is ProposalStatus.ACCEPTED:
                return _taken(one, "It was taken up already.")
            form.form_errors.append(str(refusal))
        else:
            return _taken(one, "The draft is kept.")
    return render_template(
        "library/staff_proposal.html", one=one, form=form, kinds=proposals.NAMES,
        state=proposals.state_words(one), answer_by=proposals.answer_by(one),
        openings=authors.openings([one])[one.id], is_sealed=one.naming is Naming.ANONYMISED,
    )  # fmt: skip


def _taken(one: Proposal, words: str) -> Response:
    """To what came of it, for a second click as well."""
    if one.kind is ProposalKind.EXPERIENCE or one.practice is None:
        here = url_for(".proposal", proposal_id=one.id)
        return see_other(here, "It is shown with the practice.")
    return see_other(url_for(".show", practice_id=one.practice.id), words)


@blueprint.route("/proposals/<int:proposal_id>/decline", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def decline_proposal(proposal_id: int) -> str | Response:
    one, form = find(Proposal, id=proposal_id), ReasonForm()
    if form.validate_on_submit():
        try:
            proposals.decline(one, form.reason.data)
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            words = "It is declined; the author is told why."
            return see_other(url_for(".proposal", proposal_id=one.id), words)
    return render_template("library/staff_decline.html", form=form, one=one)


@blueprint.route("/proposals/<int:proposal_id>/identity", methods=["GET", "POST"])
@requires(Permission.LIBRARY_IDENTITIES)
def open_seal(proposal_id: int) -> str:
    """The name is in the one answer to the form: no address that is asked for again shows it."""
    one, form, person = find(Proposal, id=proposal_id), ReasonForm(), None
    if form.validate_on_submit():
        try:
            person = authors.open_seal(one, form.reason.data)
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
    return render_template("library/staff_identity.html", one=one, form=form, person=person)
