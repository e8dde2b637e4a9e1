"""The forms of readers' feedback: a vote, a report, a question; and that of the answer."""

from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.core.forms import PageForm


def _strip(text: str | None) -> str | None:
    return text.strip() if text else text


class VoteForm(PageForm):
    useful = RadioField(
        "Was this useful?", choices={"yes": "Yes", "no": "No"},
        validators=[InputRequired("Say yes or no")], validate_choice=False,
    )  # fmt: skip
    text = TextAreaField(
        "A word to the editors", filters=[_strip], render_kw={"rows": 3},
        validators=[Optional(), Length(max=1000, message="Use 1,000 characters or fewer")],
    )  # fmt: skip


class ReportForm(PageForm):
    kind = RadioField(
        "What is wrong?", default="pitch",
        choices={"pitch": "It pitches a product or a service", "error": "Something is not right"},
    )  # fmt: skip
    text = TextAreaField(
        "Say where, and why", filters=[_strip], render_kw={"rows": 5},
        validators=[DataRequired("Say where, and why"),
                    Length(max=2000, message="Use 2,000 characters or fewer")],
    )  # fmt: skip


class QuestionForm(PageForm):
    text = TextAreaField(
        "Your question", filters=[_strip], render_kw={"rows": 5},
        validators=[DataRequired("Write your question"),
                    Length(max=2000, message="Use 2,000 characters or fewer")],
    )  # fmt: skip


class TakeOffForm(PageForm):
    reason = TextAreaField(
        "Reason", filters=[_strip], render_kw={"rows": 3},
        validators=[DataRequired("Say why: the author reads it"),
                    Length(max=1000, message="Use 1,000 characters or fewer")],
    )  # fmt: skip


class AnswerForm(PageForm):
    answer = TextAreaField(
        "Answer", filters=[_strip], render_kw={"rows": 5},
        validators=[DataRequired("Write what the sender reads"),
                    Length(max=4000, message="Use 4,000 characters or fewer")],
    )  # fmt: skip
