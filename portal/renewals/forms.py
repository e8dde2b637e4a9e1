"""Forms of renewing, changing, leaving, and of what bodies decide."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from portal.core.forms import PageForm
from portal.dues.fees import takes_gifts
from portal.dues.forms import DecisionForm
from portal.dues.gift_fields import gift_field
from portal.dues.models import Tariff
from portal.dues.number_fields import number_fields
from portal.dues.rules import titled
from portal.dues.seat_prices import included_seats
from portal.members.forms import stripped
from portal.members.models import OverlayKind
from portal.members.policy import Scope
from portal.renewals.models import HEARD

SCOPES = {
    Scope.VOTE: "The vote", Scope.BENEFITS: "What members read, and members’ prices",
    Scope.LISTING: "The place in the directory", Scope.ALL: "All of it",
}  # fmt: skip
STOPS = {
    OverlayKind.PAUSE: "Pause: they promised to pay, or pay by a plan",
    OverlayKind.HOLD: "Hold: the invoice is disputed",
    OverlayKind.EXCUSE: "Excuse: the body decided that nothing follows",
}  # fmt: skip


def why(label: str, hint: str = "") -> TextAreaField:
    return TextAreaField(
        label, description=hint, filters=[stripped],
        validators=[DataRequired("Say why, in a sentence"), Length(max=1000)],
    )  # fmt: skip


class ReasonForm(PageForm):
    reason = why("Why")


def numbers_form(kind: type[PageForm], metrics: Iterable[str], *args: Any, **kwargs: Any) -> Any:
    """With a field for each number that the dues of the term follow from."""
    fields = number_fields(dict.fromkeys(metrics, "As your class counts it, today."))
    return type(f"Numbers{kind.__name__}", (kind,), fields)(*args, **kwargs)


class ConvertForm(PageForm):
    day = HiddenField("The day of the price that was seen")


class ChoiceForm(PageForm):
    """Of the next term, where its tariff has it: what is there beside the dues."""


def _seats_field() -> IntegerField:
    return IntegerField(
        "Seats", description="Places for people of yours, those that the dues include counted in.",
        validators=[
            InputRequired("Enter the number of seats, 0 when you need none beside the included"),
            NumberRange(0, 100_000, "Enter a number from 0 to 100,000"),
        ],
    )  # fmt: skip


def choice_form(tariff: Tariff | None, kind: str, **told: Any) -> ChoiceForm:
    """Seats and a gift; inside a term seats are ordered on a page of their own."""
    fields: dict[str, Any] = {}
    if tariff and included_seats(tariff.book, kind):
        fields["seats"] = _seats_field()
    if tariff and takes_gifts(tariff.book, kind):
        fields["gift"] = gift_field(tariff.currency)
    form: ChoiceForm = type("OneChoiceForm", (ChoiceForm,), fields)(**told)
    return form


class ResignForm(PageForm):
    reason = why("Why do you leave?", "Read by the membership officer and the board.")


class StaffResignForm(PageForm):
    told_on = DateField(
        "Told on", description="The day on which their notice arrived. It decides the last day.",
        validators=[DataRequired("Enter the day, like 2026-11-22")],
    )  # fmt: skip
    last_on = DateField(
        "Last day agreed",
        description="Only when the board agreed to another than the notice gives.",
        validators=[Optional()],
    )  # fmt: skip
    reason = why("Why")


class ExpelForm(DecisionForm):
    """By a decision of the register, or a new entry; `seen` is the day whose result was shown."""

    first_on = DateField(
        "First day without membership",
        description="Not before the decision. The last day of membership is the day before.",
        validators=[DataRequired("Enter the day, like 2026-11-22")],
    )  # fmt: skip
    heard = RadioField("Was the firm heard before?", choices=HEARD,
                       validators=[InputRequired("Say whether the firm was heard")])  # fmt: skip
    reason = why("Why", "The firm reads it in its mail, and on its page.")
    seen = HiddenField()


class CorrectForm(PageForm):
    reason = why("Why", "Who told us, and what is right. It counts from the term’s first day.")


class PriceFactsForm(PageForm):
    """Of a firm, beside its numbers; what no tariff asks for is not offered."""

    facts = SelectMultipleField("For discounts", choices=[])
    chapters = SelectMultipleField("Chapters", choices=[])
    reason = why("Why", "How it was found, or who of the firm asked for it.")

    def offer(self, asked: Mapping[str, list[str]]) -> None:
        for name, names in asked.items():
            if names:
                self[name].choices = [
                    (one, titled(one) if name == "facts" else one) for one in names
                ]
            else:
                del self[name]


class SuspendForm(PageForm):
    scope = RadioField(
        "What is suspended", choices={scope.value: words for scope, words in SCOPES.items()},
        validators=[DataRequired("Choose what is suspended")],
    )  # fmt: skip
    body = SelectField(
        "Decided by", choices={"board": "The board", "general meeting": "The general meeting"}
    )
    from_on = DateField("From", validators=[DataRequired("Enter the first day")])
    until_on = DateField(
        "Until", description="The last day; it then ends by itself. Empty: until it is lifted.",
        validators=[Optional()],
    )  # fmt: skip
    reason = why(
        "Decision", "A suspension that names an invoice ends by itself when that is paid."
    )

    def validate_until_on(self, field: DateField) -> None:
        refuse_backwards(self.from_on.data, field)


class StopForm(PageForm):
    kind = RadioField(
        "What stops the reminders", choices={kind.value: words for kind, words in STOPS.items()},
        validators=[DataRequired("Choose one of these")],
    )  # fmt: skip
    until_on = DateField(
        "Until", description="The last day. The reminders then go on where the calendar stands.",
        validators=[DataRequired("Enter the last day")],
    )  # fmt: skip
    reason = StringField(
        "Why", filters=[stripped],
        validators=[DataRequired("Say why, in a sentence"), Length(max=500)],
    )  # fmt: skip


def refuse_backwards(first: date | None, field: DateField) -> None:
    if first and field.data and field.data < first:
        raise ValidationError("It cannot end before it begins")
