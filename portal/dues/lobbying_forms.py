"""The form that asks what was spent on lobbying, and at which rate the shortfall is taxed."""

from collections.abc import Mapping
from fractions import Fraction

from wtforms import SelectField, StringField, ValidationError
from wtforms.validators import DataRequired

from portal.core.forms import PageForm
from portal.core.money import Money
from portal.dues.money_forms import amount_field, read_amount


class SpentForm(PageForm):
    year = SelectField("Year and currency of the invoices")
    spent = amount_field("Spent on lobbying in that year")
    tax_percent = StringField(
        "Tax on the shortfall, in percent",
        description="As your country’s law says today; 0 where there is none.",
        validators=[DataRequired("Enter the rate, or 0")], render_kw={"inputmode": "decimal"},
    )  # fmt: skip

    def offer(self, told: Mapping[int, Mapping[str, int]]) -> None:
        self.year.choices = [
            (f"{year} {code}", f"{year}, in {code}") for year, codes in told.items()
            for code in codes
        ]  # fmt: skip

    @property
    def asked(self) -> tuple[int, str]:
        year, _, currency = str(self.year.data).partition(" ")
        return int(year), currency

    @property
    def money(self) -> Money:
        return read_amount(self.spent.data, self.asked[1])

    def validate_spent(self, _field: StringField) -> None:
        if not self.year.errors:
            read_amount(self.spent.data, self.asked[1])

    def validate_tax_percent(self, field: StringField) -> None:
        try:
            rate = Fraction((field.data or "").strip())
        except (ValueError, ZeroDivisionError):
            rate = Fraction(-1)
        if not 0 <= rate <= 100:
            raise ValidationError("Enter a number from 0 to 100, like 21")
