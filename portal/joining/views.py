"""Joining, for visitors: the price first, then an application of a few short pages."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from portal.association.queries import association, today
from portal.core.access import public
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import see_other
from portal.dues import queries as dues_queries
from portal.dues.number_fields import as_filled, numbers_in
from portal.dues.periods import NotQuotable
from portal.dues.tariff_heads import PUBLIC
from portal.joining import actions, queries, quoting
from portal.joining.choice_fields import choices_in
from portal.joining.forms import (
    AppealForm,
    ContactsForm,
    DeclarationForm,
    FirmForm,
    PersonForm,
    ReplyForm,
    StartForm,
    declaration_form,
    quote_form,
)
from portal.joining.models import Application, ApplicationStatus
from portal.members import duplicates
from portal.members.models import CLASS_NAMES, MembershipClass
from portal.members.words import COUNTRIES

blueprint = Blueprint("joining", __name__, url_prefix="/join")


@dataclass(frozen=True)
class Step:
    heading: str
    form: type[FlaskForm]
    button: str = "Save and continue"


STEPS = {
    "firm": Step("The firm", FirmForm),
    "contacts": Step("Whom we write to", ContactsForm),
    "declaration": Step("What you declare", DeclarationForm),
}


@blueprint.get("/")
@public
def index() -> str:
    """The explained quote: everything is in the address, so nothing is kept of a visitor."""
    tariff = quoting.tariff_on(today())
    form = quote_form(tariff, request.args, today())
    priced = None
    if tariff and form.is_sent(request.args) and form.validate():
        try:
            priced = quoting.price(tariff, form.facts, today())
        except NotQuotable as why:
            (form.numbers or [form.kind])[0].errors = [str(why)]
    return render_template(
        "joining/index.html", form=form, priced=priced, tariff=tariff, criteria=queries.CRITERIA,
        typical=queries.days_to_decide(),
        pays_first=priced is not None and queries.pays_first(priced.kind),
    )  # fmt: skip


@blueprint.get("/cost")
@public
def cost() -> str:
    """What it costs and why: the tariff of today, and one that is adopted for later."""
    day = today()
    now, later = quoting.tariff_on(day), dues_queries.next_tariff(day, association().currency)
    found = [one for one in (now, later) if one]
    return render_template(
        "joining/cost.html", tariffs=[quoting.explained(one) for one in found], now=now,
        public=PUBLIC,
    )  # fmt: skip


@blueprint.route("/start", methods=["GET", "POST"])
@public
def start() -> str | Response:
    tariff = quoting.tariff_on(today())
    chosen = quote_form(tariff, request.args, today())
    if not tariff or not chosen.is_sent(request.args) or not chosen.validate():
        asked: dict[str, Any] = {
            name: request.args[name] for name in chosen.data if name in request.args
        }
        return redirect(url_for(".index", **asked), code=303)
    form = StartForm(email=getattr(current_user, "email", None))
    if form.validate_on_submit():
        firm = chosen.facts
        made = actions.start(
            kind=firm.kind, country=firm.country, metrics=firm.metrics,
            email=form.email.data, applicant=form.applicant.data,
        )  # fmt: skip
        db.session.commit()
        words = f"A link to this application went to {made.email}: you can go on later."
        return see_other(url_for(".page", token=made.token, page="firm"), words)
    return render_template(
        "joining/start.html", form=form, chosen=chosen, classes=CLASS_NAMES,
        size=quoting.size_in_words(chosen.facts.metrics),
        pays_first=queries.pays_first(chosen.facts.kind),
    )  # fmt: skip


def _find(token: str) -> Application:
    return queries.by_token(token) or abort(404)


@blueprint.get("/a/<string:token>")
@public
def resume(token: str) -> str | Response:
    """Where the applicant stands: the next page of a draft, or what happens now."""
    application = _find(token)
    if application.status is ApplicationStatus.DRAFT:
        page = actions.missing_page(application)
        there = (
            url_for(".page", token=token, page=page) if page else url_for(".check", token=token)
        )
        return redirect(there, code=303)
    return render_template(
        "joining/status.html", application=application, classes=CLASS_NAMES, form=ReplyForm(),
        size=quoting.size_in_words(application.metrics), pay_url=actions.pay_address(application),
        owes=queries.owes(application), until=queries.appeal_until(application),
    )  # fmt: skip


@blueprint.route(
    "/a/<string:token>/<any(firm, contacts, declaration):page>", methods=["GET", "POST"]
)
@public
def page(token: str, page: str) -> str | Response:
    application, step = _find(token), STEPS[page]
    if application.status is not ApplicationStatus.DRAFT:
        return redirect(url_for(".resume", token=token), code=303)
    form = _form_of(application, page)
    if form.validate_on_submit():
        answers = {name: form.data[name] for name in form.data if name in vars(step.form)}
        actions.answer_page(application, page, answers, numbers_in(form), choices_in(form))
        db.session.commit()
        next_page = actions.missing_page(application)
        if next_page is None:
            return redirect(url_for(".check", token=token), code=303)
        return redirect(url_for(".page", token=token, page=next_page), code=303)
    number = list(STEPS).index(page) + 1
    return render_template(
        "joining/page.html", application=application, form=form, step=step, number=number,
        of=len(STEPS) + 1, name=page,
    )  # fmt: skip


def _form_of(application: Application, page: str) -> FlaskForm:
    """As it was answered; the last page also has the numbers that the dues depend on."""
    told = application.answers.get(page) or {}
    if page == "firm" and application.kind is MembershipClass.INDIVIDUAL:
        return PersonForm(data=told)
    if page != "declaration":
        return STEPS[page].form(data=told)
    tariff = quoting.tariff_on(today())
    told = {**told, **as_filled(application.metrics), **application.choices}
    return declaration_form(tariff, application.kind, today(), told)


@blueprint.route("/a/<string:token>/check", methods=["GET", "POST"])
@public
def check(token: str) -> str | Response:
    application = _find(token)
    missing = actions.missing_page(application)
    if application.status is not ApplicationStatus.DRAFT or missing:
        return redirect(url_for(".resume", token=token), code=303)
    form, trouble, priced = FlaskForm(), "", None
    try:
        priced = actions.priced(application)
        if form.validate_on_submit():
            actions.submit(application)
            db.session.commit()
            return redirect(url_for(".resume", token=token), code=303)
    except Refused as why:
        db.session.rollback()
        trouble = str(why)
    except IntegrityError:
        db.session.rollback()
        trouble = "You have an application of this kind with us already: its link is in your mail."
    return render_template(
        "joining/check.html", application=application, priced=priced, form=form,
        trouble=trouble, classes=CLASS_NAMES, countries=COUNTRIES,
        numbers=quoting.numbers_told(application.metrics),
        may_be_here=duplicates.may_be_member(queries.told(application)),
        pays_first=queries.pays_first(application.kind),
    )  # fmt: skip


@blueprint.post("/a/<string:token>/reply")
@public
def reply(token: str) -> str | Response:
    application, form = _find(token), ReplyForm()
    if not form.validate_on_submit():
        return render_template(
            "joining/status.html", application=application, classes=CLASS_NAMES, form=form,
            size=quoting.size_in_words(application.metrics), pay_url=None, owes=False, until=None,
        )  # fmt: skip
    actions.reply(application, form.reply.data)
    db.session.commit()
    return see_other(
        url_for(".resume", token=token), "Your answer is with us. The clock runs again."
    )


@blueprint.route("/a/<string:token>/withdraw", methods=["GET", "POST"])
@public
def withdraw(token: str) -> str | Response:
    application, form = _find(token), FlaskForm()
    if not application.status.may_become(ApplicationStatus.WITHDRAWN):
        return redirect(url_for(".resume", token=token), code=303)
    if form.validate_on_submit():
        actions.withdraw(application, "by the applicant")
        db.session.commit()
        return see_other(url_for(".resume", token=token), "The application is withdrawn.")
    return render_template("joining/withdraw.html", application=application, form=form)


@blueprint.route("/a/<string:token>/appeal", methods=["GET", "POST"])
@public
def appeal(token: str) -> str | Response:
    application, form = _find(token), AppealForm()
    until = queries.appeal_until(application)
    if until is None:
        return redirect(url_for(".resume", token=token), code=303)
    if form.validate_on_submit():
        actions.appeal(application, form.appeal.data)
        db.session.commit()
        words = "Your appeal is with us. Somebody who did not decide first reads it."
        return see_other(url_for(".resume", token=token), words)
    return render_template("joining/appeal.html", application=application, form=form, until=until)
