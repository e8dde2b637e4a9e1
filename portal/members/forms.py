"""Forms of a firm and its people."""

from collections.abc import Mapping
from typing import Any

from wtforms import (
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
)

from portal.core.forms import PageForm
from portal.core.mail import ADDRESS
from portal.members.models import MembershipType
from portal.members.words import BASE_YEARS, COMEBACKS, COUNTINGS, ORDERS, ROLE_WORDS, VOTES

AN_ADDRESS = Regexp(ADDRESS, message="Enter an e-mail address, like name@firm.example")
A_SITE = Regexp(
    r"https?://[^\s<>\"']+\.[^\s<>\"']+\Z",
    message="Enter the whole address, like https://firm.example",
)


def stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class FirmForm(PageForm):
    address = TextAreaField(
        "Address",
        description="As it should stand on invoices.",
        filters=[stripped],
        validators=[DataRequired("Enter the address"), Length(max=500)],
    )
    billing_email = StringField(
        "E-mail for invoices",
        filters=[stripped],
        validators=[DataRequired("Enter an address for invoices"), Length(max=200), AN_ADDRESS],
        render_kw={"inputmode": "email"},
    )
    purchase_order = StringField(
        "Purchase order",
        description="Printed on the next invoices.",
        filters=[stripped],
        validators=[Optional(), Length(max=60)],
    )
    website = StringField(
        "Website",
        description="Shown in the directory.",
        filters=[stripped],
        validators=[Optional(), Length(max=200), A_SITE],
        render_kw={"inputmode": "url"},
    )

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
        "Work e-mail",
        filters=[stripped],
        validators=[DataRequired("Enter an e-mail address"), Length(max=200), AN_ADDRESS],
        render_kw={"inputmode": "email"},
    )


def days(label: str, most: int, hint: str = "") -> IntegerField:
    words = f"Enter a number of days from 0 to {most}"
    checks = [InputRequired(words), NumberRange(0, most, words)]
    return IntegerField(label, validators=checks, description=hint)


class TypeForm(PageForm):
    """How a class of membership works; a change names its decision."""

    votes = SelectField("Vote", choices=VOTES)
    scope = StringField(
        "Matters it may vote on", filters=[stripped], validators=[Optional(), Length(max=200)]
    )
    counting = SelectField("Its dues count", choices=COUNTINGS)
    base_year = SelectField("Counted in", choices=BASE_YEARS)
    admission_order = SelectField("Admission", choices=ORDERS)
    window_before_days = days("Renewal opens, days before the next term", 366)
    invoice_days = days("Renewal invoice, days before the next term", 366)
    grace_days = days("Grace, in days", 366, "Benefits go on so long after the end of a term.")
    window_after_days = days("Comes back without joining anew, days after the end", 1098)
    comeback = SelectField("Comes back", choices=COMEBACKS)
    benefits_before_payment = SelectField(
        "Benefits begin", choices={"yes": "With the term, paid or not", "no": "With the payment"}
    )
    decision = SelectField(
        "Decision",
        coerce=int,
        validators=[DataRequired("Choose the decision: without one nothing changes")],
    )

    def __init__(self, register: Mapping[int, str], one: MembershipType, **kwargs: Any) -> None:
        told = {name: getattr(one, name) for name in TYPE_FACTS}
        told["benefits_before_payment"] = "yes" if one.benefits_before_payment else "no"
        super().__init__(data=told, **kwargs)
        self.decision.choices = {0: "Choose", **register}

    def validate_invoice_days(self, field: IntegerField) -> None:
        before = self.window_before_days.data
        if field.data is not None and before is not None and field.data > before:
            raise ValidationError("Enter no more days than the renewal is open")

    def validate(self, extra_validators: Any = None) -> bool:
        """A vote on some matters says which."""
        is_good = super().validate(extra_validators)
        if self.votes.data == "scoped" and not self.scope.data:
            self.scope.errors = ["Say on which matters it may vote"]
        return is_good and not self.scope.errors

    def facts(self) -> dict[str, Any]:
        made = {name: self[name].data for name in TYPE_FACTS}
        made["scope"] = made["scope"] or ""
        return made | {"benefits_before_payment": self.benefits_before_payment.data == "yes"}


TYPE_FACTS = (
    "votes",
    "scope",
    "counting",
    "base_year",
    "admission_order",
    "grace_days",
    "window_before_days",
    "invoice_days",
    "window_after_days",
    "comeback",
    "benefits_before_payment",
)
