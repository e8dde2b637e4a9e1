"""The forms that move a practice on: comments, reviewers, the counterparty, the day."""

import re

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    SelectField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, Optional

from portal.accounts.actions import refuse_closed
from portal.accounts.queries import person_by_email
from portal.core.db import db
from portal.core.forms import PageForm
from portal.core.states import Refused
from portal.library.forms.writing import strip

LONG = Length(max=4000, message="Use 4,000 characters or fewer")


def an_address(_form: PageForm, field: EmailField) -> None:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", field.data or ""):
        raise ValidationError("Enter an address like name@firm.example")


class MoveForm(PageForm):
    reason = TextAreaField("Why, or who read it", filters=[strip], validators=[Optional(), LONG])


class CommentForm(PageForm):
    text = TextAreaField("Comment", filters=[strip], validators=[Optional(), LONG])


class PeerForm(PageForm):
    email = EmailField(
        "E-mail address of a peer of another firm",
        filters=[strip],
        validators=[
            DataRequired("Give the address of somebody here"),
            an_address,
        ],
        render_kw={"autocomplete": "off"},
    )


class InviteForm(PageForm):
    email = EmailField(
        "E-mail address of the counterparty",
        filters=[strip],
        validators=[
            DataRequired("Give the address to which the link goes"),
            an_address,
            Length(max=254, message="Use 254 characters or fewer"),
        ],
        render_kw={"autocomplete": "off"},
    )

    def validate_email(self, field: EmailField) -> None:
        """No mail goes to a closed account."""
        person = db.session.scalar(person_by_email(field.data or ""))
        try:
            if person:
                refuse_closed(person)
        except Refused as why:
            raise ValidationError(str(why)) from None


class ScheduleForm(PageForm):
    publish_on = DateField("Publish by itself on", validators=[Optional()])


class TakeDownForm(PageForm):
    to = SelectField(
        "What becomes of it",
        choices={
            "archived": "Archived: out of date, and may come back as a draft",
            "withdrawn": "Withdrawn: it should not have stood, and does not come back",
        },
    )
    reason = TextAreaField(
        "Reason",
        filters=[strip],
        validators=[
            DataRequired("Say why: readers see it at its address"),
            Length(10, 1000, "Use 10 to 1,000 characters"),
        ],
    )


class WithdrawForm(PageForm):
    reason = TextAreaField(
        "Reason",
        filters=[strip],
        validators=[
            DataRequired("Say why: readers see it where they had this version"),
            Length(10, 1000, "Use 10 to 1,000 characters"),
        ],
    )


class ReplyForm(PageForm):
    text = TextAreaField(
        "Your reply",
        filters=[strip],
        validators=[
            DataRequired("Write your reply"),
            Length(20, 3000, "Use 20 to 3,000 characters"),
        ],
    )
    is_final = BooleanField("This is final: you need not wait until the last day")
