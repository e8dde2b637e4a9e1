"""The form of the ladders of reminders: their steps from a day on, by a decision."""

import re
from collections.abc import Sequence
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
    StopValidation,
)

from portal.dues.forms import DecisionForm
from portal.members.forms import stripped
from portal.renewals.ladders import LEADS_TO, Ladder, Stage, Step

EMPTY_ROWS, MOST_ROWS = 3, 60
LADDER_WORDS = {
    Ladder.INVOICE: "An unpaid invoice", Ladder.AGAIN: "An invoice owed again",
    Ladder.CARD: "A card that was not charged",
}  # fmt: skip
LEADS_TO_WORDS = {
    Stage.NONE: "Nothing", Stage.REMINDED: "Reminded", Stage.ESCALATED: "Escalated",
    Stage.PROPOSED: "Suspension proposed",
}  # fmt: skip


def none_if_blank(_form: Form, field: IntegerField) -> None:
    """A row that is left empty has no days; `StepForm` asks for them where there is a step."""
    if not "".join(field.raw_data or []).strip():
        field.errors = []
        raise StopValidation


class StepForm(Form):
    """One step; a row without a ladder is none."""

    ladder = SelectField(
        "Of what", choices={"": "No step"} | {one.value: LADDER_WORDS[one] for one in Ladder}
    )
    days = IntegerField(
        "Days after", render_kw={"inputmode": "numeric"},
        validators=[none_if_blank, NumberRange(-90, 730, "Enter days from -90 to 730")],
    )  # fmt: skip
    subject = StringField("Subject of the mail", filters=[stripped], validators=[Length(max=100)])
    says = TextAreaField("What the mail says", filters=[stripped], validators=[Length(max=1000)])
    task = StringField(
        "What one of us then does", filters=[stripped], validators=[Length(max=100)]
    )
    leads_to = SelectField(
        "Stage", choices={one.value: LEADS_TO_WORDS[one] for one in LEADS_TO},
        default=Stage.NONE.value,
    )  # fmt: skip
    interest = BooleanField("Interest runs from this day on")
    code = HiddenField(validators=[Optional(), Regexp(r"[a-z0-9_-]{1,60}\Z")])

    def step(self) -> Step:
        name = re.sub(r"[^a-z0-9]+", "-", (self.subject.data or "").lower())[:40].strip("-")
        return Step(
            Ladder(self.ladder.data), self.days.data or 0,
            self.code.data or f"{name}-{self.days.data}", self.subject.data or "",
            self.says.data or "", self.task.data or "", bool(self.interest.data),
            Stage(self.leads_to.data),
        )  # fmt: skip

    def validate(self, extra_validators: Any = None) -> bool:
        is_good = super().validate(extra_validators)
        if not self.ladder.data or self.ladder.errors:
            return is_good
        is_invoice = self.ladder.data == Ladder.INVOICE
        found = {
            self.days: "" if self.days.data is not None else "Enter the days, like 30",
            self.subject: "" if self.subject.data else "Enter the subject of the mail",
            self.says: "" if self.says.data else "Enter what the mail says",
            self.interest: (
                "Interest runs on an invoice: choose that, or take the mark away"
                if self.interest.data and not is_invoice else ""
            ),
        }  # fmt: skip
        for field, why in found.items():
            if why and not field.errors:
                field.errors = [why]
        return is_good and not any(found.values())


class LaddersForm(DecisionForm):
    """The steps from a day on, by a decision of the register or a new entry for it."""

    effective_from = DateField("From", validators=[InputRequired("Enter the day they begin")])
    steps = FieldList(FormField(StepForm), max_entries=MOST_ROWS)

    def told(self) -> list[Step]:
        return [one.form.step() for one in self.steps if one.form.ladder.data]


def rows_of(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """As the form shows them, with rows left for more."""
    return [*(one.row() for one in steps), *[{} for _n in range(EMPTY_ROWS)]][:MOST_ROWS]
