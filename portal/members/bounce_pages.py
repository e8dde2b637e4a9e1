"""Addresses at which mail does not arrive: staff see whose they are, and add or clear one."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import DataRequired, Length, Regexp

from portal.core import audit, mail
from portal.core.access import Permission, requires
from portal.core.bounces import BouncedAddress, forget_bounces, note_bounce
from portal.core.db import db
from portal.core.forms import PageForm
from portal.core.web import find, paginate, see_other
from portal.members import queries
from portal.members.forms import stripped
from portal.members.staff import blueprint


class BounceForm(PageForm):
    address = StringField(
        "Address", filters=[stripped],
        validators=[
            DataRequired("Enter the address that bounced"), Length(max=254),
            Regexp(mail.ADDRESS, message="Enter an e-mail address, like name@firm.example"),
        ],
    )  # fmt: skip
    why = StringField(
        "What came back", description="In the words of the mail that came back.",
        filters=[stripped], validators=[DataRequired("Say what came back"), Length(max=500)],
    )  # fmt: skip


@blueprint.route("/bounced", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def bounced() -> ResponseReturnValue:
    form = BounceForm()
    if form.validate_on_submit():
        row = note_bounce(form.address.data, form.why.data)
        audit.record("address.bounced", row, address=row.address, why=row.why)
        db.session.commit()
        return see_other(url_for(".bounced"), f"{row.address} is noted. Mail goes to others now.")
    page = paginate(queries.bounced())
    owners = queries.owners_of([one.address for one in page.items])
    return render_template("members/staff_bounced.html", form=form, page=page, owners=owners)


@blueprint.post("/bounced/<int:address_id>/works")
@requires(Permission.FIRMS_MANAGE)
def bounced_works(address_id: int) -> ResponseReturnValue:
    row = find(BouncedAddress, id=address_id)
    audit.record("address.works", row, address=row.address)
    forget_bounces([row.address])
    db.session.commit()
    return see_other(url_for(".bounced"), f"Mail goes to {row.address} again.")
