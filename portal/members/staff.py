"""The register of firms, for staff."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import case
from sqlalchemy.orm import load_only, selectinload

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.charts import Point, Words, bars, line
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.members import actions, queries
from portal.members.duplicates import merged_into
from portal.members.forms import FirmForm, InviteForm, TypeForm
from portal.members.models import (
    CLASS_NAMES,
    Decision,
    FirmDomain,
    GroupMembership,
    Membership,
    MembershipClass,
    Organization,
)
from portal.members.overlays import overlays_of
from portal.members.spells import cohorts, members_on, spells, years
from portal.members.standing import Standing
from portal.members.terms import add_months
from portal.members.timeline import timeline_of
from portal.members.words import ADMISSIONS, BASE_YEARS, COMEBACKS, COUNTINGS, VOTES, country

blueprint = Blueprint("members_staff", __name__, url_prefix="/staff/members")

STANDINGS = {
    Standing.IN_FORCE: "In force", Standing.GRACE: "In grace", Standing.SCHEDULED: "Begins later",
    Standing.LAPSED: "Lapsed or ended", Standing.NONE: "Never a member",
}  # fmt: skip

MONTHS = range(-23, 1)
SIZE = case(
    (Organization.headcount.is_(None), 0), (Organization.headcount <= 25, 1),
    (Organization.headcount <= 50, 2), (Organization.headcount <= 125, 3),
    (Organization.headcount <= 250, 4), else_=5,
)  # fmt: skip
SIZES = ("not told", "1 to 25", "26 to 50", "51 to 125", "126 to 250", "over 250")


@blueprint.get("/")
@requires(Permission.FIRMS_READ)
def index() -> str:
    filters = {
        "text": request.args.get("q", "").strip()[:200], "kind": request.args.get("class", ""),
        "country": request.args.get("country", ""), "standing": request.args.get("state", ""),
    }  # fmt: skip
    total, countries = queries.size_and_countries(**filters)
    shown = load_only(Organization.name, Organization.country, Organization.headcount)
    page = paginate(queries.register_by_name(**filters).options(shown), total=total)
    return render_template(
        "members/staff_index.html", page=page, filters=filters, standings=STANDINGS,
        classes=CLASS_NAMES, countries=countries,
        belonging=queries.belonging_of([one.id for one in page.items]),
    )  # fmt: skip


@blueprint.get("/report")
@requires(Permission.FIRMS_READ)
def report() -> str:
    """Who belongs, by class, country and size; who came and went; who stayed."""
    day = today()
    known = spells(queries.live_days())
    days = [min(add_months(day.replace(day=1), n + 1) - timedelta(days=1), day) for n in MONTHS]
    counts = [
        Point(f"{one:%b %y}", many)
        for one, many in zip(days, members_on(known, days), strict=True)
    ]  # fmt: skip
    began = min((one.first.year for one in known), default=day.year)
    return render_template(
        "members/staff_report.html", years=years(known, began, day), day=day,
        cohorts=cohorts(known, day), count=members_on(known, [day])[0],
        over_time=line(counts, [], Words("Members at the end of each month", ("Month", "Firms"))),
        charts=[(title, bars(points, Words(title, (head, "Firms")))) for title, head, points in (
            ("By class", "Class", _points(Membership.kind, day, CLASS_NAMES.__getitem__)),
            ("By country", "Country", _points(Organization.country, day, country)),
            ("By size", "People", _sizes(day)),
        )],
    )  # fmt: skip


def _points(column: Any, day: date, words: Callable[[Any], str]) -> list[Point]:
    return [Point(words(value), many) for value, many in queries.live_by(column, day)]


def _sizes(day: date) -> list[Point]:
    """The smallest firms first, whichever are the most."""
    found = sorted(queries.live_by(SIZE, day))
    return [Point(SIZES[size], many) for size, many in found]


def one_firm(organization_id: int) -> Organization:
    groups = selectinload(Organization.group_memberships).joinedload(GroupMembership.group)
    query = queries.firm_with_terms().options(groups).where(Organization.id == organization_id)
    found = db.session.scalars(query).unique().one_or_none()
    return found or find(Organization, id=organization_id)


@blueprint.get("/<int:organization_id>")
@requires(Permission.FIRMS_READ)
def show(organization_id: int) -> str:
    firm = one_firm(organization_id)
    affiliations = queries.all_affiliations(firm.id)
    return render_template(
        "members/staff_show.html", firm=firm, state=queries.state_of(firm),
        people=[one for one in affiliations if one.until_on is None],
        classes=[CLASS_NAMES[one] for one in queries.classes_of(firm)],
        group=queries.group_of(firm.id), timeline=timeline_of(firm, affiliations),
        merged=merged_into(firm.id),
        invited=queries.invited_to(firm.id), seats=queries.live_seats(firm.id),
        seated=queries.seated_ids(firm.id), unattested=queries.unattested_ids(firm.id),
        vacancies=db.session.scalars(queries.vacancies(firm.id)).all(), today=today(),
        domains=queries.domains_of(firm.id), day=today(),
        overlays=overlays_of("membership", [one.id for one in firm.memberships]),
    )  # fmt: skip


@blueprint.route("/<int:organization_id>/edit", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def edit(organization_id: int) -> ResponseReturnValue:
    firm = find(Organization, id=organization_id)
    form, back = FirmForm(obj=firm), url_for(".show", organization_id=firm.id)
    if form.validate_on_submit():
        actions.update_firm(firm, **form.facts())
        db.session.commit()
        return see_other(back, "The details are kept.")
    return render_template("members/edit.html", form=form, firm=firm, back=back)


@blueprint.route("/<int:organization_id>/invite", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def invite(organization_id: int) -> ResponseReturnValue:
    firm = find(Organization, id=organization_id)
    form, back = InviteForm(), url_for(".show", organization_id=firm.id)
    if form.validate_on_submit():
        by = current_user._get_current_object()
        try:
            actions.invite_colleague(
                firm, form.email.data, form.display_name.data, form.roles.data, by
            )
        except Refused as refused:
            db.session.rollback()
            form.email.errors = [str(refused)]
        else:
            db.session.commit()
            return see_other(back, f"An invitation is on its way to {form.email.data}.")
    return render_template("members/invite.html", form=form, firm=firm, back=back)


@blueprint.get("/vacancies")
@requires(Permission.FIRMS_READ)
def vacancies() -> str:
    """Roles that firms must give again; past the deadline staff call."""
    page = paginate(queries.vacancies())
    return render_template(
        "members/staff_vacancies.html", page=page, today=today(),
        asked=queries.asked_about(page.items),
    )  # fmt: skip


@blueprint.post("/<int:organization_id>/domains/<int:domain_id>/confirm")
@requires(Permission.FIRMS_MANAGE)
def confirm_domain(organization_id: int, domain_id: int) -> ResponseReturnValue:
    found = find(FirmDomain, id=domain_id, organization_id=organization_id)
    actions.confirm_domain(found, current_user._get_current_object())
    db.session.commit()
    words = f"{found.domain} is confirmed, as checked by you."
    return see_other(url_for(".show", organization_id=organization_id), words)


@blueprint.get("/types")
@requires(Permission.FIRMS_READ)
def types() -> str:
    """How each class is admitted, votes, counts and lapses."""
    return render_template(
        "members/staff_types.html", types=queries.types(), names=CLASS_NAMES, votes=VOTES,
        admissions=ADMISSIONS, countings=COUNTINGS, base_years=BASE_YEARS, comebacks=COMEBACKS,
    )  # fmt: skip


@blueprint.route("/types/<string:membership_class>", methods=["GET", "POST"])
@requires(Permission.ASSOCIATION_MANAGE)
def change_type(membership_class: str) -> ResponseReturnValue:
    if membership_class not in set(MembershipClass):
        abort(404)
    found = MembershipClass(membership_class)
    form = TypeForm(queries.register(), queries.type_of(found))
    if form.validate_on_submit():
        decision = find(Decision, id=form.decision.data)
        actions.change_type(found, decision, **form.facts())
        db.session.commit()
        return see_other(url_for(".types"), f"{CLASS_NAMES[found]}: as decided.")
    return render_template("members/staff_type.html", form=form, name=CLASS_NAMES[found])
