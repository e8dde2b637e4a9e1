"""The forms in which members tell the library something, and those of the editors' answers."""

from typing import Any

from wtforms import RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length, Optional

from portal.core.forms import PageForm
from portal.library.models import Naming, Practice, ProposalKind
from portal.library.proposals import Words
from portal.library.taxonomy import facets

OUTCOMES = {"positive": "It went well", "negative": "It went badly", "mixed": "Both ways"}
NAMINGS = {
    "": "As is usual: a case that went badly under a pseudonym, everything else by name",
    "named": "Yes: my name and my firm’s",
    "chatham_house": "Only to the editors: readers see neither me nor my firm",
    "anonymised": "No: under a pseudonym, and my name sealed",
}
GIVES_AWAY = "This names you or your firm: take it out, or let us name you"


def _strip(text: str | None) -> str | None:
    return text.strip() if text else text


class WordsForm(PageForm):
    """What a practice, a case and an experience have in common."""

    title = StringField(
        "Title", filters=[_strip],
        validators=[DataRequired("Give it a title"),
                    Length(max=140, message="Use 140 characters or fewer")],
    )  # fmt: skip
    outcome = RadioField("How did it go?", choices=OUTCOMES, validate_choice=False)
    happened = TextAreaField(
        "What happened", filters=[_strip], render_kw={"rows": 10},
        description="Plain words: what you set out to do, what you did, what came of it.",
        validators=[DataRequired("Say what happened"),
                    Length(40, 10_000, "Use 40 to 10,000 characters")],
    )  # fmt: skip
    numbers = TextAreaField(
        "Numbers", filters=[_strip], render_kw={"rows": 4},
        description="How many people, how long, what it cost, before and after: what you may say.",
        validators=[Optional(), Length(max=4000, message="Use 4,000 characters or fewer")],
    )  # fmt: skip
    not_again = TextAreaField(
        "What you would not do again", filters=[_strip], render_kw={"rows": 4},
        validators=[Length(max=2000, message="Use 2,000 characters or fewer")],
    )  # fmt: skip
    naming = RadioField("May we name you?", choices=NAMINGS, default="")
    pseudonym = StringField(
        "Pseudonym", filters=[_strip],
        description="Like “A provider in the Visayas”. Left empty, we write “A member”.",
        validators=[Optional(), Length(max=60, message="Use 60 characters or fewer")],
    )  # fmt: skip
    kind_of_words = ProposalKind.EXPERIENCE

    def __init__(self, gives_away: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gives_away = gives_away

    def proposal_kind(self) -> ProposalKind:
        return self.kind_of_words

    def validate_outcome(self, field: RadioField) -> None:
        if field.data not in OUTCOMES and self.proposal_kind() is not ProposalKind.PRACTICE:
            raise ValidationError("Say how it went")

    def validate_not_again(self, field: TextAreaField) -> None:
        if self.proposal_kind() is ProposalKind.CASE and len(field.data or "") < 80:
            raise ValidationError("A case says in 80 characters or more what not to do again")

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Under a pseudonym no field may say who it is."""
        is_good: bool = super().validate(*args, **kwargs)
        if self.naming_meant() is Naming.ANONYMISED:
            for field in (self.title, self.happened, self.numbers, self.not_again, self.pseudonym):
                if any(word in (field.data or "").casefold() for word in self.gives_away):
                    field.errors, is_good = [*field.errors, GIVES_AWAY], False
        return is_good

    def naming_meant(self) -> Naming:
        """A case that went badly is told under a pseudonym unless its author says otherwise."""
        if self.naming.data in set(Naming):
            return Naming(self.naming.data)
        is_bad_case = self.proposal_kind() is ProposalKind.CASE and self.outcome.data == "negative"
        return Naming.ANONYMISED if is_bad_case else Naming.NAMED

    def words(self, practice: Practice | None = None) -> Words:
        return Words(
            self.proposal_kind(), self.title.data, self.happened.data, self.numbers.data or "",
            self.not_again.data or "", self.outcome.data or "", self.naming_meant(),
            self.pseudonym.data or "", practice,
        )  # fmt: skip


class ProposalForm(WordsForm):
    kind = RadioField(
        "What is it?", default="practice",
        choices={"practice": "A practice: how to do something well",
                 "case": "A case: what happened at one firm, well or badly"},
    )  # fmt: skip

    def proposal_kind(self) -> ProposalKind:
        is_case = self.kind.data == ProposalKind.CASE
        return ProposalKind.CASE if is_case else ProposalKind.PRACTICE


class ExperienceForm(WordsForm):
    pass


class TakeForm(PageForm):
    theme = SelectField("Theme of the draft")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.theme.choices = facets()["theme"]


class ReasonForm(PageForm):
    reason = TextAreaField(
        "Reason", filters=[_strip], render_kw={"rows": 3},
        validators=[DataRequired("Say why"),
                    Length(max=1000, message="Use 1,000 characters or fewer")],
    )  # fmt: skip
