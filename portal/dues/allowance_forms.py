"""What staff say when a firm used some of what its membership includes."""

from collections.abc import Sequence

from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from portal.core.forms import PageForm, WholeNumberField
from portal.dues.forms import stripped
from portal.dues.queries.allowances import Allowance
from portal.members.models import CLASS_NAMES


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
    after = HiddenField()

    def offer(self, allowances: Sequence[Allowance]) -> None:
        """One choice for each; the terms are told apart where there are several."""
        several = len({one.term.id for one in allowances}) > 1
        self.what.choices = [
            (f"{one.term.id}:{one.of}", f"{one.title}{_whose(one) if several else ''}: "
             f"{one.left} of {one.granted} left") for one in allowances
        ]  # fmt: skip

    @property
    def last_seen(self) -> int:
        said = self.after.data or ""
        return int(said) if said.isdecimal() and len(said) < 18 else 0


def _whose(one: Allowance) -> str:
    return f" ({CLASS_NAMES[one.term.membership.kind]})"
