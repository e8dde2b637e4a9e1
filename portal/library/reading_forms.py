"""A new reading list, what is said of a practice on it, and the pace of news."""

from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from portal.committees.models import Committee
from portal.core.forms import PageForm
from portal.notices.kinds import PACES
from portal.notices.models import Often


def _stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class ListForm(PageForm):
    title = StringField(
        "Name", filters=[_stripped], validators=[DataRequired("Give it a name"), Length(max=120)]
    )
    about = TextAreaField(
        "What it is for", filters=[_stripped], validators=[Optional(), Length(max=500)]
    )
    committee = SelectField("Whose it is", coerce=int, default=0)

    def offer(self, committees: list[Committee]) -> None:
        names = {one.id: f"{one.name}: everybody who sits on it" for one in committees}
        self.committee.choices = [(0, "Mine"), *names.items()]


class NoteForm(PageForm):
    note = TextAreaField("Note", filters=[_stripped], validators=[Optional(), Length(max=500)])


class FollowForm(PageForm):
    often = RadioField("Tell me of new practices", choices=dict(PACES), default=Often.DAILY)
