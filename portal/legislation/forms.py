"""Forms for measures: their facts, and committee notes."""

import re
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from portal.core.forms import PageForm, WholeNumberField
from portal.legislation.stages import CERTAINTY, END_KINDS, TOPICS, WORDS, Stage
from portal.places.models import Place  # noqa: TC001 - a form is typed as it runs
from portal.places.queries import place_by_slug

KINDS = (
    "bill",
    "act",
    "regulation",
    "proposed_rule",
    "directive",
    "ordinance",
    "resolution",
    "guidance",
    "agreement",
    "program",
    "proposal",
)


def _strip(text: str | None) -> str | None:
    return text.strip() if text else text


def _at_most(size: int) -> Length:
    return Length(max=size, message=f"Use {size:,} characters or fewer")


class MeasureForm(PageForm):
    place = StringField(
        "Jurisdiction",
        filters=[_strip],
        validators=[DataRequired("Enter its short name, like us-nj or ph")],
    )
    number = StringField(
        "Number",
        filters=[_strip],
        validators=[DataRequired("Enter the number, as the source writes it"), _at_most(120)],
    )
    title = StringField(
        "Title", filters=[_strip], validators=[DataRequired("Enter the title"), _at_most(300)]
    )
    year = WholeNumberField(
        "Year",
        validators=[
            DataRequired("Enter the year"),
            NumberRange(1900, 2100, "Enter a year like 2026"),
        ],
    )
    topic = SelectField("Topic", choices=TOPICS)
    kind = SelectField("Kind", choices={one: one.replace("_", " ").capitalize() for one in KINDS})
    stage = SelectField("Stage", choices={stage.value: words for stage, words in WORDS.items()})
    stage_rule = StringField(
        "Why this stage",
        filters=[_strip],
        validators=[DataRequired("A stage without a reason is a defect"), _at_most(200)],
    )
    status_words = TextAreaField(
        "Status, in your words",
        filters=[_strip],
        validators=[DataRequired("Say where it stands"), _at_most(600)],
    )
    status_on = DateField("Day of the status", validators=[Optional()])
    next_on = DateField("Next date", validators=[Optional()])
    next_what = StringField("What happens then", filters=[_strip], validators=[_at_most(200)])
    why_it_matters = TextAreaField(
        "Why it matters to contact centres",
        filters=[_strip],
        validators=[DataRequired("Say why it matters"), _at_most(1000)],
    )
    certainty = SelectField(
        "Certainty", choices={letter: f"{letter}: {words}" for letter, words in CERTAINTY.items()}
    )
    source = StringField(
        "Source", filters=[_strip], validators=[DataRequired("Name the source"), _at_most(300)]
    )
    reason = StringField(
        "Why you change it",
        filters=[_strip],
        validators=[DataRequired("Say why, for those who follow it"), _at_most(200)],
    )

    def validate_place(self, field: StringField) -> None:
        if (
            not re.fullmatch(r"[a-z0-9-]{2,60}", field.data or "")
            or place_by_slug(field.data) is None
        ):
            raise ValidationError(
                "No place has this short name: it ends the address of the place’s page"
            )

    def validate_next_what(self, field: StringField) -> None:
        if self.next_on.data and not field.data:
            raise ValidationError("Say what happens on the next date")

    def facts(self) -> dict[str, Any]:
        plain = (
            "number",
            "title",
            "year",
            "topic",
            "kind",
            "stage_rule",
            "status_words",
            "status_on",
            "next_on",
            "why_it_matters",
            "certainty",
            "source",
        )
        place: Place | None = place_by_slug(self.place.data)
        facts = {name: self[name].data for name in plain}
        return facts | {
            "stage": Stage(self.stage.data),
            "next_what": self.next_what.data or "",
            "place": place,
        }


class NoteForm(PageForm):
    text = TextAreaField(
        "Note", filters=[_strip], validators=[DataRequired("Write the note"), _at_most(4000)]
    )


class SessionForm(PageForm):
    """When a session ends: a day of its own source, or that it goes on."""

    end_kind = SelectField("How it ends", choices=END_KINDS)
    ends_on = DateField("Its last day", validators=[Optional()])
    carries_over = BooleanField("Its bills go on in the next session")
    source = StringField(
        "Source", filters=[_strip], validators=[DataRequired("Name the source"), _at_most(300)]
    )

    def validate_end_kind(self, field: SelectField) -> None:
        if field.data != "open" and not any(self.ends_on.raw_data or ()):
            raise ValidationError("Enter its last day too")

    def validate_ends_on(self, _field: DateField) -> None:
        if self.end_kind.data == "open":
            raise ValidationError("Say how it ends on that day, or leave the day out")
