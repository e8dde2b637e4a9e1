"""Fields for the numbers that dues follow from, one for each that a tariff asks of a class."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from wtforms import DecimalField, Form, ValidationError
from wtforms.validators import InputRequired, NumberRange, StopValidation
from wtforms.widgets import TextInput

from portal.core.forms import without_groups
from portal.dues.declaring import counts_people, is_full_time, is_money
from portal.dues.forms import MOST, at_most_four_decimals
from portal.dues.rules import titled

PREFIX = "metric_"
LEAST, MANY = Decimal("0.01"), 1_000_000
RANGE = "Enter a number above 0, up to 1,000,000"


class NumberField(DecimalField):
    """A number, `1,200,000.50` too, in a plain box that keeps whatever is typed."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([without_groups(one) for one in valuelist[:1]])


class Needed(InputRequired):
    """Nothing was given, or nothing that can be read: one sentence for both."""

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is None:
            field.errors[:] = []
            raise StopValidation(str(self.message))


def two_decimals(_form: Form, field: DecimalField) -> None:
    """1.200 is a thousand and some to one half of the world: it is asked again."""
    if field.data is not None and -int(field.data.as_tuple().exponent) > 2:
        raise ValidationError("Enter two decimals at most, like 25.4")


def whole(_form: Form, field: DecimalField) -> None:
    if field.data is not None and int(field.data.as_tuple().exponent) < 0:
        raise ValidationError("Enter a whole number, like 30")


def number_fields(hints: Mapping[str, str]) -> dict[str, NumberField]:
    """By field name, for a form; `hints` says of each metric how it is counted."""
    return {f"{PREFIX}{metric}": _field(metric, hint) for metric, hint in hints.items()}


def _field(metric: str, hint: str) -> NumberField:
    return NumberField(
        titled(metric), places=None, description=hint, render_kw={"inputmode": "decimal"},
        validators=_checks(metric),
    )  # fmt: skip


def _checks(metric: str) -> list[Any]:
    if is_money(metric):
        above = NumberRange(0, MOST, "Enter an amount that is not below zero")
        return [Needed("Enter the amount, in figures"), above, at_most_four_decimals]
    words = "Enter how many people, in figures" if counts_people(metric) else "Enter how many"
    finest = two_decimals if is_full_time(metric) else whole
    return [Needed(words), NumberRange(LEAST, MANY, RANGE), finest]


def numbers_in(fields: Iterable[Any]) -> dict[str, str]:
    """By metric, as written, of the fields that hold a number."""
    told = {one.name: one.data for one in fields if one.name.startswith(PREFIX)}
    return {
        name.removeprefix(PREFIX): f"{value:f}"
        for name, value in told.items() if isinstance(value, Decimal)
    }  # fmt: skip


def as_filled(metrics: Mapping[str, str | None]) -> dict[str, Decimal]:
    """What a form is filled with before anybody types; a number never told stays empty."""
    return {f"{PREFIX}{metric}": Decimal(value) for metric, value in metrics.items() if value}
