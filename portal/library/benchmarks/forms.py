"""The form in which staff write a survey, and the one in which a firm answers it."""

from decimal import Decimal, InvalidOperation
from typing import Any

from wtforms import (
    DateField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from portal.core.forms import PageForm, WholeNumberField, without_groups
from portal.library.benchmarks.models import Survey
from portal.library.benchmarks.queries import Told
from portal.library.benchmarks.suppression import Cell
from portal.members.models import CLASS_NAMES, FirmRole, MembershipClass
from portal.members.words import ROLE_NAMES

MOST_NAMES = 12  # site types, and regions
HEAVIEST = 10_000_000
ASKED = [MembershipClass.PROVIDER_FRONT.value, MembershipClass.PROVIDER_BACK.value]
MAY_ANSWER = [FirmRole.DELEGATE.value, FirmRole.ROSTER_MANAGER.value, FirmRole.SIGNATORY.value]


def _strip(text: str | None) -> str | None:
    return text.strip() if text else text


def _text(label: str, missing: str, most: int, hint: str = "") -> StringField:
    length = Length(max=most, message=f"Use {most} characters or fewer")
    return StringField(
        label, filters=[_strip], description=hint, validators=[DataRequired(missing), length]
    )


def _whole(label: str, low: int, high: int, default: int, hint: str = "") -> WholeNumberField:
    words = f"Enter a whole number from {low} to {high}"
    return WholeNumberField(
        label, default=default, description=hint,
        validators=[InputRequired(words), NumberRange(low, high, words)],
    )  # fmt: skip


def names_in(text: str | None) -> list[str]:
    """One name a line, blank lines left out."""
    return [" ".join(line.split()) for line in (text or "").splitlines() if line.strip()]


class SurveyForm(PageForm):
    title = _text("Title", "Give it a title", 140)
    practice_id = SelectField("The practice that explains it", coerce=int)
    intro = TextAreaField(
        "What firms read before they answer", filters=[_strip], render_kw={"rows": 6},
        description="What is counted and what is not, where the numbers are found, who to ask.",
        validators=[DataRequired("Say what is counted"),
                    Length(40, 4000, "Use 40 to 4,000 characters")],
    )  # fmt: skip
    metric = _text("Metric", "Say what is measured", 200, "Like “new hires who left in 90 days”.")
    unit = _text("Unit", "Say in which unit", 30, "As it follows a number: % or months.")
    most = WholeNumberField(
        "Largest possible value", description="100 for a percentage; empty where there is none.",
        validators=[Optional(), NumberRange(1, HEAVIEST, "Enter a whole number above zero")],
    )  # fmt: skip
    weight_name = _text("Weighted by", "Say what a value is weighted by", 40, "Like “hires”.")
    period_from = DateField("First day of the period", validators=[InputRequired("Enter a day")])
    period_until = DateField("Last day of the period", validators=[InputRequired("Enter a day")])
    site_types = TextAreaField("Site types, one a line", render_kw={"rows": 4})
    regions = TextAreaField("Regions, one a line", render_kw={"rows": 5})
    asked_kinds = SelectMultipleField(
        "Who is asked", choices={one.value: words for one, words in CLASS_NAMES.items()},
        default=ASKED, validators=[DataRequired("Choose who is asked")],
    )  # fmt: skip
    answer_roles = SelectMultipleField(
        "Who may answer for a firm",
        choices={one.value: words for one, words in ROLE_NAMES.items()},
        default=MAY_ANSWER, validators=[DataRequired("Choose who may answer")],
    )  # fmt: skip
    closes_on = DateField("Last day to answer", validators=[InputRequired("Enter a day")])
    min_contributors = _whole("Owners a cell needs", 5, 50, 5, "Firms of one owner count as one.")
    max_share_percent = _whole("Largest share of one owner, in percent", 10, 25, 25)
    min_age_months = _whole("Full months until it may be published", 3, 36, 3)
    band = _whole("Width of a band", 1, 1000, 5)
    total_band = _whole("Width of a band of totals", 1, 1000, 10)
    counsel_name = StringField(
        "Counsel who signed it off", filters=[_strip],
        validators=[Optional(), Length(max=100, message="Use 100 characters or fewer")],
    )  # fmt: skip
    counsel_signed_on = DateField("Signed off on", validators=[Optional()])

    def __init__(self, practices: dict[int, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.practice_id.choices = [(0, "None yet"), *practices.items()]

    def validate_period_until(self, field: DateField) -> None:
        if field.data and self.period_from.data and field.data < self.period_from.data:
            raise ValidationError("Enter a last day that is not before the first")

    def validate_total_band(self, field: WholeNumberField) -> None:
        if field.data and self.band.data and field.data < self.band.data:
            raise ValidationError("Totals need a band as wide as that of a cell, or wider")

    def validate_site_types(self, field: TextAreaField) -> None:
        _refuse_names(names_in(field.data), "site type")

    def validate_regions(self, field: TextAreaField) -> None:
        _refuse_names(names_in(field.data), "region")

    def facts(self) -> dict[str, Any]:
        found = {name: value for name, value in self.data.items() if name != "csrf_token"}
        return found | {
            "practice_id": self.practice_id.data or None,
            "site_types": names_in(self.site_types.data),
            "regions": names_in(self.regions.data),
            "counsel_name": self.counsel_name.data or "",
        }


def _refuse_names(names: list[str], what: str) -> None:
    if not 1 <= len(names) <= MOST_NAMES:
        raise ValidationError(f"Name at least one {what}, and {MOST_NAMES} at most")
    if len({one.casefold() for one in names}) < len(names):
        raise ValidationError(f"Name each {what} once")
    if any(len(one) > 60 for one in names):
        raise ValidationError("Use 60 characters or fewer for each")


def as_form(survey: Survey) -> dict[str, Any]:
    """A draft as the form's first values."""
    facts = {name: getattr(survey, name) for name in vars(SurveyForm) if name in vars(survey)}
    return facts | {
        "practice_id": survey.practice_id or 0,
        "site_types": "\n".join(survey.site_types), "regions": "\n".join(survey.regions),
    }  # fmt: skip


class AnswerForm(PageForm):
    """Two boxes for each cell; `answer_form` adds them."""

    cells: dict[Cell, tuple[str, str]]
    most: int | None

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        is_good: bool = super().validate(*args, **kwargs)
        self.told: dict[Cell, Told | None] = {}
        for cell, (value, weight) in self.cells.items():
            is_good &= self._read(cell, self[value], self[weight])
        return is_good

    def _read(self, cell: Cell, value: StringField, weight: StringField) -> bool:
        """Both boxes of a cell, or what is wrong with them at the box."""
        if not value.data and not weight.data:
            self.told[cell] = None
            return True
        number, heavy = value_in(value.data, self.most), weight_in(weight.data)
        if number is None:
            limit = f" from 0 to {self.most}" if self.most is not None else ""
            value.errors = [f"{', '.join(cell)}: enter a number{limit}, like 12.5"]
        if heavy is None:
            weight.errors = [f"{', '.join(cell)}: enter a whole number above zero, like 120"]
        if number is None or heavy is None:
            return False
        self.told[cell] = Told(number, heavy)
        return True


def value_in(text: str | None, most: int | None) -> Decimal | None:
    """A value with two decimals at most; nothing when it is none, or too large."""
    try:
        number = Decimal(without_groups((text or "").removesuffix("%")))
    except InvalidOperation:
        return None
    limit = HEAVIEST if most is None else most
    if not number.is_finite() or not 0 <= number <= limit:
        return None
    return number if number == round(number, 2) else None


def weight_in(text: str | None) -> int | None:
    plain = without_groups(text or "")
    is_whole = plain.isascii() and plain.isdigit() and len(plain) <= len(str(HEAVIEST))
    return int(plain) if is_whole and 0 < int(plain) <= HEAVIEST else None


def answer_form(survey: Survey, told: dict[Cell, Told]) -> AnswerForm:
    fields: dict[str, Any] = {"cells": {}, "most": survey.most}
    data: dict[str, str] = {}
    for n, site_type in enumerate(survey.site_types):
        for m, region in enumerate(survey.regions):
            value, weight, cell = f"value_{n}_{m}", f"weight_{n}_{m}", (site_type, region)
            fields["cells"][cell] = (value, weight)
            fields[value] = StringField(f"{survey.metric}: {site_type}, {region}", [], [_strip])
            fields[weight] = StringField(
                f"{survey.weight_name}: {site_type}, {region}", [], [_strip]
            )
            if cell in told:
                data |= {value: f"{told[cell].value:f}", weight: str(told[cell].weight)}
    made: AnswerForm = type("OneAnswerForm", (AnswerForm,), fields)(data=data)
    return made
