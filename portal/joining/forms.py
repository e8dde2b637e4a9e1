"""The forms of an application, a page each, and those of its review."""

import re
from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    RadioField,
    SelectField,
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
    StopValidation,
)

from portal.core.forms import PageForm, WholeNumberField
from portal.joining.queries import CRITERIA
from portal.joining.quoting import COUNTRIES
from portal.members.models import CLASS_NAMES, MembershipClass

EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")


class Needed(InputRequired):
    """Nothing was given, or nothing that can be read: one sentence for both."""

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is None:
            field.errors[:] = []
            raise StopValidation(str(self.message))


def _strip(text: str | None) -> str | None:
    return text.strip() if text else text


def _at_most(size: int) -> Length:
    return Length(max=size, message=f"Use {size:,} characters or fewer")


def an_email(_form: PageForm, field: EmailField) -> None:
    if field.data and not EMAIL.fullmatch(field.data):
        raise ValidationError("Enter an e-mail address, like name@firm.example")


class QuoteForm(PageForm):
    """Read from the address, so that a quote can be sent to a colleague as a link."""

    class Meta:
        csrf = False

    kind = SelectField("What your firm does", validators=[DataRequired("Choose what it does")])
    headcount = WholeNumberField(
        "People, as full-time equivalents",
        validators=[
            Needed("Enter how many people, in figures"),
            NumberRange(1, 1_000_000, "Enter a whole number from 1 to 1,000,000"),
        ],
    )
    country = SelectField("Country of the firm", choices={"": "Choose", **COUNTRIES},
                          validators=[DataRequired("Choose the country")])  # fmt: skip

    def __init__(self, *args: Any, classes: list[MembershipClass], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = {"": "Choose", **{one.value: CLASS_NAMES[one] for one in classes}}


class StartForm(PageForm):
    applicant = StringField(
        "Your name", filters=[_strip], render_kw={"autocomplete": "name"},
        validators=[DataRequired("Enter your name"), _at_most(120)],
    )  # fmt: skip
    email = EmailField(
        "Your e-mail address", filters=[_strip], render_kw={"autocomplete": "email"},
        validators=[DataRequired("Enter your e-mail address"), _at_most(254), an_email],
    )  # fmt: skip


class FirmForm(PageForm):
    name = StringField(
        "Legal name of the firm", filters=[_strip], render_kw={"autocomplete": "organization"},
        validators=[DataRequired("Enter the firm’s legal name"), _at_most(200)],
    )  # fmt: skip
    registration_no = StringField(
        "Registration number", filters=[_strip],
        validators=[DataRequired("Enter the number in the company register"), _at_most(60)],
    )  # fmt: skip
    tax_id = StringField("Tax number", filters=[_strip], validators=[Optional(), _at_most(40)])
    address = TextAreaField(
        "Address", filters=[_strip], render_kw={"autocomplete": "street-address", "rows": 4},
        validators=[DataRequired("Enter the address, as it is written there"), _at_most(400)],
    )  # fmt: skip
    website = StringField(
        "Website", filters=[_strip], render_kw={"inputmode": "url", "autocomplete": "url"},
        validators=[Optional(), _at_most(200)],
    )  # fmt: skip

    def validate_website(self, field: StringField) -> None:
        if field.data and not re.fullmatch(r"(https?://)?[\w.-]+\.\w{2,}(/\S*)?", field.data):
            raise ValidationError("Enter an address like www.firm.example, or leave it empty")


class ContactsForm(PageForm):
    title = StringField(
        "Your position in the firm", filters=[_strip],
        render_kw={"autocomplete": "organization-title"},
        validators=[DataRequired("Enter your position"), _at_most(120)],
    )  # fmt: skip
    phone = StringField(
        "Phone", filters=[_strip], render_kw={"autocomplete": "tel", "inputmode": "tel"},
        validators=[DataRequired("Enter a phone number with its country"), _at_most(30)],
    )  # fmt: skip
    finance_email = EmailField(
        "E-mail for invoices", filters=[_strip],
        validators=[Optional(), _at_most(254), an_email],
    )  # fmt: skip
    purchase_order = StringField(
        "Purchase order number", filters=[_strip], validators=[Optional(), _at_most(60)]
    )

    def validate_phone(self, field: StringField) -> None:
        number = re.sub(r"[\s().-]", "", field.data or "")
        if not re.fullmatch(r"\+[1-9]\d{6,14}", number):
            raise ValidationError("Enter a phone number with its country, like +63 917 123 4567")
        field.data = number


class DeclarationForm(PageForm):
    headcount = WholeNumberField(
        "People, as full-time equivalents",
        validators=[
            Needed("Enter how many people, in figures"),
            NumberRange(1, 1_000_000, "Enter a whole number from 1 to 1,000,000"),
        ],
    )
    owner = StringField(
        "Who ultimately owns the firm", filters=[_strip],
        validators=[DataRequired("Say who owns it, in the end"), _at_most(200)],
    )  # fmt: skip
    why = TextAreaField(
        "Why you want to join", filters=[_strip], validators=[Optional(), _at_most(2000)]
    )
    signed = BooleanField(
        "I may sign for the firm, and the figure above is true",
        validators=[DataRequired("Only somebody who may sign for the firm can apply")],
    )
    accepts = BooleanField(
        "The firm accepts the terms and that positions are decided openly",
        validators=[DataRequired("A member accepts the terms")],
    )


class ReplyForm(PageForm):
    reply = TextAreaField(
        "Your answer", filters=[_strip],
        validators=[DataRequired("Write your answer"), _at_most(4000)],
    )  # fmt: skip


class QuestionForm(PageForm):
    question = TextAreaField(
        "Your question to the applicant", filters=[_strip],
        validators=[DataRequired("Write the question"), _at_most(2000)],
    )  # fmt: skip


class DeclineForm(PageForm):
    criterion = RadioField(
        "Which published criterion is not met", choices=CRITERIA,
        validators=[DataRequired("Choose the criterion")],
    )  # fmt: skip
    reason = TextAreaField(
        "The reason, as the applicant will read it", filters=[_strip],
        validators=[
            DataRequired("Write the reason"), Length(20, 2000, "Use 20 to 2,000 characters"),
        ],
    )  # fmt: skip
