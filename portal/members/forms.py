"""Forms of a firm and its people."""

from collections.abc import Iterable

from wtforms import (
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional, Regexp

from portal.core.forms import PageForm
from portal.core.mail import ADDRESS
from portal.members.mail_domains import MAILBOXES
from portal.members.models import Affiliation
from portal.members.words import ROLE_WORDS

AN_ADDRESS = Regexp(ADDRESS, message="Enter an e-mail address, like name@firm.example")
A_SITE = Regexp(
    r"https?://[^\s<>\"']+\.[^\s<>\"']+\Z",
    message="Enter the whole address, like https://firm.example",
)


def stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class FirmForm(PageForm):
    address = TextAreaField(
        "Address", description="As it should stand on invoices.", filters=[stripped],
        validators=[DataRequired("Enter the address"), Length(max=500)],
    )  # fmt: skip
    billing_email = StringField(
        "E-mail for invoices", filters=[stripped],
        validators=[DataRequired("Enter an address for invoices"), Length(max=200), AN_ADDRESS],
        render_kw={"inputmode": "email"},
    )  # fmt: skip
    purchase_order = StringField(
        "Purchase order", description="Printed on the next invoices.", filters=[stripped],
        validators=[Optional(), Length(max=60)],
    )  # fmt: skip
    website = StringField(
        "Website", description="Shown in the directory.", filters=[stripped],
        validators=[Optional(), Length(max=200), A_SITE], render_kw={"inputmode": "url"},
    )  # fmt: skip

    def facts(self) -> dict[str, str]:
        return {name: value or "" for name, value in self.data.items() if name != "csrf_token"}


class RolesForm(PageForm):
    roles = SelectMultipleField(
        "Roles", choices={role.value: words for role, words in ROLE_WORDS.items()}
    )


class InviteForm(RolesForm):
    display_name = StringField(
        "Name", filters=[stripped], validators=[DataRequired("Enter a name"), Length(max=120)]
    )
    email = StringField(
        "Work e-mail", filters=[stripped],
        validators=[DataRequired("Enter an e-mail address"), Length(max=200), AN_ADDRESS],
        render_kw={"inputmode": "email"},
    )  # fmt: skip


class SuccessorForm(PageForm):
    """Who takes over what a firm is never without; nobody, where a colleague holds it too."""

    successor = SelectField("Who takes over", coerce=int, default=0)

    def offer(self, colleagues: Iterable[Affiliation], leaver: Affiliation) -> None:
        names = {one.id: one.person.display_name for one in colleagues if one.id != leaver.id}
        self.successor.choices = {0: "Nobody: a colleague holds the role too"} | names


class ChangeRolesForm(RolesForm, SuccessorForm):
    pass


class InviteSeveralForm(RolesForm):
    people = TextAreaField(
        "Addresses", filters=[stripped], render_kw={"rows": 8},
        description="One a line, at most 50: nia@firm.example or Nia New <nia@firm.example>.",
        validators=[DataRequired("Paste at least one address"), Length(max=10_000)],
    )  # fmt: skip


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
