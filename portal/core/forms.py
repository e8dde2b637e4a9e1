"""The form that every room's forms are: bad input is answered in the portal's own words."""

from flask_wtf import FlaskForm
from wtforms.form import BaseForm

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


class PageForm(FlaskForm):
    class Meta(FlaskForm.Meta):
        def get_translations(self, form: BaseForm) -> _Words:
            return _Words()
