"""Forms of the dues pages."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
    ValidationError,
)
from wtforms.widgets import HiddenInput

from portal.association.queries import today
from portal.core.forms import PageForm
from portal.core.mail import ADDRESS
from portal.dues.declaring import odd_period
from portal.dues.models import Source
from portal.dues.rules import Book, Case, titled
from portal.members.words import COUNTINGS


def stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class SeatsForm(PageForm):
    """`seen` is the total that was shown: another one is shown before anything is ordered.

    `after` is the last order that there was, so that a form sent twice orders once.
    """

    seats = IntegerField(
        "Seats to buy", render_kw={"inputmode": "numeric"},
        validators=[
            InputRequired("Enter a number"),
            NumberRange(1, 50, "Enter a number from 1 to 50"),
        ],
    )  # fmt: skip
    seen = HiddenField()
    after = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(0, 2**62)])


class AddressForm(PageForm):
    email = StringField(
        "E-mail address",
        filters=[stripped],
        validators=[
            DataRequired("Enter an e-mail address"), Length(max=200),
            Regexp(ADDRESS, message="Enter an e-mail address, like accounts@firm.example"),
        ],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )  # fmt: skip


class SetAsideForm(PageForm):
    reason = TextAreaField(
        "Reason", filters=[stripped],
        validators=[
            DataRequired("Say why nothing needs to be done about it"),
            Length(max=500, message="Keep the reason under 500 letters"),
        ],
    )  # fmt: skip


class ConsentForm(PageForm):
    agrees = BooleanField(
        "We agree to this for our firm",
        validators=[DataRequired("Agree first: without it we charge no card")],
    )


SOURCES = {
    Source.SELF: "Our own count",
    Source.AUDITED: "Audited accounts",
    Source.ESTIMATE: "An estimate",
}
BODIES = {"board": "Board", "general meeting": "General meeting"}
MOST = Decimal(10) ** 13  # declared numbers, revenue in the smallest coin included


class CaseForm(PageForm):
    """Any case under a tariff, read from the address; `case_form` adds the tariff's numbers."""

    class Meta:
        csrf = False

    kind = SelectField("Class")
    joined_on = DateField("Joins on", validators=[InputRequired("Enter a day, like 2027-01-01")])
    renews = BooleanField("Renews: no joining fee")
    seats = IntegerField("Seats", validators=[Optional(), NumberRange(0, 100_000)])
    change_on = DateField("Changes on", validators=[Optional()])

    def case(self, metrics: list[str]) -> Case:
        """The case as `portal quote` reads it, with one change inside the term at most."""
        told = self._numbers("now", metrics)
        made = {
            "class": self.kind.data, "metrics": told, "renews": self.renews.data,
            "joined_on": self.joined_on.data.isoformat(), "seats": self.seats.data or 0,
        }  # fmt: skip
        later = self._numbers("then", metrics)
        if self.change_on.data and later:
            made["changes"] = [{"on": self.change_on.data.isoformat(), "metrics": later}]
        return made

    def _numbers(self, when: str, metrics: list[str]) -> dict[str, str]:
        told = {one: self[f"{when}_{one}"].data for one in metrics}
        return {one: str(value) for one, value in told.items() if value is not None}


def case_form(book: Book, classes: Mapping[str, str], args: Any) -> tuple[CaseForm, list[str]]:
    """The form with a field for each number that the tariff asks, and those numbers' names."""
    metrics = list(dict.fromkeys(rule["metric"] for rule in book["rules"] if "metric" in rule))
    limits = [Optional(), NumberRange(0, MOST, "Enter a number that is not below zero")]
    fields: dict[str, Any] = {}
    for one in metrics:
        fields[f"now_{one}"] = DecimalField(titled(one), places=None, validators=limits)
        fields[f"then_{one}"] = DecimalField(
            f"{titled(one)}, then", places=None, validators=limits
        )
    form: CaseForm = type("OneCaseForm", (CaseForm,), fields)(args)
    form.kind.choices = dict(classes)
    return form, metrics


class DecisionForm(PageForm):
    """Which decision of the register it is, or a new entry for it."""

    decision = SelectField("Decision", coerce=int)
    body = SelectField("Who decided", choices=BODIES)
    decided_on = DateField("Decided on", validators=[Optional()])
    title = StringField("Title", filters=[stripped], validators=[Optional(), Length(max=200)])
    text = TextAreaField("What was decided", filters=[stripped],
                         validators=[Optional(), Length(max=2000)])  # fmt: skip

    def __init__(self, register: Mapping[int, str], today: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.decision.choices = {0: "A new one, entered below", **register}
        self.today = today

    def validate_decided_on(self, field: DateField) -> None:
        if field.data and field.data > self.today:
            raise ValidationError("Enter a day that is not in the future")

    def validate(self, extra_validators: Any = None) -> bool:
        """A new entry of the register has a day and a title."""
        is_good = super().validate(extra_validators)
        if self.decision.data:
            return is_good
        if not self.decided_on.data and not self.decided_on.errors:
            self.decided_on.errors = ["Enter the day of the decision"]
        if not self.title.data:
            self.title.errors = ["Enter a title, like Tariff 2027 adopted"]
        return is_good and not (self.decided_on.errors or self.title.errors)


class ReasonForm(PageForm):
    reason = TextAreaField(
        "Why", filters=[stripped],
        validators=[DataRequired("Say why"), Length(max=500, message="Keep it under 500 letters")],
    )  # fmt: skip


class CheckForm(ReasonForm):
    """A sample check: what was found right, or what it is instead."""

    corrected = DecimalField(
        "Corrected number", places=None,
        description="Leave it empty when the declared number is right.",
        validators=[Optional(), NumberRange(0, MOST, "Enter a number that is not below zero")],
    )  # fmt: skip


class DeclareForm(PageForm):
    """What a firm declares; `declare_form` adds a field for each number."""

    period_start = DateField("Counted from", validators=[InputRequired("Enter the first day")])
    period_end = DateField("Counted to", validators=[InputRequired("Enter the last day")])
    scope = SelectField("What was counted", choices=COUNTINGS)
    source = SelectField("Where the numbers come from", choices=SOURCES)

    def validate_period_end(self, field: DateField) -> None:
        first, last = self.period_start.data, field.data
        if first and last and (why_not := odd_period(first, last, today())):
            raise ValidationError(why_not)

    def numbers(self, metrics: list[str]) -> dict[str, Decimal]:
        return {one: self[f"value_{one}"].data for one in metrics}


def at_most_four_decimals(_form: PageForm, field: DecimalField) -> None:
    number = field.data
    if number is None or not number.is_finite():
        raise ValidationError("Enter a number, like 60")
    if -int(number.as_tuple().exponent) > 4:
        raise ValidationError("Enter four decimals at most")


def declare_form(metrics: list[str], **kwargs: Any) -> DeclareForm:
    fields = {
        f"value_{one}": DecimalField(titled(one), places=None, validators=[
            InputRequired("Enter a number, like 60"),
            NumberRange(0, MOST, "Enter a number that is not below zero"), at_most_four_decimals,
        ])
        for one in metrics
    }  # fmt: skip
    made: DeclareForm = type("OneDeclareForm", (DeclareForm,), fields)(**kwargs)
    return made


class ImportForm(PageForm):
    text = TextAreaField(
        "The tariff, as JSON", filters=[stripped], render_kw={"rows": "18", "spellcheck": "false"},
        description="As this page exports it, or as the command portal quote reads it.",
        validators=[DataRequired("Paste the tariff"), Length(max=200_000)],
    )  # fmt: skip
