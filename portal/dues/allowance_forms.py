"""What staff say when a firm used some of what its membership includes."""

from collections.abc import Sequence
from typing import Any

from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from portal.core.forms import PageForm, WholeNumberField
from portal.dues.forms import stripped
from portal.dues.queries.allowances import Allowance


class AllowanceForm(PageForm):
    what = SelectField("What", validators=[InputRequired("Choose what was used")])
    amount = WholeNumberField(
        "How many", validators=[InputRequired("Enter how many, like 2"),
                                NumberRange(1, 100_000, "Enter a number from 1 to 100,000")],
    )  # fmt: skip
    used_on = DateField("On", validators=[InputRequired("Enter the day")])
    what_for = StringField(
        "What for", filters=[stripped], description="The event, the room, the post: no names.",
        validators=[InputRequired("Say what for, in a few words"), Length(max=200)],
    )  # fmt: skip
    page_key = HiddenField()

    def offer(self, allowances: Sequence[Allowance]) -> None:
        """One choice for each; the terms are told apart where there are several."""
        several = len({one.term.id for one in allowances}) > 1
        self.allowances = {f"{one.term.id}:{one.of}": one for one in allowances}
        self.what.choices = [
            (key, f"{one.title}{_of_term(one) if several else ''}: "
             f"{one.left} of {one.granted} left") for key, one in self.allowances.items()
        ]  # fmt: skip

    @property
    def chosen(self) -> Allowance:
        return self.allowances[self.what.data]

    def validate(self, extra_validators: Any = None) -> bool:
        """The day is one of the term that was chosen."""
        if not super().validate(extra_validators):
            return False
        first, last = self.chosen.term.start_on, self.chosen.last_day
        if first <= self.used_on.data <= last:
            return True
        self.used_on.errors = [f"Enter a day of the term so far, from {first} to {last}"]
        return False

    @property
    def key(self) -> str | None:
        """Which showing of the page was sent; none that could be too long to keep."""
        return (self.page_key.data or "")[:40] or None


def _of_term(one: Allowance) -> str:
    return f" ({one.whose}, {one.term.start_on} to {one.term.end_on})"
