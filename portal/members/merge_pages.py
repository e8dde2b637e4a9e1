"""Staff pages on duplicates: what may be one, what a merge moves, and the merge."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from werkzeug.utils import redirect

from portal.accounts.models import Person
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.merging import winners
from portal.core.states import Refused
from portal.core.web import find, see_other
from portal.members import duplicates, merging, queries
from portal.members.group_forms import MergeForm
from portal.members.likeness import facts_of
from portal.members.models import Organization
from portal.members.staff import blueprint

BOTH_HAVE = "Both have something that can be there only once: take it from one of them first."
SHOWN = 10  # firms found by name


@blueprint.before_request
def lead_on() -> ResponseReturnValue | None:
    """The address of a firm that was merged leads to the one that stays, for ever."""
    facts = request.view_args or {}
    if request.method != "GET" or "organization_id" not in facts or request.endpoint is None:
        return None
    now = winners(Organization).get(facts["organization_id"])
    if now is None:
        return None
    return redirect(url_for(request.endpoint, **{**facts, "organization_id": now}), code=301)


@blueprint.get("/duplicates")
@requires(Permission.FIRMS_READ)
def all_duplicates() -> str:
    return render_template(
        "members/staff_duplicates.html", firms=duplicates.firm_pairs(),
        people=duplicates.person_pairs(),
    )  # fmt: skip


@blueprint.get("/<int:organization_id>/duplicates")
@requires(Permission.FIRMS_READ)
def firm_duplicates(organization_id: int) -> str:
    firm, text = find(Organization, id=organization_id), request.args.get("q", "").strip()[:200]
    told = facts_of(
        firm.country, firm.registration_no, firm.name, firm.website, firm.billing_email
    )
    others = queries.firms(text).where(Organization.id != firm.id).limit(SHOWN)
    return render_template(
        "members/staff_firm_duplicates.html", firm=firm, text=text,
        candidates=duplicates.candidates(told, but=firm.id),
        others=db.session.scalars(others).unique().all() if text else [],
    )  # fmt: skip


@blueprint.route("/<int:organization_id>/merge/<int:other_id>", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def merge_firms(organization_id: int, other_id: int) -> ResponseReturnValue:
    """`other_id` goes into `organization_id`."""
    keep, lose = find(Organization, id=organization_id), find(Organization, id=other_id)
    form, name = MergeForm(lose.name), lose.name
    chosen = {field: request.form.get(f"use-{field}", "kept") for field in merging.FIELDS}
    if form.validate_on_submit():
        try:
            merging.merge_firms(keep, lose, chosen, form.reason.data)
            db.session.commit()
        except (Refused, IntegrityError) as refused:
            db.session.rollback()
            form.form_errors.append(str(refused) if isinstance(refused, Refused) else BOTH_HAVE)
        else:
            words = f"{name} is merged into this record; its old address leads here."
            return see_other(url_for(".show", organization_id=organization_id), words)
    return render_template(
        "members/staff_merge.html", keep=keep, lose=lose, form=form, chosen=chosen,
        objections=merging.firm_objections(keep, lose), moves=merging.moves(Organization, lose.id),
        differences=merging.differences(keep, lose),
    )  # fmt: skip


@blueprint.route("/people/<int:person_id>/merge/<int:other_person_id>", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def merge_people(person_id: int, other_person_id: int) -> ResponseReturnValue:
    """`other_person_id` goes into `person_id`."""
    keep, lose = find(Person, id=person_id), find(Person, id=other_person_id)
    form, name = MergeForm(lose.email), lose.email
    if form.validate_on_submit():
        try:
            merging.merge_people(keep, lose, form.reason.data)
            db.session.commit()
        except (Refused, IntegrityError) as refused:
            db.session.rollback()
            form.form_errors.append(str(refused) if isinstance(refused, Refused) else BOTH_HAVE)
        else:
            words = f"The account {name} is merged into {keep.email} and closed."
            return see_other(url_for(".all_duplicates"), words)
    return render_template(
        "members/staff_merge_people.html", keep=keep, lose=lose, form=form,
        objections=merging.person_objections(keep, lose), moves=merging.moves(Person, lose.id),
    )  # fmt: skip
