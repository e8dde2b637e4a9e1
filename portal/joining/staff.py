"""Applications, for membership officers: the queue, and one application with its moves."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from portal.core.access import Permission, requires
from portal.core.audit import Transition, name_of
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import paginate, see_other
from portal.dues import queries as dues_queries
from portal.dues.models import Invoice
from portal.joining import actions, queries, quoting
from portal.joining.models import Application, ApplicationStatus
from portal.joining.review_forms import (
    AppealDecisionForm,
    DeclineForm,
    QuestionForm,
    admission_form,
)
from portal.members import duplicates
from portal.members.models import CLASS_NAMES
from portal.members.words import COUNTRIES
from portal.renewals.queries import expulsions_of

blueprint = Blueprint("joining_staff", __name__, url_prefix="/staff/joining")


def _find(application_id: int) -> Application:
    """One that was sent: drafts are the applicants' own."""
    query = queries.queue().where(Application.id == application_id)
    return db.session.scalar(query) or abort(404)


@blueprint.get("/")
@requires(Permission.APPLICATIONS_REVIEW)
def index() -> str:
    state, text = request.args.get("state", "waiting"), request.args.get("q", "").strip()
    page = paginate(queries.queue(state, text))
    return render_template(
        "joining/staff_index.html", page=page, state=state, text=text,
        states=[one for one in ApplicationStatus if one is not ApplicationStatus.DRAFT],
        classes=CLASS_NAMES, countries=COUNTRIES, size=quoting.size_in_words,
    )  # fmt: skip


@blueprint.get("/<int:application_id>")
@requires(Permission.APPLICATIONS_REVIEW)
def show(application_id: int) -> str:
    application = _find(application_id)
    trouble, priced = "", None
    try:
        priced = actions.priced(application)
    except Refused as why:
        trouble = str(why)
    alike = duplicates.candidates(queries.told(application), but=application.organization_id)
    firm_ids = {application.organization_id or 0, *(one.firm.id for one in alike)}
    history = db.session.query(Transition).filter_by(subject=name_of(application))
    return render_template(
        "joining/staff_show.html", application=application, priced=priced, trouble=trouble,
        classes=CLASS_NAMES, countries=COUNTRIES, form=FlaskForm(),
        may=application.status.may_become, states=ApplicationStatus,
        candidates=alike, expulsions=expulsions_of(firm_ids),
        numbers=quoting.numbers_told(application.metrics),
        history=history.order_by(Transition.id.desc()).all(), left=_left(application),
        pays_first=queries.pays_first(application.kind),
    )  # fmt: skip


def _left(application: Application) -> list[dues_queries.Left]:
    """What the applicant paid and is still here, of an application that came to nothing."""
    is_over = application.status in queries.CAME_TO_NOTHING
    return dues_queries.left_for(application.invoice) if is_over and application.invoice else []


@blueprint.post("/<int:application_id>/take")
@requires(Permission.APPLICATIONS_REVIEW)
def take(application_id: int) -> Response:
    application = _find(application_id)
    actions.take(application)
    db.session.commit()
    return see_other(
        url_for(".show", application_id=application_id), "It is under review, by you."
    )


@blueprint.route("/<int:application_id>/ask", methods=["GET", "POST"])
@requires(Permission.APPLICATIONS_REVIEW)
def ask(application_id: int) -> str | Response:
    application, form = _find(application_id), QuestionForm()
    if form.validate_on_submit():
        actions.ask(application, form.question.data)
        db.session.commit()
        words = f"The question went to {application.email}; our clock stands until they answer."
        return see_other(url_for(".show", application_id=application_id), words)
    return render_template("joining/staff_ask.html", application=application, form=form)


@blueprint.route("/<int:application_id>/approve", methods=["GET", "POST"])
@requires(Permission.APPLICATIONS_REVIEW)
def approve(application_id: int) -> str | Response:
    application = _find(application_id)
    form = admission_form(application)
    priced = None if application.is_paid_first else actions.priced(application)
    if form.validate_on_submit():
        by = current_user._get_current_object()
        invoice = actions.approve(application, by, form.facts())
        db.session.commit()
        return see_other(
            url_for(".show", application_id=application_id), _admitted(application, invoice)
        )
    return render_template(
        "joining/staff_approve.html", application=application, form=form, priced=priced
    )


def _admitted(application: Application, invoice: Invoice) -> str:
    if application.status is ApplicationStatus.ACTIVATED:
        return (
            f"{application.firm_name} is admitted, and a member: invoice {invoice.number} is paid."
        )
    return f"{application.firm_name} is admitted; invoice {invoice.number} was mailed."


@blueprint.route("/<int:application_id>/decline", methods=["GET", "POST"])
@requires(Permission.APPLICATIONS_REVIEW)
def decline(application_id: int) -> str | Response:
    application, form = _find(application_id), DeclineForm()
    if form.validate_on_submit():
        by = current_user._get_current_object()
        actions.decline(application, form.criterion.data, form.reason.data, by)
        db.session.commit()
        words = f"Declined; {application.email} reads your reason and how to appeal."
        return see_other(url_for(".show", application_id=application_id), words)
    return render_template("joining/staff_decline.html", application=application, form=form)


@blueprint.route("/<int:application_id>/appeal", methods=["GET", "POST"])
@requires(Permission.APPLICATIONS_REVIEW)
def appeal(application_id: int) -> str | Response:
    """Decided by somebody who did not decline."""
    application, form = _find(application_id), AppealDecisionForm()
    if application.status is not ApplicationStatus.APPEALED:
        return redirect(url_for(".show", application_id=application_id), code=303)
    if form.validate_on_submit():
        by = current_user._get_current_object()
        words = "It stays declined; your reason was mailed."
        if form.outcome.data == "overturn":
            invoice = actions.overturn(application, by)
            words = _admitted(application, invoice)
        else:
            actions.uphold(application, form.reason.data, by)
        db.session.commit()
        return see_other(url_for(".show", application_id=application_id), words)
    return render_template("joining/staff_appeal.html", application=application, form=form)
