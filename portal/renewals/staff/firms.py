"""One firm for the membership officer: everything on one page, and what may be done about it."""

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, see_other
from portal.dues import queries as dues
from portal.dues.declaring import facts_asked
from portal.dues.number_fields import as_filled, numbers_in
from portal.dues.periods import NotQuotable
from portal.dues.rules import plain
from portal.members import queries as members
from portal.members.endings import Laying, lift, suspend
from portal.members.models import Membership, Organization, Overlay, OverlayKind, Term
from portal.members.policy import FEATURE_WORDS
from portal.renewals import actions, queries
from portal.renewals.forms import (
    CorrectForm,
    PriceFactsForm,
    ReasonForm,
    StaffResignForm,
    SuspendForm,
    numbers_form,
)
from portal.renewals.history import features_of, whole_timeline
from portal.renewals.offers import offer_for
from portal.renewals.shown import class_shown, keep, term_shown, told_of
from portal.renewals.staff import blueprint


def one_firm(organization_id: int) -> Organization:
    query = members.firm_with_terms().where(Organization.id == organization_id)
    return db.session.scalars(query).unique().one_or_none() or abort(404)


def last_term(organization_id: int) -> Term:
    find(Organization, id=organization_id)
    return term_shown(organization_id) or abort(404)


def back_to(firm_id: int) -> str:
    """To the page of the membership that this is about."""
    return url_for("renewals_staff.firm", organization_id=firm_id)


@blueprint.get("/<int:organization_id>/life")
@requires(Permission.DUES_READ)
def firm(organization_id: int) -> str:
    one = one_firm(organization_id)
    people = members.all_affiliations(one.id)
    term = term_shown(one.id)
    bills = dues.bills(db.session.scalars(dues.invoices_of([one.id]).limit(20)).unique())
    return render_template(
        "renewals/staff_firm.html", firm=one, offer=offer_for(term), term=term,
        bills=[bill for bill in bills if bill.balance],
        **told_of(one, term, ".firm", organization_id=one.id),
        gives=[FEATURE_WORDS[each] for each in features_of(one)], day=today(),
        resignation=queries.resignation_of(term.membership) if term else None,
        timeline=whole_timeline(one, people),
        priced_as=[plain(name) for names in one.priced_by.values() for name in names],
    )  # fmt: skip


@blueprint.route("/<int:organization_id>/suspend", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def suspend_firm(organization_id: int) -> ResponseReturnValue:
    """Keeps what a body decided; staff do not decide it."""
    term = last_term(organization_id)
    form = SuspendForm(from_on=today())
    if form.validate_on_submit():
        laying = Laying(
            OverlayKind.SUSPENSION, form.reason.data, form.from_on.data, form.until_on.data,
            form.scope.data, current_user._get_current_object(),
        )  # fmt: skip
        try:
            suspend(term.membership, laying, form.body.data)
        except Refused as why:
            db.session.rollback()
            form.form_errors.append(str(why))
        else:
            db.session.commit()
            return see_other(back_to(organization_id), "The decision is kept.")
    return render_template("renewals/staff_form.html", form=form, title="Suspended by a decision",
                           button="Keep the decision", **about(organization_id))  # fmt: skip


def about(organization_id: int) -> dict[str, object]:
    one = find(Organization, id=organization_id)
    return {"firm": one, "back": back_to(one.id), "kind": class_shown()}


@blueprint.route("/overlays/<int:overlay_id>/lift", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def lift_overlay(overlay_id: int) -> ResponseReturnValue:
    overlay, form = find(Overlay, id=overlay_id, subject_kind="membership"), ReasonForm()
    held = find(Membership, id=overlay.subject_id)
    firm_id = held.organization_id
    keep(held)
    if form.validate_on_submit():
        lift(overlay, form.reason.data)
        db.session.commit()
        return see_other(back_to(firm_id), "It is lifted.")
    return render_template("renewals/staff_form.html", form=form, button="Lift it",
                           title=f"Lift the {overlay.kind} of {overlay.scope or 'it'}",
                           **about(firm_id))  # fmt: skip


@blueprint.route("/<int:organization_id>/resign", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def resign(organization_id: int) -> ResponseReturnValue:
    term = last_term(organization_id)
    form = StaffResignForm(told_on=today())
    if form.validate_on_submit():
        by = current_user._get_current_object()
        try:
            made = actions.resign(
                term.membership, form.told_on.data, form.reason.data, by, form.last_on.data
            )
        except Refused as why:
            db.session.rollback()
            form.form_errors.append(str(why))
        else:
            db.session.commit()
            last = f"{made.leaves_on.day} {made.leaves_on:%b %Y}"
            return see_other(back_to(organization_id), f"Noted: the last day is {last}.")
    return render_template(
        "renewals/staff_form.html", form=form, title="The firm resigns", button="Note it",
        **about(organization_id),
    )  # fmt: skip


@blueprint.route("/<int:organization_id>/stay", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def stay(organization_id: int) -> ResponseReturnValue:
    term, form = last_term(organization_id), ReasonForm()
    leaving = queries.resignation_of(term.membership) or abort(404)
    what = "expulsion" if leaving.decision_id else "resignation"
    if form.validate_on_submit():
        take_back = actions.take_back_expulsion if leaving.decision_id else actions.stay
        take_back(leaving, form.reason.data)
        db.session.commit()
        return see_other(back_to(organization_id), f"The {what} is taken back.")
    title = "The firm is not expelled" if leaving.decision_id else "The firm stays"
    return render_template(
        "renewals/staff_form.html", form=form, title=title, button="Take it back",
        **about(organization_id),
    )  # fmt: skip


@blueprint.route("/<int:organization_id>/correct", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def correct(organization_id: int) -> ResponseReturnValue:
    """Of the running term; the page that follows shows what its invoices should say."""
    term = queries.term_on(last_term(organization_id).membership_id, today()) or abort(404)
    numbers = actions.numbers_now(term)
    if not numbers:
        raise Refused("The price of this class follows from no number: there is none to correct.")
    form = numbers_form(CorrectForm, numbers, data=as_filled(numbers))
    if form.validate_on_submit():
        by = current_user._get_current_object()
        actions.correct(term, numbers_in(form), form.reason.data, by)
        db.session.commit()
        there = url_for(".reconcile", organization_id=organization_id)
        return see_other(there, "Kept. These are the invoices as they should be now.")
    return render_template(
        "renewals/staff_form.html", form=form, title="Correct the size", button="Correct it",
        **about(organization_id),
    )  # fmt: skip


@blueprint.route("/<int:organization_id>/price-facts", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def price_facts(organization_id: int) -> ResponseReturnValue:
    """They count from the next invoice on: a term keeps what it was sold by."""
    one = find(Organization, id=organization_id)
    term_shown(one.id)  # where the page came from, and leads back to
    form = PriceFactsForm(data=one.priced_by)
    asked = facts_asked(tariff.book for tariff in db.session.scalars(dues.tariffs()))
    if not any(asked.values()):
        return render_template("renewals/staff_nothing_asked.html", **about(one.id))
    form.offer(asked)
    if form.validate_on_submit():
        found = {name: form.data.get(name) or [] for name in asked}
        actions.keep_price_facts(one, found, form.reason.data)
        db.session.commit()
        return see_other(back_to(one.id), "Kept. It counts from the next invoice on.")
    return render_template(
        "renewals/staff_form.html", form=form, title="What its price depends on",
        button="Keep it", **about(one.id) | {"kind": ""},
    )  # fmt: skip


@blueprint.route("/<int:organization_id>/reconcile", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def reconcile(organization_id: int) -> ResponseReturnValue:
    membership, form = last_term(organization_id).membership, ReasonForm()
    try:
        if form.validate_on_submit():
            done = actions.reconcile(membership, form.reason.data)
            db.session.commit()
            words = (
                f"{len(done.wrong)} credited, {len(done.missing) + len(done.beside)} lines issued."
            )
            return see_other(back_to(organization_id), words)
        found, trouble = actions.compare(membership), ""
    except (NotQuotable, Refused) as why:
        db.session.rollback()
        found, trouble = None, str(why)
    return render_template(
        "renewals/staff_reconcile.html", form=form, found=found, trouble=trouble,
        **about(organization_id),
    )  # fmt: skip


@blueprint.post("/<int:organization_id>/renew")
@requires(Permission.FIRMS_MANAGE)
def renew(organization_id: int) -> ResponseReturnValue:
    """Issue the renewal now, and again after it was dropped."""
    offer = offer_for(last_term(organization_id))
    if offer is None or not offer.may_renew:
        raise Refused("There is nothing to renew now.")
    invoice = actions.issue(actions.open_window(offer.term))
    db.session.commit()
    return see_other(back_to(organization_id), f"Invoice {invoice.number} is out.")


@blueprint.route("/<int:organization_id>/drop", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def drop(organization_id: int) -> ResponseReturnValue:
    """The unpaid renewal: of the last term, or of the one before a provisional term."""
    renewal = queries.unpaid_renewal_of(last_term(organization_id).membership) or abort(404)
    form = ReasonForm()
    if form.validate_on_submit():
        actions.drop(renewal, form.reason.data)
        db.session.commit()
        return see_other(back_to(organization_id), "Dropped: the claim is credited.")
    return render_template(
        "renewals/staff_form.html", form=form, title="Drop the unpaid renewal",
        button="Drop it", **about(organization_id),
    )  # fmt: skip
