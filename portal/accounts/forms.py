"""Forms for the account pages."""

import re
from collections.abc import Iterable
from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    PasswordField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from portal.accounts.retention import Rule
from portal.core.access import STAFF_ROLES
from portal.core.clock import ZONES
from portal.core.forms import PageForm, WholeNumberField
from portal.core.mail import ADDRESS

NEW = {"autocomplete": "new-password"}
CODE = {"autocomplete": "one-time-code", "inputmode": "text", "spellcheck": "false"}


def _strip(text: str | None) -> str | None:
    return text.strip() if text else text


def an_email(_form: PageForm, field: EmailField) -> None:
    if field.data and not ADDRESS.match(field.data):
        raise ValidationError("Enter an e-mail address, like name@firm.example")


class SignInForm(PageForm):
    email = EmailField(
        "E-mail address",
        filters=[_strip],
        render_kw={"autocomplete": "username"},
        validators=[
            DataRequired("Enter your e-mail address"),
            Length(max=254, message="Use 254 characters or fewer"),
        ],
    )
    password = PasswordField(
        "Password",
        render_kw={"autocomplete": "current-password"},
        validators=[
            DataRequired("Enter your password"),
            Length(max=128, message="Use 128 characters or fewer"),
        ],
    )
    stays = BooleanField("Stay signed in on this device for 30 days")


class CodeForm(PageForm):
    code = StringField(
        "Code",
        filters=[_strip],
        render_kw=CODE,
        validators=[
            DataRequired("Enter the code"),
            Length(max=20, message="Enter the six figures of the app, or a recovery code"),
        ],
    )


class EmailForm(PageForm):
    email = EmailField(
        "E-mail address",
        filters=[_strip],
        render_kw={"autocomplete": "email"},
        validators=[
            DataRequired("Enter an e-mail address"),
            Length(max=254, message="Use 254 characters or fewer"),
            an_email,
        ],
    )


class NewPasswordForm(PageForm):
    password = PasswordField(
        "New password",
        render_kw=NEW,
        validators=[
            DataRequired("Enter a new password"),
            Length(max=128, message="Use 128 characters or fewer"),
        ],
    )


class AcceptForm(NewPasswordForm):
    name = StringField(
        "Your name",
        filters=[_strip],
        render_kw={"autocomplete": "name"},
        validators=[
            DataRequired("Enter your name"),
            Length(max=120, message="Use 120 characters or fewer"),
        ],
    )


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(
        "Your password now",
        render_kw={"autocomplete": "current-password"},
        validators=[
            DataRequired("Enter your password"),
            Length(max=128, message="Use 128 characters or fewer"),
        ],
    )


class ConfirmForm(PageForm):
    current = PasswordField(
        "Your password",
        render_kw={"autocomplete": "current-password"},
        validators=[
            DataRequired("Enter your password"),
            Length(max=128, message="Use 128 characters or fewer"),
        ],
    )


class ChangeEmailForm(EmailForm, ConfirmForm):
    pass


class TurnOnForm(CodeForm, ConfirmForm):
    pass


class ProfileForm(PageForm):
    display_name = StringField(
        "Name",
        filters=[_strip],
        render_kw={"autocomplete": "name"},
        validators=[
            DataRequired("Enter your name"),
            Length(max=120, message="Use 120 characters or fewer"),
        ],
    )
    phone = StringField(
        "Phone",
        filters=[_strip],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
        validators=[Optional(), Length(max=30, message="Use 30 characters or fewer")],
    )
    zone = SelectField(
        "Time zone",
        choices={"": "The association’s", **ZONES},
    )

    def validate_phone(self, field: StringField) -> None:
        number = re.sub(r"[\s().-]", "", field.data or "")
        if number and not re.fullmatch(r"\+[1-9][0-9]{6,14}", number):
            raise ValidationError("Enter a phone number with its country, like +63 917 123 4567")
        field.data = number


class GrantForm(EmailForm):
    display_name = StringField(
        "Name",
        filters=[_strip],
        validators=[
            DataRequired("Enter the name"),
            Length(max=120, message="Use 120 characters or fewer"),
        ],
    )
    role = SelectField("Role", choices={role.value: role.value for role in STAFF_ROLES})


class RevokeForm(PageForm):
    reason = StringField(
        "Reason, kept in the record",
        filters=[_strip],
        validators=[
            DataRequired("Say why"),
            Length(max=400, message="Use 400 characters or fewer"),
        ],
    )


class TakeOffForm(PageForm):
    reason = StringField(
        "Reason, mailed to them and kept in the record",
        filters=[_strip],
        validators=[
            DataRequired("Say why, and how you know that it is them"),
            Length(max=400, message="Use 400 characters or fewer"),
        ],
    )


class CloseForm(PageForm):
    reason = StringField(
        "Reason, mailed to them and kept in the record",
        filters=[_strip],
        validators=[
            DataRequired("Say why the account is closed"),
            Length(max=400, message="Use 400 characters or fewer"),
        ],
    )


class OpenForm(PageForm):
    reason = StringField(
        "Reason, kept in the record",
        filters=[_strip],
        validators=[
            DataRequired("Say why the account is opened again"),
            Length(max=400, message="Use 400 characters or fewer"),
        ],
    )


class EraseForm(PageForm):
    typed = StringField(
        "Type ERASE", filters=[_strip], description="In capitals: there is no way back."
    )
    current = PasswordField("Your password", render_kw={"autocomplete": "current-password"})

    def validate_typed(self, field: StringField) -> None:
        if field.data != "ERASE":
            raise ValidationError("Type ERASE in capitals")


def retention_form(rules: Iterable[Rule]) -> Any:
    """With a whole number for each rule, from the least to the most that it allows."""
    fields = {
        one.code: WholeNumberField(
            f"{one.what}, in {one.unit}",
            description=f"From {one.least} to {one.most}, {one.since}. Delivered as {one.length}.",
            default=one.kept,
            validators=[
                InputRequired(f"Enter a number of {one.unit}"),
                NumberRange(one.least, one.most, f"Enter {one.least} to {one.most} {one.unit}"),
            ],
        )
        for one in rules
    }
    return type("RetentionForm", (PageForm,), fields)()
