"""Forms of bank statements and their lines."""

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    StringField,
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
from portal.dues.models import BankIncome, Purpose
from portal.dues.statements.columns import DAYS, DECIMALS, SEPARATORS, WHAT


class StatementForm(PageForm):
    """`columns` is a column map's number; the view gives the choices."""

    file = FileField("Statement", validators=[FileRequired("Choose the file that your bank gave")])
    columns = SelectField(
        "How it is written",
        description="CAMT.053 and MT940 are known by themselves; CSV and XLSX need a column map.",
    )


class ReasonForm(PageForm):
    reason = StringField(
        "Reason", filters=[stripped],
        validators=[DataRequired("Say why: the next person will ask"), Length(max=300)],
    )  # fmt: skip


class ExplainForm(PageForm):
    """What money was for that left; fees are booked."""

    purpose = SelectField("What was it for?")
    payee = StringField(
        "Who got it", filters=[stripped],
        validators=[DataRequired("Enter who got it"), Length(max=120)],
    )  # fmt: skip
    reason = StringField(
        "Reason", description="A contract, an invoice number, who asked for it.",
        filters=[stripped],
        validators=[DataRequired("Say why: the next person will ask"), Length(max=300)],
    )  # fmt: skip

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.purpose.choices = {"": "Choose one", **{one.value: one.words for one in Purpose}}

    def validate_purpose(self, field: SelectField) -> None:
        if not field.data:
            raise ValidationError("Choose what it was for")


class ShareForm(Form):
    """One invoice of a bank line; the amount is empty when the line does not pay it."""

    invoice_id = IntegerField(validators=[InputRequired("This invoice is not known")])
    amount = StringField("Amount", filters=[stripped], render_kw={"inputmode": "decimal"})


class BookForm(PageForm):
    """What a bank line pays: `minor` is by invoice, filled when the form is right."""

    shares = FieldList(FormField(ShareForm), max_entries=50)

    def __init__(self, currency: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.currency = currency
        self.minor: dict[int, int] = {}

    def validate_shares(self, field: FieldList) -> None:
        for one in field:
            if one.form.amount.data and one.form.invoice_id.data:
                self.minor[one.form.invoice_id.data] = self._minor(one.form.amount.data)

    def _minor(self, text: str) -> int:
        try:
            money = parse(text, self.currency)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if money.minor <= 0:
            raise ValidationError("Enter amounts above zero, or leave them empty")
        return money.minor


class KeepForm(PageForm):
    """What a bank line is that pays no invoice, and who sent it: one of these firms."""

    income = SelectField("What is it?", default="")
    sender = SelectField(
        "Who sent it?", description="The words that find invoices above find firms as well."
    )

    def __init__(self, firms: dict[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.income.choices = {
            "": "Credit of who sent it", **{one.value: one.words for one in BankIncome}
        }  # fmt: skip
        self.sender.choices = firms
        if self.sender.data is None:
            self.sender.data = next(iter(firms))

    @property
    def category(self) -> BankIncome | None:
        return BankIncome(self.income.data) if self.income.data else None


ROWS = 10  # of a deposit slip


def _heading(key: str) -> StringField:
    needed = [DataRequired("Enter the column's heading")] if key == "booked_on" else [Optional()]
    return StringField(WHAT[key], filters=[stripped], validators=[*needed, Length(max=80)])


class HeadingsForm(Form):
    """The heading of each column, as the file writes it; empty where it has none."""

    booked_on = _heading("booked_on")
    amount = _heading("amount")
    credit = _heading("credit")
    debit = _heading("debit")
    direction = _heading("direction")
    currency = _heading("currency")
    counterparty = _heading("counterparty")
    counterparty_account = _heading("counterparty_account")
    text = _heading("text")
    reference = _heading("reference")
    entry_reference = _heading("entry_reference")

    def validate(self, extra_validators: Any = None) -> bool:
        is_well = super().validate(extra_validators)
        if self.amount.data or (self.credit.data and self.debit.data):
            return is_well
        self.amount.errors = ["Name the column of the amount, or those of money in and out"]
        return False


class ColumnMapForm(PageForm):
    name = StringField(
        "Name", description="Of the bank, so that you know it again.", filters=[stripped],
        validators=[DataRequired("Enter a name"), Length(max=80)],
    )  # fmt: skip
    account = StringField(
        "Account", description="The IBAN or number of our account.", filters=[stripped],
        validators=[DataRequired("Enter the account"), Length(max=40)],
    )  # fmt: skip
    currency = StringField("Currency of the account", filters=[stripped])
    separator = SelectField("Between columns", choices=SEPARATORS)
    decimal = SelectField("Decimals", choices=DECIMALS)
    day_format = SelectField("Days are written like", choices=DAYS)
    skipped = IntegerField(
        "Rows before the headings",
        validators=[InputRequired("Enter a number"), NumberRange(0, 50, "Enter 0 to 50")],
    )
    headings = FormField(HeadingsForm, "Headings of the columns")

    def validate_currency(self, field: StringField) -> None:
        try:
            Money(0, field.data or "")
        except ValueError as error:
            raise ValidationError("Enter the currency's three letters, like EUR") from error


class ExchangeForm(PageForm):
    """An invoice in another currency than the line's."""

    number = StringField(
        "Invoice", description="Its number or its reference.", filters=[stripped],
        validators=[DataRequired("Enter the number of an invoice"), Length(max=60)],
    )  # fmt: skip
    amount = StringField(
        "Amount that it pays, in the currency of the invoice", filters=[stripped],
        validators=[DataRequired("Enter the amount")], render_kw={"inputmode": "decimal"},
    )  # fmt: skip


class ChequeForm(Form):
    """One cheque of a slip; a row left empty is none."""

    number = StringField("Invoice", filters=[stripped], validators=[Length(max=60)])
    amount = StringField("Amount", filters=[stripped], render_kw={"inputmode": "decimal"})
    cheque = StringField("Number of the cheque", filters=[stripped], validators=[Length(max=40)])

    @property
    def is_filled(self) -> bool:
        return bool(self.number.data or self.amount.data or self.cheque.data)


class SlipForm(PageForm):
    """A deposit slip: what is brought to the bank on a day, of which the bank makes one line."""

    paid_in_on = DateField(
        "Day it is paid in", validators=[InputRequired("Enter the day, like 2026-11-22")]
    )
    slip = StringField(
        "Number of the slip", description="As the bank prints it: it finds the line again.",
        filters=[stripped],
        validators=[DataRequired("Enter the number of the slip"), Length(max=40)],
    )  # fmt: skip
    cheques = FieldList(FormField(ChequeForm), min_entries=ROWS, max_entries=50)
    is_other = BooleanField("They are other money: book them as well")  # shown with a warning

    def validate_slip(self, field: StringField) -> None:
        if "," in field.data:
            raise ValidationError("Enter the number of the slip without a comma")

    def validate_cheques(self, field: FieldList) -> None:
        filled = [one.form for one in field if one.form.is_filled]
        if len(filled) < 2:
            raise ValidationError("Enter two cheques at least; one alone is a payment")
        for one in filled:
            if not (one.number.data and one.amount.data and one.cheque.data):
                raise ValidationError("Enter invoice, amount and number of each cheque")
