"""The form that every room's forms are: bad input is answered in the portal's own words."""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from wtforms import DateTimeField, Field, IntegerField, TextAreaField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput

from portal.core.clock import FIRST_DAY, LAST_DAY, is_reckoned

if TYPE_CHECKING:
    from wtforms.fields.core import UnboundField

# What the library says when a field cannot be read, and what a person can do about it.
WORDS = {
    "Not a valid integer value.": "Enter a whole number, like 30",
    "Not a valid decimal value.": "Enter a number, like 12.5",
    "Not a valid date value.": "Enter a day, like 2026-11-22",
    "Not a valid datetime value.": "Enter a day and an hour, like 2026-11-22T15:00",
    "Not a valid choice.": "Choose one of these",
    "Invalid Choice: could not be coerced.": "Choose one of these",
    "Invalid input.": "Enter something else: this cannot be read",
}


class _Words:
    def gettext(self, text: str) -> str:
        return WORDS.get(text, text)

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self.gettext(one if n == 1 else many)


def _one_line_end(text: str | None) -> str | None:
    """A browser ends lines by two characters: kept as one, a text leaves as it would from here."""
    return text.replace("\r\n", "\n") if text else text


def _reckoned(_form: BaseForm, field: Field) -> None:
    """A day, or an hour of one, so far away that nobody can mean it is refused at its field."""
    found = field.data
    if found and not is_reckoned(found.date() if isinstance(found, datetime) else found):
        raise StopValidation(f"Enter a day from {FIRST_DAY} to {LAST_DAY}")


class PageForm(FlaskForm):
    class Meta(FlaskForm.Meta):
        def bind_field(
            self, form: BaseForm, unbound_field: "UnboundField[Any]", options: dict[str, Any]
        ) -> Field:
            if issubclass(unbound_field.field_class, TextAreaField):
                own = unbound_field.kwargs.get("filters", ())
                options = options | {"filters": [_one_line_end, *own]}
            if issubclass(unbound_field.field_class, DateTimeField):
                own = unbound_field.kwargs.get("validators", ())
                options = options | {"validators": [*own, _reckoned]}
            return super().bind_field(form, unbound_field, options)

        def get_translations(self, form: BaseForm) -> _Words:
            return _Words()


GROUPS = re.compile(r"[+-]?\d{1,3}(?:(?P<gap>[,\s’'])\d{3})(?:(?P=gap)\d{3})*")


def without_groups(text: str) -> str:
    """`1200000` of `1,200,000`; what is written otherwise stays as it is."""
    whole, dot, rest = text.strip().partition(".")
    found = GROUPS.fullmatch(whole)
    return (whole.replace(found["gap"], "") if found else whole) + dot + rest


class WholeNumberField(IntegerField):
    """A whole number, `1,200` and `1 200` too, in a plain box that keeps whatever is typed.

    A browser sends nothing at all for what it cannot read in a box of its type "number".
    """

    widget = TextInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, render_kw={"inputmode": "numeric"}, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([without_groups(one) for one in valuelist])
