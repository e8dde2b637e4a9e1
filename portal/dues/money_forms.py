"""Forms of money: what came, what is taken back or sent back, holds, plans, closing."""

from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from portal.core.forms import PageForm
from portal.core.money import Money, parse
from portal.dues.forms import stripped
from portal.dues.models import CreditReason, PaymentMethod, ReversalKind

METHODS = {
    PaymentMethod.BANK: "Bank transfer",
    PaymentMethod.CHEQUE: "Cheque",
    PaymentMethod.CASH: "Cash",
    PaymentMethod.WITHHOLDING: "Withheld tax, by certificate",
}
WAYS_BACK = {
    PaymentMethod.CARD: "To the card it was paid with",
    PaymentMethod.BANK: "Bank transfer, sent by you",
    PaymentMethod.CHEQUE: "Cheque, sent by you",
    PaymentMethod.CASH: "Cash, paid out by you",
}
CREDIT_REASONS = {
    CreditReason.PRICE_CORRECTION: "Price correction",
    CreditReason.SEAT_CORRECTION: "Seat correction",
    CreditReason.DROP: "Drop of a renewal that was not paid",
    CreditReason.GOODWILL: "Goodwill",
    CreditReason.DUPLICATE: "Duplicate",
    CreditReason.TAX_CORRECTION: "Tax correction",
    CreditReason.WITHDRAWAL: "Withdrawal",
}
BODIES = {
    "board": "The board", "general meeting": "The general meeting",
    "treasurer": "The treasurer, within the limit set by the board",
}  # fmt: skip


def reason_field(label: str, problem: str) -> TextAreaField:
    return TextAreaField(
        label, filters=[stripped],
        validators=[
            DataRequired(problem), Length(max=500, message="Keep the reason under 500 letters"),
        ],
    )  # fmt: skip


def amount_field(label: str) -> StringField:
    return StringField(
        label, filters=[stripped], validators=[DataRequired("Enter the amount")],
        render_kw={"inputmode": "decimal"},
    )  # fmt: skip


def read_amount(text: str | None, currency: str) -> Money:
    """Above zero; raises `ValidationError` in words."""
    try:
        money = parse(text or "", currency)
    except ValueError as error:
        raise ValidationError(str(error)) from error
    if money.minor <= 0:
        raise ValidationError("Enter an amount above zero")
    return money


class CreditForm(PageForm):
    """The amounts of the lines come beside it, from `CreditLines`."""

    code = SelectField("Kind of correction", choices=CREDIT_REASONS)
    reason = reason_field("Reason", "Say why: the reason is printed on the credit note")


class VoidForm(PageForm):
    reason = reason_field("Reason", "Say why: the payer is told the reason")


class MoneyForm(PageForm):
    """`currency` is set by the view; `seen` is what the page knew, so that a form counts once."""

    seen = HiddenField()

    def __init__(self, currency: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.currency = currency
        self.money = Money(0, currency)

    def validate_amount(self, field: StringField) -> None:
        self.money = read_amount(field.data, self.currency)


class TransferForm(MoneyForm):
    amount = amount_field("Amount received")
    received_on = DateField(
        "Day it arrived", validators=[InputRequired("Enter the day, like 2026-11-22")]
    )
    method = SelectField("How", choices=METHODS)
    paid_by = RadioField("Who paid it", default="other")  # asked where somebody pays for a firm
    note = StringField(
        "Note", description="What the bank statement says.", filters=[stripped],
        validators=[Optional(), Length(max=200)],
    )  # fmt: skip
    is_other = BooleanField("This is other money: book it as well")  # shown with a warning

    def ask_who_paid(self, firm: str, other: str) -> None:
        """Only where `other` is asked to pay for the firm."""
        self.paid_by.choices = {"other": other, "firm": firm}
        if not other:
            del self.paid_by


class RefundForm(MoneyForm):
    amount = amount_field("Amount to send back")
    method = SelectField("How", choices=WAYS_BACK)
    sent_on = DateField(
        "Day you sent it", description="For a transfer, cheque or cash; a card's is today.",
        validators=[Optional()],
    )  # fmt: skip
    reason = reason_field("Reason", "Say why: the payer reads it")


class ReverseForm(PageForm):
    kind = SelectField("What happened", choices={one.value: one.words for one in ReversalKind})
    on = DateField(
        "Day", description="When the bank took it back; of a wrong booking, the day of today.",
        validators=[InputRequired("Enter the day, like 2026-11-22")],
    )  # fmt: skip
    reason = reason_field("Reason", "Say why: it stays in the record")


class AllocateForm(MoneyForm):
    number = StringField(
        "Invoice", description="Its number or its reference.", filters=[stripped],
        validators=[DataRequired("Enter the number of an invoice"), Length(max=60)],
    )  # fmt: skip
    amount = amount_field("Amount")


class ReasonForm(PageForm):
    reason = reason_field("Reason", "Say why: it stays in the record")


class HoldForm(PageForm):
    reason = reason_field("Reason", "Say why: it stays in the record")
    until_on = DateField(
        "Until", description="The last day. Left empty, until it is released.",
        validators=[Optional()],
    )  # fmt: skip


class WriteOffForm(PageForm):
    body = SelectField("Who decided", choices=BODIES)
    decided_on = DateField(
        "Day of the decision", validators=[InputRequired("Enter the day, like 2026-11-22")]
    )
    title = StringField(
        "The decision", description="As the minutes name it.", filters=[stripped],
        validators=[DataRequired("Name the decision"), Length(max=200)],
    )  # fmt: skip


class PlanForm(PageForm):
    parts = IntegerField(
        "Number of parts",
        validators=[InputRequired("Enter a number"), NumberRange(2, 24, "From 2 to 24 parts")],
    )
    first_on = DateField(
        "First part due on", description="The others follow month by month.",
        validators=[InputRequired("Enter the day, like 2026-11-22")],
    )  # fmt: skip


class CloseForm(PageForm):
    until_on = DateField(
        "Close until", description="The last day on which nothing can be booked any more.",
        validators=[InputRequired("Enter the day, like 2026-12-31")],
    )  # fmt: skip
    reason = reason_field("Why now", "Say why: it stays in the record")


class ReopenForm(PageForm):
    until_on = DateField(
        "Stay closed until", description="Left empty, every day is open again.",
        validators=[Optional()],
    )  # fmt: skip
    reason = reason_field("Reason", "Say why: it stays in the record")
