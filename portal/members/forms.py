"""Forms of a firm and its people."""

from typing import Any

from wtforms import (
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from portal.core.forms import PageForm
from portal.core.mail import ADDRESS
from portal.members.models import GroupBasis
from portal.members.words import ROLE_WORDS

AN_ADDRESS = Regexp(ADDRESS, message="Enter an e-mail address, like name@firm.example")
A_SITE = Regexp(
    r"https?://[^\s<>\"']+\.[^\s<>\"']+\Z",
    message="Enter the whole address, like https://firm.example",
)


def stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class FirmForm(PageForm):
    address = TextAreaField(
        "Address", description="As it should stand on invoices.", filters=[stripped],
        validators=[DataRequired("Enter the address"), Length(max=500)],
    )  # fmt: skip
    billing_email = StringField(
        "E-mail for invoices", filters=[stripped],
        validators=[DataRequired("Enter an address for invoices"), Length(max=200), AN_ADDRESS],
        render_kw={"inputmode": "email"},
    )  # fmt: skip
    purchase_order = StringField(
        "Purchase order", description="Printed on the next invoices.", filters=[stripped],
        validators=[Optional(), Length(max=60)],
    )  # fmt: skip
    website = StringField(
        "Website", description="Shown in the directory.", filters=[stripped],
        validators=[Optional(), Length(max=200), A_SITE], render_kw={"inputmode": "url"},
    )  # fmt: skip

    def facts(self) -> dict[str, str]:
        return {name: value or "" for name, value in self.data.items() if name != "csrf_token"}


class RolesForm(PageForm):
    roles = SelectMultipleField(
        "Roles", choices={role.value: words for role, words in ROLE_WORDS.items()}
    )


class InviteForm(RolesForm):
    display_name = StringField(
        "Name", filters=[stripped], validators=[DataRequired("Enter a name"), Length(max=120)]
    )
    email = StringField(
        "Work e-mail", filters=[stripped],
        validators=[DataRequired("Enter an e-mail address"), Length(max=200), AN_ADDRESS],
        render_kw={"inputmode": "email"},
    )  # fmt: skip


class GroupForm(PageForm):
    group_id = SelectField("Group", coerce=int)
    on = DateField(
        "From", validators=[DataRequired("Enter the first day, like 2026-11-22")],
        description="The first day in the new group; figures of earlier days keep the old one.",
    )  # fmt: skip
    basis = RadioField(
        "How it is known", validators=[DataRequired("Choose how it is known")],
        choices={
            GroupBasis.DECLARED.value: "The firm declared it",
            GroupBasis.REGISTRY.value: "A public register says so",
            GroupBasis.STAFF.value: "We found it; other members do not see it until confirmed",
        },
    )  # fmt: skip
    evidence = TextAreaField(
        "Evidence", description="Which document, register or announcement, and its date.",
        filters=[stripped],
        validators=[DataRequired("Say what shows it"), Length(max=1000)],
    )  # fmt: skip


class DeclareForm(PageForm):
    owner = StringField(
        "Who owns your firm in the end", filters=[stripped],
        description="A person, a family, a listed company, a state: whoever controls more than "
        "half of it, or decides over it.",
        validators=[DataRequired("Enter the ultimate owner"), Length(max=200)],
    )  # fmt: skip
    sisters = TextAreaField(
        "Others here with the same owner", filters=[stripped],
        description="The names of firms of the association, or nothing.",
        validators=[Optional(), Length(max=1000)],
    )  # fmt: skip
    is_same = RadioField(
        "Is what the association has right?", validators=[DataRequired("Choose one of these")],
        choices={"yes": "Yes, the group above is right", "no": "No, it is different by now"},
    )  # fmt: skip


class ReasonForm(PageForm):
    reason = TextAreaField(
        "Reason", filters=[stripped], validators=[DataRequired("Say why"), Length(max=1000)]
    )


class MergeForm(ReasonForm):
    """The name of what goes is typed out: there is no way back."""

    typed = StringField("Type the name of the record that goes", filters=[stripped])

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name = name
        self.typed.description = f"Exactly as it stands here: {name}"

    def validate_typed(self, field: StringField) -> None:
        if field.data != self.name:
            raise ValidationError(f"Type the name as it stands: {self.name}")
