"""The people of a firm: seats, roles, who leaves, who confirms."""

from collections.abc import Callable

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core.access import Permission, requires, signed_in
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, see_other
from portal.members import actions, attesting, queries
from portal.members.forms import ChangeRolesForm, SuccessorForm
from portal.members.models import Affiliation
from portal.members.powers import Power, may, may_order
from portal.members.views import blueprint
from portal.members.views.firms import managed_firm

NO_SEATS = "Your firm is not a member now, so there are no seats."


def my_affiliation() -> Affiliation:
    """Where the signed-in person acts; 404 without a firm."""
    return queries.affiliation_of(current_user) or abort(404)


def colleague(affiliation_id: int) -> Affiliation:
    facts = {"id": affiliation_id, "organization_id": managed_firm().id, "until_on": None}
    return find(Affiliation, **facts)


def successor(affiliation_id: int) -> Affiliation | None:
    return colleague(affiliation_id) if affiliation_id else None


def back_to_people(act: Callable[[], None], words: str) -> ResponseReturnValue:
    """Do it, commit, and say so on the people page; or say there why it was refused."""
    try:
        act()
    except Refused as refused:
        db.session.rollback()
        return see_other(url_for(".people"), str(refused), "needs")
    db.session.commit()
    return see_other(url_for(".people"), words)


@blueprint.get("/firm/people")
@requires(Permission.FIRM_READ)
def people() -> str:
    me = my_affiliation()
    firm, colleagues = me.organization, queries.roster(me.organization_id)
    keeps_roster = may(Power.MANAGE_ROSTER, me.roles)
    due = attesting.due_on(queries.attested_on(me))
    return render_template(
        "members/people.html", firm=firm, me=me, people=colleagues, keeps_roster=keeps_roster,
        seats=queries.live_seats(firm.id), seated=queries.seated_ids(firm.id),
        waiting=[one.affiliation_id for one in queries.seat_queue(firm.id)],
        unattested=queries.unattested_ids(firm.id), may_buy=may_order(me.roles),
        vacancies=db.session.scalars(queries.vacancies(firm.id)).all(), due=due,
        must_attest=queries.must_attest(me),
        ways=_ways(firm.id) if keeps_roster else None, today=today(),
    )  # fmt: skip


@blueprint.get("/people/<int:person_id>")
@signed_in
def person(person_id: int) -> ResponseReturnValue:
    """Where the search leads: staff to the firm, colleagues to their list; 404 for all others."""
    places = queries.live_affiliations(find(Person, id=person_id)) or abort(404)
    if current_user.may(Permission.FIRMS_READ):
        firm_id = places[0].organization_id
        return redirect(url_for("members_staff.show", organization_id=firm_id))
    mine = queries.affiliation_of(current_user) if current_user.may(Permission.FIRM_READ) else None
    at = next(
        (one for one in places if mine and one.organization_id == mine.organization_id), None
    )
    return redirect(url_for(".people", _anchor=f"p-{at.id}")) if at else abort(404)


def _ways(organization_id: int) -> dict[str, object]:
    """What only the roster manager sees: invitations, requests, domains, the code."""
    return {
        "invited": queries.invited_to(organization_id),
        "requests": queries.open_requests(organization_id),
        "domains": queries.domains_of(organization_id),
        "code": queries.live_code_of(organization_id),
    }


@blueprint.route("/firm/people/<int:affiliation_id>", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def roles(affiliation_id: int) -> ResponseReturnValue:
    one = colleague(affiliation_id)
    form = ChangeRolesForm(roles=list(one.roles))
    form.offer(queries.roster(one.organization_id), one)
    if form.validate_on_submit():
        try:
            actions.change_roles(one, form.roles.data, successor(form.successor.data))
        except Refused as refused:
            db.session.rollback()
            form.roles.errors = [str(refused)]
        else:
            db.session.commit()
            words = f"The roles of {one.person.display_name} are kept."
            return see_other(url_for(".people"), words)
    return render_template("members/roles.html", form=form, one=colleague(affiliation_id))


@blueprint.route("/firm/people/<int:affiliation_id>/end", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def end(affiliation_id: int) -> ResponseReturnValue:
    one, form = colleague(affiliation_id), SuccessorForm()
    form.offer(queries.roster(one.organization_id), one)
    if form.validate_on_submit():
        words = f"{one.person.display_name} is no longer with your firm here."
        taking_over = successor(form.successor.data)
        return back_to_people(lambda: actions.end_affiliation(one, taking_over), words)
    return render_template("members/end.html", one=one, form=form)


@blueprint.route("/firm/people/<int:affiliation_id>/seat", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def seat(affiliation_id: int) -> ResponseReturnValue:
    """Give a colleague a seat, or free the one they have."""
    one = colleague(affiliation_id)
    has_one = one.id in queries.seated_ids(one.organization_id)
    name = one.person.display_name
    if request.method == "POST" and has_one:
        why = f"{current_user.display_name} gave it to others."
        return back_to_people(lambda: actions.free_seat(one, why), f"The seat of {name} is free.")
    if request.method == "POST":
        if actions.give_seat(one):
            db.session.commit()
            return see_other(url_for(".people"), f"{name} has a seat.")
        db.session.rollback()
        seats = queries.seats_now(one.organization_id)  # as it is now, after whoever was first
        words = f"{seats.words}: free one, or buy one more." if seats else NO_SEATS
        return see_other(url_for(".people"), words, "needs")
    return render_template("members/seat.html", one=one, has_one=has_one)


@blueprint.post("/firm/people/ask-seat")
@requires(Permission.FIRM_READ)
def ask_seat() -> ResponseReturnValue:
    try:
        seated = actions.ask_for_seat(my_affiliation())
    except Refused as refused:
        db.session.rollback()
        return see_other(url_for(".people"), str(refused), "needs")
    db.session.commit()
    words = "You have a seat." if seated else "You are in the queue. Your roster manager was told."
    return see_other(url_for(".people"), words)


@blueprint.post("/firm/people/attest")
@requires(Permission.FIRM_READ)
def attest() -> ResponseReturnValue:
    me = my_affiliation()
    return back_to_people(lambda: actions.attest(me), "Thank you: confirmed for a year.")


@blueprint.route("/firm/leave", methods=["GET", "POST"])
@requires(Permission.FIRM_READ)
def leave() -> ResponseReturnValue:
    """“I left”: said by the person, and nothing holds them."""
    me = my_affiliation()
    name = me.organization.name
    if request.method == "POST":
        actions.leave(me)
        db.session.commit()
        return see_other(url_for("accounts.account"), f"You are no longer with {name} here.")
    return render_template("members/leave.html", me=me)
