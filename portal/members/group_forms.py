"""Forms about groups, and about records that are one and the same."""

from typing import Any

from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length, Optional

from portal.core.forms import PageForm
from portal.members.forms import stripped
from portal.members.models import GroupBasis


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
