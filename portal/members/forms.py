"""Forms of a firm and its people."""

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import (
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
)

from portal.core.forms import PageForm
from portal.core.mail import ADDRESS
from portal.members.mail_domains import MAILBOXES
from portal.members.models import Affiliation, MembershipType
from portal.members.words import (
    ADMISSIONS,
    BASE_YEARS,
    COMEBACKS,
    COUNTINGS,
    LANGUAGES,
    ROLE_WORDS,
    VOTES,
)

AN_ADDRESS = Regexp(ADDRESS, message="Enter an e-mail address, like name@firm.example")
A_DAY = Regexp(
    r"^(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$", message="Enter a month and a day, like 09-01"
)
A_SITE = Regexp(
    r"https?://[^\s<>\"']+\.[^\s<>\"']+\Z",
    message="Enter the whole address, like https://firm.example",
)


def stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class FirmForm(PageForm):
    address = TextAreaField(
        "Address",
        description="As it should stand on invoices.",
        filters=[stripped],
        validators=[DataRequired("Enter the address"), Length(max=500)],
    )
    billing_email = StringField(
        "E-mail for invoices",
        description="Invoices go to the firm’s dues contacts; here while it has none.",
        filters=[stripped],
        validators=[DataRequired("Enter an address for invoices"), Length(max=200), AN_ADDRESS],
        render_kw={"inputmode": "email"},
    )
    purchase_order = StringField(
        "Purchase order",
        description="Printed on the next invoices.",
        filters=[stripped],
        validators=[Optional(), Length(max=60)],
    )
    language = SelectField(
        "Language of invoices",
        choices=LANGUAGES,
        default="en",
        description="Of the PDF of the next invoices. Their lines are as the tariff words them.",
    )
    website = StringField(
        "Website",
        description="Shown in the directory.",
        filters=[stripped],
        validators=[Optional(), Length(max=200), A_SITE],
        render_kw={"inputmode": "url"},
    )

    def facts(self) -> dict[str, str]:
        return {name: value or "" for name, value in self.data.items() if name != "csrf_token"}


def roles_field() -> SelectMultipleField:
    return SelectMultipleField(
        "Roles", choices={role.value: words for role, words in ROLE_WORDS.items()}
    )


# Said of every address alike, so that nobody learns here whose account is closed.
NOTHING_CAME = (
    "No mail goes to an account that was closed: if nothing reaches them, they write to us."
)


class InviteForm(PageForm):
    display_name = StringField(
        "Name", filters=[stripped], validators=[DataRequired("Enter a name"), Length(max=120)]
    )
    email = StringField(
        "Work e-mail", description=NOTHING_CAME, filters=[stripped],
        validators=[DataRequired("Enter an e-mail address"), Length(max=200), AN_ADDRESS],
        render_kw={"inputmode": "email"},
    )  # fmt: skip
    roles = roles_field()


class SuccessorForm(PageForm):
    """Who takes over what a firm is never without; nobody, where a colleague holds it too."""

    successor = SelectField("Who takes over", coerce=int, default=0)

    def offer(self, colleagues: Iterable[Affiliation], leaver: Affiliation) -> None:
        names = {one.id: one.person.display_name for one in colleagues if one.id != leaver.id}
        self.successor.choices = {0: "Nobody: a colleague holds the role too"} | names


class ChangeRolesForm(SuccessorForm):
    roles = roles_field()
    successor = SelectField("Who takes over", coerce=int, default=0)  # asked after the roles


class InviteSeveralForm(PageForm):
    people = TextAreaField(
        "Addresses", filters=[stripped], render_kw={"rows": 8},
        description="One a line, at most 50: nia@firm.example or Nia New <nia@firm.example>. "
        + NOTHING_CAME,
        validators=[DataRequired("Paste at least one address"), Length(max=10_000)],
    )  # fmt: skip
    roles = roles_field()


class DomainForm(PageForm):
    domain = StringField(
        "Mail domain", description="What stands after the @, like firm.example.",
        filters=[stripped], validators=[DataRequired("Enter a domain"), Length(max=200)],
    )  # fmt: skip
    mailbox = SelectField(
        "Mail the proof to", choices={one: f"{one}@ that domain" for one in MAILBOXES}
    )
    joins = RadioField(
        "Colleagues with such an address", default="ask",
        choices={"ask": "ask, and a roster manager says yes", "open": "join at once"},
    )  # fmt: skip


class CodeForm(PageForm):
    most = IntegerField(
        "Uses", default=20, description="How many people may ask with this code.",
        validators=[NumberRange(1, 500, "Enter a number from 1 to 500")],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    days = IntegerField(
        "Days", default=30, description="How long it works.",
        validators=[NumberRange(1, 365, "Enter a number from 1 to 365")],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip


class CodeOnlyForm(PageForm):
    code = StringField("Code of your firm", filters=[stripped], validators=[Length(max=20)])


class WayInForm(PageForm):
    name = StringField(
        "Your name", filters=[stripped], render_kw={"autocomplete": "name"},
        validators=[DataRequired("Enter your name"), Length(max=120)],
    )  # fmt: skip
    email = StringField(
        "Work e-mail", filters=[stripped],
        validators=[DataRequired("Enter an e-mail address"), Length(max=200), AN_ADDRESS],
        render_kw={"inputmode": "email", "autocomplete": "email"},
    )  # fmt: skip
    code = StringField(
        "Code of your firm", filters=[stripped], validators=[Optional(), Length(max=20)],
        description="If a colleague gave you one.",
    )  # fmt: skip


def days(label: str, most: int, hint: str = "") -> IntegerField:
    words = f"Enter a number of days from 0 to {most}"
    checks = [InputRequired(words), NumberRange(0, most, words)]
    return IntegerField(label, validators=checks, description=hint)


class TypeForm(PageForm):
    """How a class of membership works; a change names its decision."""

    admission_order = SelectField(
        "Who applies", choices=ADMISSIONS,
        description="What was paid goes back when the firm is not admitted. "
        "Applications that were sent already keep their order.",
    )  # fmt: skip
    votes = SelectField("Vote", choices=VOTES)
    scope = StringField(
        "Matters it may vote on", filters=[stripped], validators=[Optional(), Length(max=200)]
    )
    counting = SelectField("Its dues count", choices=COUNTINGS)
    base_year = SelectField("Counted in", choices=BASE_YEARS)
    window_before_days = days("Renewal opens, days before the next term", 366)
    invoice_days = days("Renewal invoice, days before the next term", 366)
    grace_days = days("Grace, in days", 366, "Benefits go on so long after the end of a term.")
    window_after_days = days("Comes back without joining anew, days after the end", 1098)
    comeback = SelectField("Comes back", choices=COMEBACKS)
    benefits_before_payment = SelectField(
        "Benefits begin", choices={"yes": "With the term, paid or not", "no": "With the payment"}
    )
    notice_before = StringField(
        "Leaves with a calendar year's term who tells before", filters=[stripped],
        description="A month and a day, like 09-01.",
        validators=[A_DAY],
    )  # fmt: skip
    notice_days = days("Of any other term: days before its end", 366)
    stays_first_year = SelectField(
        "In the year of joining", choices={"no": "May leave", "yes": "Nobody leaves"}
    )
    decision = SelectField(
        "Decision",
        coerce=int,
        validators=[DataRequired("Choose the decision: without one nothing changes")],
    )

    def __init__(self, register: Mapping[int, str], one: MembershipType, **kwargs: Any) -> None:
        told = {name: getattr(one, name) for name in TYPE_FACTS}
        told["benefits_before_payment"] = "yes" if one.benefits_before_payment else "no"
        told["stays_first_year"] = "yes" if one.stays_first_year else "no"
        super().__init__(data=told, **kwargs)
        self.decision.choices = {0: "Choose", **register}

    def validate_invoice_days(self, field: IntegerField) -> None:
        before = self.window_before_days.data
        if field.data is not None and before is not None and field.data > before:
            raise ValidationError("Enter no more days than the renewal is open")

    def validate(self, extra_validators: Any = None) -> bool:
        """A vote on some matters says which."""
        is_good = super().validate(extra_validators)
        if self.votes.data == "scoped" and not self.scope.data:
            self.scope.errors = ["Say on which matters it may vote"]
        return is_good and not self.scope.errors

    def facts(self) -> dict[str, Any]:
        made = {name: self[name].data for name in TYPE_FACTS}
        made["scope"] = made["scope"] or ""
        switches = ("benefits_before_payment", "stays_first_year")
        return made | {name: self[name].data == "yes" for name in switches}


TYPE_FACTS = (
    "admission_order",
    "votes",
    "scope",
    "counting",
    "base_year",
    "grace_days",
    "window_before_days",
    "invoice_days",
    "window_after_days",
    "comeback",
    "benefits_before_payment",
    "notice_before",
    "notice_days",
    "stays_first_year",
)
