"""The forms of an application, a page each, and of an appeal."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import (
    BooleanField,
    DecimalField,
    EmailField,
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
from wtforms.widgets import TextInput

from portal.core.forms import PageForm, WholeNumberField, without_groups
from portal.dues.forms import MOST, at_most_four_decimals
from portal.dues.models import Tariff
from portal.dues.periods import in_words
from portal.dues.rules import titled
from portal.joining.choice_fields import choice_fields
from portal.joining.quoting import (
    COUNTRIES,
    Facts,
    classes_priced,
    money_asked,
    who_tells,
    year_told,
)
from portal.members.models import CLASS_NAMES, MembershipClass

AMOUNT = "Enter the amount, in figures"
EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")


class Needed(InputRequired):
    """Nothing was given, or nothing that can be read: one sentence for both."""

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is None:
            field.errors[:] = []
            raise StopValidation(str(self.message))


def strip(text: str | None) -> str | None:
    return text.strip() if text else text


def at_most(size: int) -> Length:
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

    @property
    def amounts(self) -> list[Any]:
        """The fields of money that the chosen class is asked; all before one is chosen."""
        known = self.kind.data in self.kind.choices and self.kind.data
        fields = [one for one in self if one.name.startswith("money_")]
        return [one for one in fields if not known or self.kind.data in one.validators[0].kinds]

    @property
    def facts(self) -> Facts:
        """Of a form that was found right."""
        kind = MembershipClass(self.kind.data)
        return Facts(kind, self.headcount.data, self.country.data, money_in(self))

    @property
    def answers(self) -> dict[str, Any]:
        """As an address carries them on."""
        told = {"kind": self.kind.data, "headcount": self.headcount.data}
        money = {f"money_{name}": value for name, value in money_in(self).items()}
        return told | {"country": self.country.data} | money


class AmountField(DecimalField):
    """An amount, `1,200,000.50` too, in a plain box that keeps whatever is typed."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([without_groups(one) for one in valuelist[:1]])


class AskedOf:
    """Needed from these classes; what another class says there is not read."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self.kinds = kinds

    def __call__(self, form: PageForm, field: AmountField) -> None:
        kind = form["kind"].data if "kind" in form else None
        if field.data is None or (kind is not None and kind not in self.kinds):
            field.errors = []
            raise StopValidation("" if kind is not None and kind not in self.kinds else AMOUNT)


def _amount_field(metric: str, kinds: Sequence[str], hint: str) -> AmountField:
    limits = NumberRange(0, MOST, "Enter an amount that is not below zero")
    return AmountField(
        titled(metric), places=None, description=hint, render_kw={"inputmode": "decimal"},
        validators=[AskedOf(kinds), limits, at_most_four_decimals],
    )  # fmt: skip


def money_in(form: PageForm) -> dict[str, str]:
    """The amounts that a form asked for, by metric, as written."""
    fields = form.amounts if isinstance(form, QuoteForm) else form
    told = {one.name: one.data for one in fields if one.name.startswith("money_")}
    return {
        name.removeprefix("money_"): f"{value:f}"
        for name, value in told.items() if isinstance(value, Decimal)
    }  # fmt: skip


def quote_form(tariff: Tariff | None, args: Any, on: date) -> QuoteForm:
    """With a field for each amount of money that the tariff asks of some class."""
    if tariff is None:
        return QuoteForm(args, classes=[])
    fields, chosen = {}, args.get("kind")
    for metric, kinds in who_tells(tariff).items():
        hint = f"In {tariff.currency}, of: {', '.join(CLASS_NAMES[one] for one in kinds)}."
        if chosen in kinds:
            hint = amount_hint(tariff, MembershipClass(chosen), on)
        fields[f"money_{metric}"] = _amount_field(metric, [one.value for one in kinds], hint)
    form: QuoteForm = type("OneQuoteForm", (QuoteForm,), fields)(
        args, classes=classes_priced(tariff)
    )
    return form


def amount_hint(tariff: Tariff, kind: MembershipClass, on: date) -> str:
    first, last = year_told(tariff, kind, on)
    return f"In {tariff.currency}, of the year from {in_words(first)} to {in_words(last)}."


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
        "Who ultimately owns the firm", filters=[strip],
        validators=[DataRequired("Say who owns it, in the end"), at_most(200)],
    )  # fmt: skip
    why = TextAreaField(
        "Why you want to join", filters=[strip], validators=[Optional(), at_most(2000)]
    )
    signed = BooleanField(
        "I may sign for the firm, and the figure above is true",
        validators=[DataRequired("Only somebody who may sign for the firm can apply")],
    )
    accepts = BooleanField(
        "The firm accepts the terms and that positions are decided openly",
        validators=[DataRequired("A member accepts the terms")],
    )


def declaration_form(
    tariff: Tariff | None, kind: MembershipClass, on: date, data: Mapping[str, Any]
) -> DeclarationForm:
    """With a field for each amount of money that the tariff asks of the class."""
    asked = money_asked(tariff, kind) if tariff else []
    fields = {
        f"money_{one}": _amount_field(one, [kind.value], amount_hint(tariff, kind, on))
        for one in asked if tariff
    }  # fmt: skip
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
