"""Pages of corporate groups: for the people of a firm, and for staff."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.members import groups, queries
from portal.members.group_forms import DeclareForm, GroupForm, ReasonForm
from portal.members.models import (
    CorporateGroup,
    FirmRole,
    GroupBasis,
    GroupDeclaration,
    Organization,
)
from portal.members.staff import blueprint as staff
from portal.members.views import blueprint
from portal.members.views.firms import my_firm

ALONE = 0  # the choice of a group of its own
SIGNERS = {FirmRole.DUES_CONTACT.value, FirmRole.SIGNATORY.value}
SEE_MONEY = {
    FirmRole.DELEGATE.value, FirmRole.ALTERNATE.value, FirmRole.DUES_CONTACT.value,
    FirmRole.ROSTER_MANAGER.value, FirmRole.SIGNATORY.value,
}  # fmt: skip
BASES = {
    GroupBasis.DECLARED: "declared by the firm", GroupBasis.REGISTRY: "from a public register",
    GroupBasis.STAFF: "found by staff, not shown to others",
}  # fmt: skip


@blueprint.get("/firm/group")
@requires(Permission.FIRM_READ)
def group() -> str:
    mine = my_firm()
    held = groups.membership_of(mine.id)
    firms = [mine, *groups.sisters_shown(mine.id)]
    roles = set((queries.affiliation_of(current_user) or abort(404)).roles)
    ids = [one.id for one in firms]
    return render_template(
        "members/group.html", firm=mine, held=held, firms=firms, bases=BASES,
        votes=groups.votes(ids), declared=groups.last_declarations(ids), is_due=groups.is_due,
        figures=[
            one for one in groups.figures_of(ids) if roles & SEE_MONEY or not one.is_money
        ],
        signs=bool(roles & SIGNERS),
    )  # fmt: skip


@blueprint.route("/firm/group/declare", methods=["GET", "POST"])
@requires(Permission.FIRM_READ)
def declare_group() -> ResponseReturnValue:
    held = queries.affiliation_of(current_user)
    if held is None or not set(held.roles) & SIGNERS:
        abort(404)
    mine, form = held.organization, DeclareForm()
    if form.validate_on_submit():
        by, is_same = current_user._get_current_object(), form.is_same.data == "yes"
        groups.declare(mine, by, form.owner.data, form.sisters.data or "", is_same=is_same)
        db.session.commit()
        words = "Thank you: the declaration is kept."
        return see_other(
            url_for(".group"), words if is_same else f"{words} We read it and write to you."
        )
    return render_template(
        "members/group_declare.html", form=form, firm=mine, held=groups.membership_of(mine.id)
    )


@staff.get("/groups/")
@requires(Permission.FIRMS_READ)
def all_groups() -> str:
    text = request.args.get("q", "").strip()[:200]
    page = paginate(groups.register(text))
    return render_template(
        "members/staff_groups.html", page=page, text=text,
        sizes=groups.sizes([one.id for one in page.items]), waiting=groups.waiting_declarations(),
    )  # fmt: skip


@staff.get("/groups/<int:group_id>")
@requires(Permission.FIRMS_READ)
def show_group(group_id: int) -> str:
    found = find(CorporateGroup, id=group_id)
    firms = groups.firms_in(found.id)
    ids = [one.id for one in firms]
    return render_template(
        "members/staff_group.html", group=found, firms=firms, bases=BASES,
        held=groups.memberships_in(found.id), votes=groups.votes(ids),
        figures=[
            one for one in groups.figures_of(ids)
            if current_user.may(Permission.DUES_READ) or not one.is_money
        ],
        declared=groups.last_declarations(ids), is_due=groups.is_due,
        people=[one for firm in firms for one in queries.roster(firm.id)],
        history=groups.history(found.id),
    )  # fmt: skip


@staff.route("/<int:organization_id>/group", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def change_group(organization_id: int) -> ResponseReturnValue:
    """First the effects are shown; the second press, with them in sight, records the change."""
    firm, form = find(Organization, id=organization_id), GroupForm()
    form.group_id.choices = [(ALONE, "A group of its own"), *groups.named()]
    effects: list[groups.Effect] = []
    if form.validate_on_submit():
        try:
            change = _asked(form)
            groups.refuse_change(firm, change)
            effects = groups.effects(firm, change.group)
            if request.form.get("step") == "record":
                made = groups.change_group(firm, change)
                db.session.commit()
                words = f"{firm.name} belongs to {made.name} from {change.on} on."
                return see_other(url_for(".show_group", group_id=made.id), words)
        except Refused as refused:
            db.session.rollback()
            form.on.errors, effects = [str(refused)], []
    return render_template(
        "members/staff_group_change.html", form=form, firm=find(Organization, id=organization_id),
        held=groups.membership_of(organization_id), effects=effects,
    )  # fmt: skip


def _asked(form: GroupForm) -> groups.Change:
    chosen = db.session.get(CorporateGroup, form.group_id.data) if form.group_id.data else None
    return groups.Change(chosen, form.on.data, GroupBasis(form.basis.data), form.evidence.data)


@staff.route("/groups/declarations/<int:said_id>/keep", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def keep_group(said_id: int) -> ResponseReturnValue:
    """Staff looked into a declaration that differs, and the register stays as it is."""
    found = find(GroupDeclaration, id=said_id, settled_at=None)
    form = ReasonForm()
    if form.validate_on_submit():
        groups.settle_declaration(found, form.reason.data)
        db.session.commit()
        return see_other(url_for(".all_groups"), "The register stays as it is.")
    return render_template("members/staff_group_keep.html", form=form, declared=found)
