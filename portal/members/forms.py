"""Forms of a firm and its people."""

from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from portal.core.forms import PageForm
from portal.core.mail import ADDRESS
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
