"""The forms that write a tariff beside its rules: its head, and what it tells the public."""

from datetime import date
from fractions import Fraction
from typing import Any

from wtforms import (
    DateField,
    Field,
    Form,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from portal.core.forms import PageForm
from portal.core.money import CURRENCIES
from portal.dues.needs import MONTH_DAY as MONTH_DAY_NEED
from portal.dues.rule_forms import a_percent, stripped
from portal.dues.rules import Book
from portal.dues.tariff_heads import MOST_PARTS, PUBLIC, is_schedule
from portal.dues.tariff_words import PRORATIONS

MONTH_DAY = r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\Z"


def a_month_day(_form: Form, field: Field) -> None:
    if not MONTH_DAY_NEED.is_met(field.data):
        raise ValidationError(f"Enter {MONTH_DAY_NEED.words}")


class HeadForm(PageForm):
    """Everything of a tariff but its rules and its explanation."""

    code = StringField(
        "Code",
        filters=[stripped],
        description="What people call it, like 2027.",
        validators=[DataRequired("Enter a code"), Length(max=40)],
    )
    currency = StringField(
        "Currency",
        filters=[stripped],
        description="Like EUR.",
        validators=[DataRequired("Enter a currency, like EUR")],
    )
    effective_from = DateField(
        "First day",
        validators=[InputRequired("Enter the first day, like 2027-01-01")],
        description="Terms that start on it or later are priced by this tariff.",
    )
    period = SelectField(
        "Period",
        choices={
            "fixed": "A year that begins on the same day for everybody",
            "anniversary": "Months from the day of joining",
        },
    )
    start = StringField(
        "First day of the year",
        filters=[stripped],
        description="Month-day: 01-01.",
        validators=[Optional(), Regexp(MONTH_DAY, message="Enter it like 01-01"), a_month_day],
    )
    carry_over_from = StringField(
        "Rest of the year free from",
        filters=[stripped],
        description="Month-day: 10-01.",
        validators=[Optional(), Regexp(MONTH_DAY, message="Enter it like 10-01"), a_month_day],
    )
    months = IntegerField(
        "Months of a period",
        description="1 to 36, where the period is not a year.",
        validators=[Optional(), NumberRange(1, 36, "Enter 1 to 36 months")],
    )
    proration = SelectField("Who joins late pays", choices=PRORATIONS)
    schedule = TextAreaField(
        "Part by month of joining",
        filters=[stripped],
        validators=[Optional()],
        description="Only for a schedule: a line for each month, like 7: 1/2.",
    )
    tax_percent = StringField(
        "Tax, in per cent",
        filters=[stripped],
        default="0",
        validators=[InputRequired("Enter a number, like 21 or 0"), a_percent],
    )
    tax_text = StringField(
        "Tax in words",
        filters=[stripped],
        validators=[Optional(), Length(max=200)],
        description="Printed on the invoice.",
    )
    group = SelectField(
        "Firms of one group",
        choices={
            "each_entity": "Each pays for itself",
            "aggregate": "One fee for all, by their sum",
            "affiliate_share": "The largest pays whole, the others a part",
        },
    )
    group_percent = StringField(
        "The others’ part, in per cent", filters=[stripped], validators=[Optional(), a_percent]
    )
    cap = StringField(
        "Most that one group may pay of all dues",
        filters=[stripped],
        description="A share, like 1/10.",
        validators=[
            Optional(),
            Regexp(r"[1-9]\d*/[1-9]\d*\Z", message="Enter a share, like 1/10"),
        ],
    )
    lobbying_percent = StringField(
        "Part of the dues expected for lobbying, in per cent",
        filters=[stripped],
        validators=[Optional(), a_percent],
    )
    lobbying_text = StringField(
        "What invoices say of it",
        filters=[stripped],
        description="Where a law asks for words of its own; with {amount} where the sum belongs. "
        "Left empty: a plain sentence in the language of the firm.",
        validators=[Optional(), Length(max=400)],
    )

    def validate_lobbying_text(self, field: StringField) -> None:
        if field.data and "{amount}" not in field.data:
            raise ValidationError("Put {amount} where the sum belongs")

    def validate_currency(self, field: StringField) -> None:
        if field.data not in CURRENCIES:
            raise ValidationError("Enter a currency, like EUR")

    def validate_cap(self, field: StringField) -> None:
        if field.data and not field.errors and Fraction(field.data) >= 1:
            raise ValidationError("Enter a share that is less than everything, like 1/10")

    def validate_schedule(self, field: TextAreaField) -> None:
        try:
            _schedule(field.data)
        except (ValueError, ZeroDivisionError):
            words = f"Enter a line for each month, like 7: 1/2, with parts from 0 to {MOST_PARTS}"
            raise ValidationError(words) from None

    def validate(self, extra_validators: Any = None) -> bool:
        """What one answer asks of another that was left out."""
        is_good = super().validate(extra_validators)
        by_month = self.proration.data == "schedule" and not self.schedule.errors
        if by_month and len(_schedule(self.schedule.data)) < 12:
            self.schedule.errors = ["Enter all twelve months, a line each"]
        if self.group.data == "affiliate_share" and not self.group_percent.data:
            self.group_percent.errors = ["Enter the part that the others pay"]
        return is_good and not (self.schedule.errors or self.group_percent.errors)

    def book(self) -> Book:
        """What belongs into the book; None takes a fact out of it."""
        period: dict[str, Any] = {"kind": "fixed", "start": self.start.data or "01-01"}
        if self.carry_over_from.data:
            period["carry_over_from"] = self.carry_over_from.data
        if self.period.data == "anniversary":
            period = {"kind": "anniversary", "months": self.months.data or 12}
        group: dict[str, Any] | None = {"kind": self.group.data}
        if self.group.data == "affiliate_share":
            group = {"kind": self.group.data, "percent": self.group_percent.data}
        return {
            "period": period,
            "proration": self.proration.data,
            "schedule": _schedule(self.schedule.data) or None,
            "tax_percent": self.tax_percent.data,
            "tax_text": self.tax_text.data or None,
            "group": None if self.group.data == "each_entity" else group,
            "cap": self.cap.data or None,
            "lobbying_percent": self.lobbying_percent.data or None,
            "lobbying_text": self.lobbying_text.data or None,
        }


def _schedule(text: str | None) -> dict[str, str]:
    found = {}
    for line in (text or "").splitlines():
        if line.strip():
            month, _, part = line.partition(":")
            found[str(int(month))] = part.strip()
    if not is_schedule(found):
        raise ValueError(text)
    return found


def head_of(book: Book) -> dict[str, Any]:
    """A book as the head form shows it."""
    period, group = book.get("period") or {}, book.get("group") or {}
    schedule = "\n".join(
        f"{month}: {part}" for month, part in (book.get("schedule") or {}).items()
    )
    plain = {
        name: book.get(name)
        for name in (
            "code",
            "currency",
            "proration",
            "tax_percent",
            "tax_text",
            "cap",
            "lobbying_percent",
            "lobbying_text",
        )
    }
    return plain | {
        "effective_from": date.fromisoformat(book["effective_from"]),
        "period": period.get("kind", "fixed"),
        "start": period.get("start"),
        "carry_over_from": period.get("carry_over_from"),
        "months": period.get("months"),
        "schedule": schedule,
        "group": group.get("kind", "each_entity"),
        "group_percent": group.get("percent"),
    }


class ExplanationForm(PageForm):
    """What the public page says beside the prices; empty answers are left out there."""

    explanation = TextAreaField(
        "What dues buy",
        filters=[stripped],
        validators=[
            DataRequired("Say what dues buy: every price page shows it"),
            Length(max=2000),
        ],
    )

    def public(self) -> dict[str, str]:
        return {name: self[name].data for name in PUBLIC if self[name].data}


for _name, _words in PUBLIC.items():
    _field_of = TextAreaField(
        _words, filters=[stripped], validators=[Optional(), Length(max=2000)]
    )
    setattr(ExplanationForm, _name, _field_of)
