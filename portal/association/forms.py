"""The settings page of the association."""

import re

from babel import Locale
from wtforms import (
    BooleanField,
    EmailField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from portal.core.clock import ZONES
from portal.core.forms import PageForm, WholeNumberField
from portal.core.money import CURRENCIES, parse

COUNTRIES = {
    code: str(name)
    for code, name in sorted(Locale("en").territories.items(), key=lambda one: str(one[1]))
    if len(code) == 2 and code.isalpha()
}


BARRED = re.compile(r"([A-Za-z]{2})\s+(\d{1,2})", re.ASCII)


def _strip(text: str | None) -> str | None:
    return text.strip() if text else text


def _at_most(size: int) -> Length:
    return Length(max=size, message=f"Use {size:,} characters or fewer")


def _in_capitals(text: str | None) -> str | None:
    return re.sub(r"\s", "", text).upper() if text else text


def is_iban(text: str) -> bool:
    """ISO 13616: the first four characters to the end, letters as numbers, modulo 97 is 1."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", text):
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


class AssociationForm(PageForm):
    name = StringField(
        "Name", filters=[_strip], validators=[DataRequired("Enter the name"), _at_most(120)]
    )
    tagline = StringField(
        "What it is, in a few words", filters=[_strip], validators=[Optional(), _at_most(160)]
    )
    address = TextAreaField("Address", filters=[_strip], validators=[Optional(), _at_most(400)])
    country = SelectField("Country", choices=COUNTRIES)
    tax_id = StringField("Tax number", filters=[_strip], validators=[Optional(), _at_most(40)])
    contact_name = StringField(
        "Whom people write to", filters=[_strip], validators=[Optional(), _at_most(120)]
    )
    contact_email = EmailField(
        "Their e-mail address", filters=[_strip], validators=[Optional(), _at_most(254)]
    )
    bank_name = StringField("Bank", filters=[_strip], validators=[Optional(), _at_most(120)])
    iban = StringField("IBAN", filters=[_in_capitals], validators=[Optional(), _at_most(34)])
    bic = StringField("BIC", filters=[_in_capitals], validators=[Optional(), _at_most(11)])
    zone = SelectField("Time zone", choices=ZONES)
    currency = SelectField("Currency", choices={code: code for code in sorted(CURRENCIES)})
    invoice_series = StringField(
        "Letters before invoice numbers",
        filters=[_in_capitals],
        validators=[DataRequired("Enter a few letters, like INV")],
    )
    credit_series = StringField(
        "Letters before credit note numbers",
        filters=[_in_capitals],
        validators=[DataRequired("Enter a few letters, like CRN")],
    )
    due_days = WholeNumberField(
        "Days to pay an invoice",
        validators=[
            InputRequired("Enter a number of days"),
            NumberRange(1, 365, "Enter 1 to 365 days"),
        ],
    )
    decision_days = WholeNumberField(
        "Working days to decide on an application",
        validators=[
            InputRequired("Enter a number of days"),
            NumberRange(1, 120, "Enter 1 to 120 days"),
        ],
    )

    interest_percent = StringField(
        "Interest on what is late, percent a year",
        description="0 where none is asked. It runs from the 30th day after the due day.",
        filters=[_strip],
        default="0",
        validators=[DataRequired("Enter a percentage, or 0")],
    )
    approval_above = StringField(
        "Two people above this amount",
        description="Refunds, credit notes and write-offs of more are proposed by one of finance "
        "and approved by another. Empty: one is enough.",
        filters=[_strip], validators=[Optional()], render_kw={"inputmode": "decimal"},
    )  # fmt: skip
    years_barred = StringField(
        "Years after which a claim may be time-barred",
        description="For each country of payers its two letters and the years, with commas "
        "between: ask a lawyer, nothing is assumed. Such claims are marked. Empty: none is.",
        filters=[_strip], validators=[Optional(), _at_most(400)],
    )  # fmt: skip
    books_alone = BooleanField("Book a bank line at once when its reference and its amount fit")
    checks_links = BooleanField("Look once a month whether the links of practices still work")
    may_void = BooleanField("Invoices on which nothing was paid may be voided")

    def validate_iban(self, field: StringField) -> None:
        if field.data and not is_iban(field.data):
            raise ValidationError(
                "This IBAN is not right: one of its figures does not fit the others"
            )

    def validate_bic(self, field: StringField) -> None:
        if field.data and not re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", field.data):
            raise ValidationError("A BIC has 8 or 11 letters and figures, like ABNANL2A")

    def validate_interest_percent(self, field: StringField) -> None:
        if field.data and not re.fullmatch(r"\d{1,2}(\.\d{1,2})?", field.data):
            raise ValidationError("Enter a percentage from 0 to 99.99, like 8 or 10.15")

    def validate_approval_above(self, field: StringField) -> None:
        try:
            least = parse(field.data or "", self.currency.data or "").minor
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if least < 0:
            raise ValidationError("Enter an amount of 0 or more, or leave it empty")

    def validate_years_barred(self, field: StringField) -> None:
        for part in filter(None, re.split(r"[,;\n]", field.data or "")):
            found = BARRED.fullmatch(part.strip())
            if not found or found[1].upper() not in COUNTRIES or not 1 <= int(found[2]) <= 50:
                raise ValidationError(
                    f"“{part.strip()}” is no country of two letters with 1 to 50 years"
                )

    @property
    def barred_after(self) -> dict[str, int]:
        """The years by country, of a form that is right."""
        pairs = re.findall(r"([A-Za-z]{2})\s+(\d+)", self.years_barred.data or "")
        return {country.upper(): int(years) for country, years in sorted(pairs)}

    @property
    def approval_above_minor(self) -> int | None:
        """The limit in minor units, of a form that is right."""
        text = self.approval_above.data
        return parse(text, self.currency.data).minor if text else None

    def validate_contact_email(self, field: EmailField) -> None:
        if field.data and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", field.data):
            raise ValidationError("Enter an e-mail address, like name@association.example")

    def _series(self, field: StringField) -> None:
        if not re.fullmatch(r"[A-Z]{1,8}", field.data or ""):
            raise ValidationError("Use 1 to 8 letters, like INV")

    def validate_invoice_series(self, field: StringField) -> None:
        self._series(field)

    def validate_credit_series(self, field: StringField) -> None:
        self._series(field)
        if field.data == self.invoice_series.data:
            raise ValidationError("Credit notes are numbered apart: use other letters")
