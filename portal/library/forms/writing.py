"""The form in which a practice is written."""

from collections.abc import Mapping
from typing import Any

from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, Optional, Regexp

from portal.library.forms.facts import FactsForm, strip
from portal.library.front_matter import OWN_PAGES, SLUG
from portal.library.queries import firm_named
from portal.library.sharing import choices
from portal.library.taxonomy import facets


def _choices(facet: str, empty: str = "") -> dict[str, str]:
    return ({"": empty} if empty else {}) | facets()[facet]


class PracticeForm(FactsForm):
    version = HiddenField("The version that was opened")
    title = StringField(
        "Title",
        filters=[strip],
        validators=[
            DataRequired("Give the practice a title"),
            Length(max=140, message="Use 140 characters or fewer"),
        ],
    )
    slug = StringField(
        "Address",
        filters=[strip],
        validators=[
            DataRequired("Give it an address, like night-shift-transport"),
            Length(max=80, message="Use 80 characters or fewer"),
            Regexp(rf"^{SLUG.pattern}$", message="Use small letters, figures and hyphens"),
        ],
    )
    summary = TextAreaField(
        "Summary",
        filters=[strip],
        validators=[
            DataRequired("Say in one or two sentences what the reader gets"),
            Length(40, 400, "Use 40 to 400 characters"),
        ],
    )
    kind = SelectField("Kind")
    theme = SelectField("Theme")
    service = SelectField("Service")
    stage = SelectField("Stage")
    outcome = SelectField("How it went")
    evidence = SelectField("Evidence")
    frankness = SelectField("How openly it is told")
    visibility = SelectField("Who may read it")
    teaser = BooleanField("Visitors see title and summary")
    body = TextAreaField(
        "Text",
        render_kw={"class": "tall"},
        filters=[strip],
        validators=[
            DataRequired("Write the practice"),
            Length(max=60_000, message="Use 60,000 characters or fewer"),
        ],
    )
    not_again = TextAreaField(
        "What we would not do again",
        filters=[strip],
        validators=[Length(max=2000, message="Use 2,000 characters or fewer")],
    )
    interest_author = StringField(
        "Who wrote it",
        filters=[strip],
        validators=[
            DataRequired("Say who wrote it"),
            Length(max=200, message="Use 200 characters or fewer"),
        ],
    )
    interest_paid_by = StringField(
        "Who paid for it",
        filters=[strip],
        validators=[
            DataRequired("Say who paid, or “nobody”"),
            Length(max=200, message="Use 200 characters or fewer"),
        ],
    )
    interest_sells = StringField(
        "What they sell",
        filters=[strip],
        validators=[Optional(), Length(max=200, message="Use 200 characters or fewer")],
    )
    reply_party = StringField(
        "Counterparty that the text names",
        filters=[strip],
        validators=[Optional(), Length(max=200, message="Use 200 characters or fewer")],
    )
    sponsor = StringField(
        "Firm here that paid for it",
        filters=[strip],
        validators=[Optional(), Length(max=200, message="Use 200 characters or fewer")],
    )
    change_note = StringField(
        "What changed",
        filters=[strip],
        validators=[
            DataRequired("Say in a few words what is new"),
            Length(max=200, message="Use 200 characters or fewer"),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kind", "theme", "service", "stage", "evidence"):
            self[name].choices = _choices(name)
        self.visibility.choices = choices()
        self.outcome.choices = _choices("outcome", "Not a case of its own")
        self.frankness.choices = _choices("frankness")

    def validate_slug(self, field: StringField) -> None:
        if field.data in OWN_PAGES:
            raise ValidationError("The library has a page of its own at this address")

    def validate_not_again(self, field: StringField) -> None:
        if self.kind.data == "case_study" and len(field.data or "") < 80:
            raise ValidationError(
                "A case study says in 80 characters or more what not to do again"
            )

    def validate_outcome(self, field: SelectField) -> None:
        if self.kind.data == "case_study" and not field.data:
            raise ValidationError("A case study says how it went")

    def validate_sponsor(self, field: StringField) -> None:
        if field.data and firm_named(field.data) is None:
            raise ValidationError("No firm here has this name: write it as on its own page")

    @property
    def sponsor_id(self) -> int | None:
        firm = firm_named(self.sponsor.data) if self.sponsor.data else None
        return firm.id if firm else None

    def front(self, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The form as front matter; `known` is what the practice has now."""
        plain = ("title", "summary", "kind", "theme", "service", "stage", "evidence", "frankness")
        facts: dict[str, Any] = {name: self[name].data for name in (*plain, "visibility")}
        facts |= {"teaser": self.teaser.data, "outcome": self.outcome.data or None}
        facts["not_again"] = self.not_again.data or None
        facts["interest"] = {
            "author": self.interest_author.data,
            "paid_by": self.interest_paid_by.data,
            "sells": self.interest_sells.data or "",
            "seller": bool(self.interest_sells.data),
        }
        facts["reply"] = {"party": self.reply_party.data} if self.reply_party.data else None
        return facts | self.facts(known or {})
