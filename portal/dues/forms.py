"""Forms of the dues pages."""

from typing import Any

from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    Optional,
    Regexp,
    ValidationError,
)

from portal.core.forms import PageForm
from portal.core.mail import ADDRESS
from portal.core.money import Money, parse
from portal.dues.models import PaymentMethod

METHODS = {
    PaymentMethod.BANK: "Bank transfer",
    PaymentMethod.CHEQUE: "Cheque",
    PaymentMethod.CASH: "Cash",
    PaymentMethod.WITHHOLDING: "Withheld tax, by certificate",
}


def stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class AddressForm(PageForm):
    email = StringField(
        "E-mail address",
        filters=[stripped],
        validators=[
            DataRequired("Enter an e-mail address"), Length(max=200),
            Regexp(ADDRESS, message="Enter an e-mail address, like accounts@firm.example"),
        ],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )  # fmt: skip


class SetAsideForm(PageForm):
    reason = TextAreaField(
        "Reason", filters=[stripped],
        validators=[
            DataRequired("Say why nothing needs to be done about it"),
            Length(max=500, message="Keep the reason under 500 letters"),
        ],
    )  # fmt: skip


class ConsentForm(PageForm):
    agrees = BooleanField(
        "We agree to this for our firm",
        validators=[DataRequired("Agree first: without it we charge no card")],
    )


class CreditForm(PageForm):
    reason = TextAreaField(
        "Reason", filters=[stripped],
        validators=[
            DataRequired("Say why: the reason is printed on the credit note"),
            Length(max=500, message="Keep the reason under 500 letters"),
        ],
    )  # fmt: skip


class TransferForm(PageForm):
    """`currency` is set by the view; `seen` is what the page knew, so that a form counts once."""

    amount = StringField(
        "Amount received", filters=[stripped], validators=[DataRequired("Enter the amount")],
        render_kw={"inputmode": "decimal"},
    )  # fmt: skip
    received_on = DateField(
        "Day it arrived", validators=[InputRequired("Enter the day, like 2026-11-22")]
    )
    method = SelectField("How", choices=METHODS)
    note = StringField(
        "Note", description="What the bank statement says.", filters=[stripped],
        validators=[Optional(), Length(max=200)],
    )  # fmt: skip
    seen = HiddenField()

    def __init__(self, currency: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.currency = currency
        self.money = Money(0, currency)

    def validate_amount(self, field: StringField) -> None:
        try:
            self.money = parse(field.data or "", self.currency)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if self.money.minor <= 0:
            raise ValidationError("Enter an amount above zero")
