"""The forms of a review: a question, a refusal, the decision on an appeal."""

from wtforms import RadioField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length

from portal.core.forms import PageForm
from portal.joining.forms import at_most, strip
from portal.joining.queries import CRITERIA

OUTCOMES = {"overturn": "Admit the firm after all", "uphold": "It stays declined"}


class QuestionForm(PageForm):
    question = TextAreaField(
        "Your question to the applicant", filters=[strip],
        validators=[DataRequired("Write the question"), at_most(2000)],
    )  # fmt: skip


class DeclineForm(PageForm):
    criterion = RadioField(
        "Which published criterion is not met", choices=CRITERIA,
        validators=[DataRequired("Choose the criterion")],
    )  # fmt: skip
    reason = TextAreaField(
        "The reason, as the applicant will read it", filters=[strip],
        validators=[
            DataRequired("Write the reason"), Length(20, 2000, "Use 20 to 2,000 characters"),
        ],
    )  # fmt: skip


class AppealDecisionForm(PageForm):
    outcome = RadioField(
        "What you decide", choices=OUTCOMES, validators=[DataRequired("Choose what you decide")]
    )
    reason = TextAreaField(
        "The reason, as the applicant will read it", filters=[strip], validators=[at_most(2000)],
        description="Needed when it stays declined.",
    )  # fmt: skip

    def validate_reason(self, field: TextAreaField) -> None:
        if self.outcome.data == "uphold" and len(field.data or "") < 20:
            raise ValidationError("Write the reason, in 20 characters or more")
