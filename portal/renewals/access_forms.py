"""The form of the access table: what memberships give from a day on, by a decision."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from portal.dues.forms import BODIES, DecisionForm
from portal.members.access_table import ALWAYS, Counted, Table, Taking, in_order
from portal.members.forms import stripped
from portal.members.policy import FEATURE_WORDS, Feature
from portal.renewals.ladder_forms import none_if_blank

EMPTY_ROWS, MOST_ROWS = 2, 20
A_MONTH_AND_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")
OFFERED = [one for one in Feature if one is not Feature.REJOIN]
WORDS = {one.value: FEATURE_WORDS[one] for one in OFFERED}
COUNTED_WORDS = {
    Counted.DUE: "Days after due", Counted.INVOICED: "Days after the invoice",
    Counted.YEARLY: "From a day each year",
}  # fmt: skip
KEPT_WORDS = "Nobody is kept from reading and paying its own invoices, nor from its own data"


def of_every_year(_form: Form, field: StringField) -> None:
    """A month and a day; 29 February is not in every year."""
    try:
        date.fromisoformat(f"2001-{field.data}")
        is_day = A_MONTH_AND_DAY.fullmatch(field.data) is not None
    except ValueError:
        is_day = False
    if not is_day:
        raise ValidationError("Enter a month and a day that every year has, like 03-31")


def features(label: str) -> SelectMultipleField:
    return SelectMultipleField(label, choices=WORDS)


class TakingForm(Form):
    """What unpaid dues take; a row that is not counted is none."""

    counted = SelectField(
        "Unpaid for", choices={"": "No row"} | {
            one.value: words for one, words in COUNTED_WORDS.items()
        },
    )  # fmt: skip
    days = IntegerField(
        "Days", render_kw={"inputmode": "numeric"},
        validators=[none_if_blank, NumberRange(1, 730, "Enter days from 1 to 730")],
    )  # fmt: skip
    each_year = StringField(
        "Day of the calendar", filters=[stripped], validators=[Optional(), of_every_year],
        description="A month and a day, like 03-31.",
    )  # fmt: skip
    takes = features("What is taken")
    until_cut_off = BooleanField("The vote stays for ballots whose cut-off was before")
    body = SelectField("Who takes it", choices={"": "The table, by itself"} | {
        key: f"The {words.lower()}, to which it is proposed" for key, words in BODIES.items()
    })  # fmt: skip

    def taking(self) -> Taking:
        counted = Counted(self.counted.data)
        is_yearly = counted is Counted.YEARLY
        return Taking(
            counted, frozenset(map(Feature, self.takes.data or ())),
            0 if is_yearly else self.days.data or 0,
            (self.each_year.data or "") if is_yearly else "",
            bool(self.until_cut_off.data), self.body.data or "",
        )  # fmt: skip

    def validate(self, extra_validators: Any = None) -> bool:
        is_good = super().validate(extra_validators)
        if not self.counted.data or self.counted.errors:
            return is_good
        found = [(field, why) for field, why in self._wrong() if why and not field.errors]
        for field, why in found:
            field.errors = [why]
        return is_good and not found

    def _wrong(self) -> list[tuple[Any, str]]:
        is_yearly, taken = self.counted.data == Counted.YEARLY, set(self.takes.data or ())
        lacks_days, lacks_day = self.days.data is None, not self.each_year.data
        may_stay = Feature.VOTE in taken and not self.body.data
        return [
            (self.days, "" if is_yearly or not lacks_days else "Enter the days, like 90"),
            (self.each_year, "Enter the day, like 03-31" if is_yearly and lacks_day else ""),
            (self.takes, "" if taken else "Choose what is taken"),
            (self.takes, f"{KEPT_WORDS}: take that mark away" if taken & ALWAYS else ""),
            (self.until_cut_off, (
                "Only a vote that the table takes by itself can stay: take the mark away"
                if self.until_cut_off.data and not may_stay else ""
            )),
        ]  # fmt: skip


class AccessForm(DecisionForm):
    """The table from a day on, by a decision of the register or a new entry for it."""

    effective_from = DateField("From", validators=[InputRequired("Enter the day it begins")])
    in_force = features("A term in force gives")
    grace = features("The days of grace give")
    own_data_days = IntegerField(
        "Days for which a firm that left takes its own data away",
        validators=[
            InputRequired("Enter the days, like 90"),
            NumberRange(0, 3650, "Enter days from 0 to 3650"),
        ],
        render_kw={"inputmode": "numeric"},
    )
    takings = FieldList(FormField(TakingForm), max_entries=MOST_ROWS)
    is_looked_at = False  # what it would change is asked before anybody has decided

    def validate(self, extra_validators: Any = None) -> bool:
        is_good = super().validate(extra_validators)
        if self.is_looked_at:
            self.decided_on.errors, self.title.errors = [], []
            return not self.errors
        return is_good

    def validate_in_force(self, field: SelectMultipleField) -> None:
        if not set(field.data or ()) >= ALWAYS:
            raise ValidationError(f"{KEPT_WORDS}: leave both marks")

    def validate_grace(self, field: SelectMultipleField) -> None:
        self.validate_in_force(field)
        if not set(field.data or ()) <= set(self.in_force.data or ()):
            raise ValidationError("Grace gives nothing that a term in force does not give")

    def told(self) -> Table:
        return Table(
            self.effective_from.data, _chosen(self.in_force), _chosen(self.grace),
            tuple(one.form.taking() for one in self.takings if one.form.counted.data),
            self.own_data_days.data,
        )  # fmt: skip


def _chosen(field: SelectMultipleField) -> frozenset[Feature]:
    return frozenset(map(Feature, field.data or ()))


def facts_of(table: Table) -> dict[str, Any]:
    """As the form shows it, with rows left for more."""
    return {
        "in_force": in_order(table.in_force), "grace": in_order(table.grace),
        "own_data_days": table.own_data_days, "takings": _rows(table.takings),
    }  # fmt: skip


def _rows(takings: Sequence[Taking]) -> list[dict[str, Any]]:
    rows = [one.row() for one in takings]
    shown = [row | {"days": row["days"] or None} for row in rows]
    return [*shown, *[{} for _n in range(EMPTY_ROWS)]][:MOST_ROWS]
