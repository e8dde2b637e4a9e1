"""Legal holds, for administrators: set for a person with a reason and a last day, and ended."""

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from wtforms import DateField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.forms import PageForm
from portal.core.merging import winners
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.members import keeping
from portal.members.forms import stripped
from portal.members.staff import blueprint


def _long() -> Length:
    return Length(max=400, message="Use 400 characters or fewer")


class HoldForm(PageForm):
    reason = TextAreaField(
        "Reason", description="They read it when they ask for erasure, and it is in the record.",
        filters=[stripped], validators=[DataRequired("Say why, in a sentence"), _long()],
    )  # fmt: skip
    until_on = DateField(
        "Last day", description="It ends by itself after this day.",
        validators=[InputRequired("Enter the last day, like 2027-03-31")],
    )  # fmt: skip

    def validate_until_on(self, field: DateField) -> None:
        if field.data and field.data < today():
            raise ValidationError("Enter today or a later day")


class EndHoldForm(PageForm):
    reason = TextAreaField(
        "Why it ends", description="Kept in the record.", filters=[stripped],
        validators=[DataRequired("Say why it ends"), _long()],
    )  # fmt: skip


def _person(person_id: int) -> Person:
    """Somebody whose account was neither erased nor merged."""
    person = find(Person, id=person_id)
    return abort(404) if person.disabled_at and not person.was_closed else person


@blueprint.get("/holds")
@requires(Permission.ROLES_GRANT)
def holds() -> str:
    page = paginate(keeping.all_held(today()))
    merged = winners(Person)
    of = {one.id: merged.get(one.subject_id, one.subject_id) for one in page.items}
    wanted = [*of.values(), *(one.made_by for one in page.items)]
    known = db.session.scalars(select(Person).where(Person.id.in_(wanted)))
    people = {one.id: one for one in known}
    return render_template("members/staff_holds.html", page=page, of=of, people=people)


@blueprint.route("/people/<int:person_id>/hold", methods=["GET", "POST"])
@requires(Permission.ROLES_GRANT)
def hold_person(person_id: int) -> ResponseReturnValue:
    person, form = _person(person_id), HoldForm()
    if form.validate_on_submit():
        try:
            me = current_user._get_current_object()
            keeping.hold(person, form.reason.data, form.until_on.data, me)
            db.session.commit()
        except Refused as why:
            db.session.rollback()
            form.form_errors.append(str(why))
        else:
            return see_other(url_for(".holds"), f"The data of {person.display_name} are kept.")
    return render_template(
        "members/staff_hold.html", form=form, person=person, held=keeping.held(person)
    )


@blueprint.route("/people/<int:person_id>/hold/end", methods=["GET", "POST"])
@requires(Permission.ROLES_GRANT)
def end_hold(person_id: int) -> ResponseReturnValue:
    person, form = _person(person_id), EndHoldForm()
    found = keeping.held(person)
    if not found:
        abort(404)
    if form.validate_on_submit():
        keeping.release(person, form.reason.data)
        db.session.commit()
        return see_other(url_for(".holds"), f"The hold on {person.display_name} is over.")
    return render_template("members/staff_hold_end.html", form=form, person=person, held=found)
