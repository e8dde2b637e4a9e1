"""The forms of an application, a page each, and of an appeal."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, Optional

from portal.core.forms import PageForm
from portal.core.mail import ADDRESS
from portal.dues.models import Tariff
from portal.dues.number_fields import PREFIX, number_fields, numbers_in
from portal.joining.choice_fields import choice_fields
from portal.joining.quoting import Facts, asked, classes_priced
from portal.members.models import CLASS_NAMES, MembershipClass
from portal.members.words import COUNTRIES


def strip(text: str | None) -> str | None:
    return text.strip() if text else text


def at_most(size: int) -> Length:
    return Length(max=size, message=f"Use {size:,} characters or fewer")


def an_email(_form: PageForm, field: EmailField) -> None:
    if field.data and not ADDRESS.match(field.data):
        raise ValidationError("Enter an e-mail address, like name@firm.example")


class QuoteForm(PageForm):
    """Read from the address, so that a quote can be sent to a colleague as a link."""

    class Meta:
        csrf = False

    kind = SelectField("What your firm does", validators=[DataRequired("Choose what it does")])
    country = SelectField("Country of the firm", choices={"": "Choose", **COUNTRIES},
                          validators=[DataRequired("Choose the country")])  # fmt: skip

    def __init__(self, *args: Any, classes: list[MembershipClass], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = {"": "Choose", **{one.value: CLASS_NAMES[one] for one in classes}}

    @property
    def numbers(self) -> list[Any]:
        """What the dues of the chosen class follow from; none before one is chosen."""
        return [one for one in self if one.name.startswith(PREFIX)]

    def is_sent(self, args: Any) -> bool:
        """Not when a class was only chosen: its numbers are asked then."""
        return bool(args) and all(one.name in args for one in self.numbers)

    @property
    def facts(self) -> Facts:
        """Of a form that was found right."""
        return Facts(MembershipClass(self.kind.data), self.country.data, numbers_in(self))

    @property
    def answers(self) -> dict[str, Any]:
        """As an address carries them on."""
        numbers = {f"{PREFIX}{name}": value for name, value in numbers_in(self).items()}
        return {"kind": self.kind.data, **numbers, "country": self.country.data}


def quote_form(tariff: Tariff | None, args: Any, on: date) -> QuoteForm:
    """With a field for each number that the tariff asks of the chosen class, and no others."""
    classes = classes_priced(tariff) if tariff else []
    kind = next((one for one in classes if one.value == args.get("kind")), None)
    fields = number_fields(asked(tariff, kind, on)) if tariff and kind else {}
    form: QuoteForm = type("OneQuoteForm", (QuoteForm,), fields)(args, classes=classes)
    return form


class StartForm(PageForm):
    applicant = StringField(
        "Your name", filters=[strip], render_kw={"autocomplete": "name"},
        validators=[DataRequired("Enter your name"), at_most(120)],
    )  # fmt: skip
    email = EmailField(
        "Your e-mail address", filters=[strip], render_kw={"autocomplete": "email"},
        validators=[DataRequired("Enter your e-mail address"), at_most(254), an_email],
    )  # fmt: skip


class FirmForm(PageForm):
    name = StringField(
        "Legal name of the firm", filters=[strip], render_kw={"autocomplete": "organization"},
        validators=[DataRequired("Enter the firm’s legal name"), at_most(200)],
    )  # fmt: skip
    registration_no = StringField(
        "Registration number", filters=[strip],
        validators=[DataRequired("Enter the number in the company register"), at_most(60)],
    )  # fmt: skip
    tax_id = StringField("Tax number", filters=[strip], validators=[Optional(), at_most(40)])
    address = TextAreaField(
        "Address", filters=[strip], render_kw={"autocomplete": "street-address", "rows": 4},
        validators=[DataRequired("Enter the address, as it is written there"), at_most(400)],
    )  # fmt: skip
    website = StringField(
        "Website", filters=[strip], render_kw={"inputmode": "url", "autocomplete": "url"},
        validators=[Optional(), at_most(200)],
    )  # fmt: skip

    def validate_website(self, field: StringField) -> None:
        if field.data and not re.fullmatch(r"(https?://)?[\w.-]+\.\w{2,}(/\S*)?", field.data):
            raise ValidationError("Enter an address like www.firm.example, or leave it empty")


class PersonForm(FirmForm):
    """Of who joins for themselves: no register has a number for them."""

    name = StringField(
        "Your full name", filters=[strip], render_kw={"autocomplete": "name"},
        validators=[DataRequired("Enter your full name"), at_most(200)],
    )  # fmt: skip
    registration_no = None


PAYER_NEEDS = {
    "payer": "Enter the name of who pays", "payer_country": "Choose their country",
    "payer_email": "Enter an address for their invoices",
}  # fmt: skip


class ContactsForm(PageForm):
    title = StringField(
        "Your position in the firm", filters=[strip],
        render_kw={"autocomplete": "organization-title"},
        validators=[DataRequired("Enter your position"), at_most(120)],
    )  # fmt: skip
    phone = StringField(
        "Phone", filters=[strip], render_kw={"autocomplete": "tel", "inputmode": "tel"},
        validators=[DataRequired("Enter a phone number with its country"), at_most(30)],
    )  # fmt: skip
    finance_email = EmailField(
        "E-mail for invoices", filters=[strip],
        validators=[Optional(), at_most(254), an_email],
    )  # fmt: skip
    purchase_order = StringField(
        "Purchase order number", filters=[strip], validators=[Optional(), at_most(60)]
    )

    payer = StringField(
        "Who pays the dues, if not the firm", filters=[strip],
        validators=[Optional(), at_most(200)],
    )  # fmt: skip
    payer_country = SelectField("Their country", choices={"": "Choose", **COUNTRIES}, default="")
    payer_tax_id = StringField("Their tax number", filters=[strip],
                               validators=[Optional(), at_most(40)])  # fmt: skip
    payer_email = EmailField(
        "Their e-mail for invoices", filters=[strip],
        validators=[Optional(), at_most(254), an_email],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payer_country.flags.optional = True

    def validate(self, extra_validators: Any = None) -> bool:
        """All of who pays, or nothing of them."""
        is_good = super().validate(extra_validators)
        told = [one for one in self if one.name.startswith("payer") and one.data]
        missing = [one for one in self if one.name in PAYER_NEEDS and told and not one.data]
        for field in missing:
            field.errors = [*field.errors, PAYER_NEEDS[field.name]]
        return is_good and not missing

    def validate_phone(self, field: StringField) -> None:
        number = re.sub(r"[\s().-]", "", field.data or "")
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", number):
            raise ValidationError("Enter a phone number with its country, like +63 917 123 4567")
        field.data = number


class DeclarationForm(PageForm):
    owner = StringField(
        "Who ultimately owns the firm", filters=[strip],
        validators=[DataRequired("Say who owns it, in the end"), at_most(200)],
    )  # fmt: skip
    why = TextAreaField(
        "Why you want to join", filters=[strip], validators=[Optional(), at_most(2000)]
    )
    signed = BooleanField(
        "I may sign for the firm, and what is said above is true",
        validators=[DataRequired("Only somebody who may sign for the firm can apply")],
    )
    accepts = BooleanField(
        "The firm accepts the terms and that positions are decided openly",
        validators=[DataRequired("A member accepts the terms")],
    )


def declaration_form(
    tariff: Tariff | None, kind: MembershipClass, on: date, data: Mapping[str, Any]
) -> DeclarationForm:
    """With a field for each number that the tariff asks of the class."""
    fields: dict[str, Any] = number_fields(asked(tariff, kind, on)) if tariff else {}
    fields |= choice_fields(tariff, kind) if tariff else {}
    form: DeclarationForm = type("OneDeclarationForm", (DeclarationForm,), fields)(data=data)
    return form


class ReplyForm(PageForm):
    reply = TextAreaField(
        "Your answer", filters=[strip],
        validators=[DataRequired("Write your answer"), at_most(4000)],
    )  # fmt: skip


class AppealForm(PageForm):
    appeal = TextAreaField(
        "Why the decision is wrong", filters=[strip], render_kw={"rows": 8},
        validators=[DataRequired("Write why it is wrong"), at_most(4000)],
    )  # fmt: skip
