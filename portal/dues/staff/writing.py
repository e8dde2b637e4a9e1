"""Writing a draft of a tariff, rule by rule, and having it adopted or taken back."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, see_other
from portal.dues import actions
from portal.dues.forms import DecisionForm, ReasonForm
from portal.dues.models import TariffDraft
from portal.dues.rule_forms import rule_form
from portal.dues.rule_kinds import KINDS
from portal.dues.rules import Rule
from portal.dues.staff import blueprint
from portal.dues.staff.versions import Version, draft_of
from portal.dues.tariff_forms import ExplanationForm, HeadForm, head_of
from portal.dues.tariff_words import tariff_words
from portal.members.actions import decide
from portal.members.models import Decision
from portal.members.queries import register

DRAFT = "/tariffs/draft/<int:draft_id>"


def page(form: object, title: str, draft: TariffDraft, button: str = "Keep") -> str:
    return render_template(
        "dues/staff_draft_form.html", form=form, title=title, button=button,
        draft=Version("draft", draft),
    )  # fmt: skip


def back_to(draft: TariffDraft, words: str) -> ResponseReturnValue:
    db.session.commit()
    return see_other(Version("draft", draft).url(), words)


@blueprint.route(f"{DRAFT}/head", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def head(draft_id: int) -> ResponseReturnValue:
    draft = draft_of(draft_id)
    form = HeadForm(data=head_of(draft.whole_book))
    if form.validate_on_submit():
        actions.change_head(
            draft, code=form.code.data, currency=form.currency.data,
            effective_from=form.effective_from.data, explanation=draft.explanation, **form.book(),
        )  # fmt: skip
        return back_to(draft, "The head of the tariff is kept.")
    return page(form, "Period, tax and groups", draft)


@blueprint.route(f"{DRAFT}/explanation", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def explanation(draft_id: int) -> ResponseReturnValue:
    draft = draft_of(draft_id)
    told = draft.book.get("public") or {}
    form = ExplanationForm(data={"explanation": draft.explanation, **told})
    if form.validate_on_submit():
        actions.change_head(
            draft, code=draft.code, currency=draft.currency, effective_from=draft.effective_from,
            explanation=form.explanation.data, public=form.public() or None,
        )  # fmt: skip
        return back_to(draft, "What the public reads is kept.")
    return page(form, "What the public reads", draft)


@blueprint.route(f"{DRAFT}/rules/<string:kind>", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def add_rule(draft_id: int, kind: str) -> ResponseReturnValue:
    draft = draft_of(draft_id)
    if kind not in KINDS:
        abort(404)
    return _write(draft, {"kind": kind}, None)


@blueprint.route(f"{DRAFT}/rules/<int:place>/edit", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def edit_rule(draft_id: int, place: int) -> ResponseReturnValue:
    draft = draft_of(draft_id)
    return _write(draft, rule_at(draft, place), place)


def rule_at(draft: TariffDraft, place: int) -> Rule:
    rules = draft.book["rules"]
    return rules[place] if place < len(rules) else abort(404)


def _write(draft: TariffDraft, rule: Rule, place: int | None) -> ResponseReturnValue:
    wants_rows = "rows" in request.form
    form = rule_form(rule["kind"], draft.currency, rule, more_rows=wants_rows)
    if not wants_rows and form.validate_on_submit():
        try:
            actions.put_rule(draft, form.rule(rule), place)
        except Refused as why:
            db.session.rollback()
            form.form_errors.append(str(why))
        else:
            return back_to(draft, "The rule is kept.")
    return render_template(
        "dues/staff_rule.html", form=form, draft=Version("draft", draft), is_new=place is None,
        kind=KINDS[rule["kind"]],
    )  # fmt: skip


@blueprint.route(f"{DRAFT}/rules/<int:place>/remove", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def remove_rule(draft_id: int, place: int) -> ResponseReturnValue:
    draft = draft_of(draft_id)
    rule_at(draft, place)
    if request.method == "POST":
        actions.remove_rule(draft, place)
        return back_to(draft, "The rule is gone.")
    words = tariff_words(draft.whole_book).rules[place]
    return render_template(
        "dues/staff_rule_remove.html", draft=Version("draft", draft), words=words
    )


@blueprint.route(f"{DRAFT}/adopt", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def adopt(draft_id: int) -> ResponseReturnValue:
    """By a decision of the register: one that is there, or a new entry."""
    draft = draft_of(draft_id)
    form = DecisionForm(register(), today(), title=f"Tariff {draft.code} adopted")
    if form.validate_on_submit():
        try:
            made = actions.adopt(draft, decision_of(form))
        except Refused as why:
            db.session.rollback()
            form.decision.errors = [str(why)]
        else:
            db.session.commit()
            url = url_for(".version", state="adopted", number=made.id)
            return see_other(url, f"Tariff {made.code} is adopted.")
    draft = draft_of(draft_id)
    return page(form, f"Adopt tariff {draft.code}", draft, "Adopt")


def decision_of(form: DecisionForm) -> Decision:
    if form.decision.data:
        return find(Decision, id=form.decision.data)
    return decide(form.body.data, form.decided_on.data, form.title.data, form.text.data or "")


@blueprint.route(f"{DRAFT}/withdraw", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def withdraw(draft_id: int) -> ResponseReturnValue:
    draft, form = draft_of(draft_id), ReasonForm()
    if form.validate_on_submit():
        actions.withdraw_draft(draft, form.reason.data)
        db.session.commit()
        return see_other(url_for(".tariff"), f"The draft {draft.code} is withdrawn.")
    return page(form, f"Withdraw the draft {draft.code}", draft, "Withdraw")
