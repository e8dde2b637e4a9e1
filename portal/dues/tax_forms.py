"""Forms of the tax rules: a table of them, a customer to try them on, a tax id looked up."""

import re
from typing import Any

from wtforms import DateField, FieldList, Form, FormField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.core.forms import PageForm
from portal.dues.forms import DecisionForm, stripped
from portal.dues.periods import NotQuotable
from portal.dues.rules import exact
from portal.dues.tax_rules import CATEGORIES, CUSTOMERS, OUTCOMES, PLACES, TAX_IDS, Outcome
from portal.members.words import COUNTRIES

ROWS = 10


class TaxRuleForm(Form):
    """One rule; a row without an outcome is none."""

    place = SelectField("Where", choices=PLACES, default="home")
    countries = StringField("Which countries", filters=[stripped], validators=[Length(max=300)])
    customer = SelectField("Who", choices=CUSTOMERS, default="any")
    tax_id = SelectField("Tax id", choices=TAX_IDS, default="any")
    category = SelectField("Lines", choices=CATEGORIES, default="any")
    outcome = SelectField(
        "Outcome", choices={"": "No rule"} | {one.value: words for one, words in OUTCOMES.items()}
    )
    percent = StringField("Per cent", filters=[stripped], validators=[Length(max=9)])
    text = StringField("Words on the invoice", filters=[stripped], validators=[Length(max=200)])

    @property
    def codes(self) -> list[str]:
        return [one.upper() for one in re.findall(r"[A-Za-z]+", self.countries.data or "")]

    def rule(self) -> dict[str, Any]:
        names = ("place", "customer", "tax_id", "category", "outcome", "text")
        found = {name: self[name].data for name in names}
        if self.place.data == "listed":
            found["countries"] = self.codes
        if self.is_charged:
            found["percent"] = self.percent.data
        return found

    @property
    def is_charged(self) -> bool:
        return Outcome(self.outcome.data).is_charged

    def validate(self, extra_validators: Any = None) -> bool:
        is_good = super().validate(extra_validators)
        if not self.outcome.data or self.outcome.errors:
            return is_good
        found = {self.countries: self._of_countries(), self.percent: self._of_percent()}
        found[self.text] = "" if self.text.data else "Enter the words that the invoice says"
        for field, why in found.items():
            if why:
                field.errors = [*field.errors, why]
        return is_good and not any(found.values())

    def _of_countries(self) -> str:
        if self.place.data != "listed" or (self.codes and all(len(c) == 2 for c in self.codes)):
            return ""
        return "Enter the countries’ two letters, like DE, FR"

    def _of_percent(self) -> str:
        try:
            is_rate = not self.is_charged or exact(self.percent.data, "rate") > 0
        except NotQuotable:
            is_rate = False
        return "" if is_rate else "Enter the rate, like 21"


class TaxTableForm(DecisionForm):
    """The rules from a day on, by a decision of the register or a new entry for it."""

    effective_from = DateField("From", validators=[InputRequired("Enter the day they begin")])
    rules = FieldList(FormField(TaxRuleForm), min_entries=ROWS, max_entries=40)

    def told(self) -> list[dict[str, Any]]:
        return [one.form.rule() for one in self.rules if one.form.outcome.data]


class CustomerForm(PageForm):
    """A customer that the rules are tried on; sent by GET."""

    class Meta(PageForm.Meta):
        csrf = False

    country = SelectField("Country", choices=COUNTRIES)
    kind = SelectField("Who", choices={one: CUSTOMERS[one] for one in CUSTOMERS if one != "any"})
    tax_id = SelectField("Tax id", choices={one: TAX_IDS[one] for one in ("unchecked", "checked")})


class TaxIdForm(PageForm):
    country = SelectField(
        "Country", choices={"": "Choose", **COUNTRIES},
        validators=[DataRequired("Choose the country")],
    )  # fmt: skip
    tax_id = StringField(
        "Tax id", filters=[stripped],
        validators=[DataRequired("Enter the tax id"), Length(max=40)],
    )  # fmt: skip
    answer = RadioField(
        "What the register said", choices={"valid": "It is valid", "invalid": "It is not"},
        validators=[InputRequired("Choose what it said")],
    )  # fmt: skip
    note = StringField(
        "Where it was looked up", filters=[stripped], description="Like VIES, with its reference.",
        validators=[DataRequired("Say where"), Length(max=200)],
    )  # fmt: skip
