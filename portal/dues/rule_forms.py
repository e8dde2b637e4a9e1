"""The forms that write the rules of a tariff, one for each kind, made from its table."""

from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    Field,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from portal.core.forms import PageForm
from portal.core.money import Money, parse
from portal.dues.needs import MOST_COUNTED, PERCENT, is_number
from portal.dues.pairs import PAIRS, is_told, pair_fault
from portal.dues.rule_kinds import KINDS, NAME, Ask, row_faults
from portal.dues.rules import Rule
from portal.dues.tariff_words import ROUNDINGS
from portal.members.models import CLASS_NAMES

SPARE_ROWS = 3


def stripped(told: object) -> object:
    return told.strip() if isinstance(told, str) else told


def a_number(_form: Form, field: Field) -> None:
    if not is_number(field.data):
        raise ValidationError("Enter a number, like 25 or 25.5")


def a_percent(form: Form, field: Field) -> None:
    a_number(form, field)
    if not PERCENT.is_met(field.data):
        raise ValidationError(f"Enter {PERCENT.words}")


class RowForm(Form):
    """From, to, price; a row that is empty counts for nothing."""

    low = StringField("From", filters=[stripped])
    high = StringField("To", filters=[stripped])
    price = StringField("Price", filters=[stripped])

    @property
    def is_empty(self) -> bool:
        return not (self.low.data or self.high.data or self.price.data)

    def row(self, currency: str) -> list[Any]:
        price = _minor(self.price.data, currency)
        return [_number(self.low.data), _number(self.high.data), price]


class RuleForm(PageForm):
    """What every rule says; `rule_form` adds what its kind asks."""

    classes = SelectMultipleField(
        "For whom", choices={kind.value: words for kind, words in CLASS_NAMES.items()},
        description="None chosen: every class.",
    )  # fmt: skip
    kind: str
    currency: str

    @property
    def asks(self) -> tuple[Ask, ...]:
        return KINDS[self.kind].asks

    @property
    def tables(self) -> list[Ask]:
        return [ask for ask in self.asks if ask.form == "rows"]

    def validate(self, extra_validators: Any = None) -> bool:
        """The tables row by row, each fault at its field."""
        is_good = super().validate(extra_validators)
        for ask in self.tables:
            table = self[ask.name]
            rows = [one.form for one in table.entries if not one.form.is_empty]
            is_whole = self._check(rows)
            table.errors = [one.errors for one in table.entries if one.errors]
            if ask.needed and not rows:
                table.errors = ["Enter one row at least"]
            is_good = is_good and is_whole and not table.errors
        return self._one_of_two() and self._in_order() and is_good

    def _in_order(self) -> bool:
        """A maximum is not below its minimum."""
        if "min" not in self or self["min"].errors or self["max"].errors:
            return True
        least, most = self._value("min"), self._value("max")
        if least is None or most is None or least <= most:
            return True
        self["max"].errors = ["Enter an amount that is not below: at least"]
        return False

    def _one_of_two(self) -> bool:
        """A discount is a percentage or an amount; a seat has a price or tiers of them."""
        name, other = PAIRS.get(self.kind, ("", ""))
        if not name or self[name].errors or self[other].errors:
            return True
        told = {one: self._value(one) for one in (name, other)}
        fault = pair_fault(self.kind, told)
        if fault and not any(map(is_told, told.values())):
            fault = f"enter it, or: {self[other].label.text.lower()}"
        self[name].errors = [f"{fault[0].upper()}{fault[1:]}"] if fault else []
        return not fault

    def _check(self, rows: list[RowForm]) -> bool:
        limits = []
        for row in rows:
            limits.append((_limit(row.low, needed=True), _limit(row.high)))
            _price(row.price, self.currency)
        if not any(row.low.errors or row.high.errors for row in rows):
            for n, words in row_faults(limits).items():
                rows[n].low.errors = [words]
        return not any(field.errors for row in rows for field in row)

    def rule(self, before: Rule) -> Rule:
        """The rule as a tariff keeps it; what the form does not know of it stays as it was."""
        made = {name: value for name, value in before.items()
                if name not in {ask.name for ask in self.asks}}  # fmt: skip
        made |= {"kind": self.kind, "classes": self.classes.data or "*"}
        for ask in self.asks:
            value = self._value(ask.name)
            if value is not None and value is not False and value not in ("", []):
                made[ask.name] = value
        return made

    def _value(self, name: str) -> Any:
        ask, field = next(one for one in self.asks if one.name == name), self[name]
        if ask.form == "rows":
            rows = [one.form for one in field.entries if not one.form.is_empty]
            return [row.row(self.currency) for row in rows]
        if ask.form == "money":
            return _minor(field.data, self.currency)
        if ask.form == "number":
            return _number(field.data)
        return field.data.isoformat() if isinstance(field.data, date) else field.data


def _limit(field: StringField, *, needed: bool = False) -> Any:
    field.errors = []
    if not field.data:
        field.errors = ["Enter where it begins"] if needed else []
        return None
    try:
        a_number(Form(), field)
    except ValidationError as why:
        field.errors = [str(why)]
        return None
    return _number(field.data)


def _price(field: StringField, currency: str) -> None:
    field.errors = []
    try:
        is_good = not field.data or parse(field.data, currency).minor >= 0
    except ValueError as why:
        field.errors = [str(why)]
    else:
        field.errors = [] if is_good else ["Enter an amount that is not below zero"]


def _minor(text: str | None, currency: str) -> int | None:
    return parse(text, currency).minor if text else None


def _number(text: str | None) -> int | str | None:
    """25 as 25 and 25.5 as "25.5": nothing of it is lost."""
    if not text:
        return None
    return int(text) if text.isdecimal() else text


def rule_form(kind: str, currency: str, rule: Rule | None, more_rows: bool = False) -> RuleForm:  # noqa: FBT001, FBT002
    """The form of one kind of rule, filled with a rule that is there already."""
    fields: dict[str, Any] = {ask.name: _field(ask, currency) for ask in KINDS[kind].asks}
    made = type("OneRuleForm", (RuleForm,), fields | {"kind": kind, "currency": currency})
    form: RuleForm = made(data=_told(kind, currency, rule or {}))
    for ask in form.tables:
        spare = SPARE_ROWS * (2 if more_rows else 1)
        empty = sum(one.form.is_empty for one in form[ask.name].entries)
        for _ in range(max(0, spare - empty)):
            form[ask.name].append_entry()
    return form


def _told(kind: str, currency: str, rule: Rule) -> dict[str, Any]:
    classes = rule.get("classes", "*")
    told: dict[str, Any] = {"classes": [] if classes == "*" else classes}
    for ask in KINDS[kind].asks:
        value = rule.get(ask.name)
        if ask.form == "rows":
            value = [
                {"low": low, "high": high, "price": _figures(price, currency)}
                for low, high, price in value or []
            ]
        elif ask.form == "money":
            value = _figures(value, currency)
        elif ask.form == "day" and value:
            value = date.fromisoformat(value)
        told[ask.name] = value
    return told


def _figures(minor: int | None, currency: str) -> str | None:
    return Money(minor, currency).figures if isinstance(minor, int) else None


def _field(ask: Ask, currency: str) -> Any:
    first = InputRequired(f"Enter: {ask.label.lower()}") if ask.needed else Optional()
    words = {"description": ask.hint, "filters": [stripped]}
    if ask.form == "rows":
        return FieldList(FormField(RowForm), ask.label, description=ask.hint)
    if ask.form == "rounding":
        return SelectField(ask.label, choices=ROUNDINGS)
    if ask.form == "yes":
        return BooleanField(ask.label)
    if ask.form == "day":
        return DateField(ask.label, validators=[first], description=ask.hint)
    if ask.form == "count":
        least, most = ask.limits
        like = "like 5" if most == MOST_COUNTED else f"from {least} to {most}"
        limits = NumberRange(least, most, f"Enter a whole number, {like}")
        return IntegerField(ask.label, validators=[first, limits], description=ask.hint)
    checks = {
        "money": _an_amount(currency), "number": a_number, "percent": a_percent,
        "name": Regexp(NAME, message="Use small letters and underscores, like contact_centre_fte"),
    }  # fmt: skip
    more = [checks[ask.form]] if ask.form in checks else [Length(max=200)]
    return StringField(ask.label, validators=[first, *more], **words)


def _an_amount(currency: str) -> Any:
    def check(_form: Form, field: Field) -> None:
        try:
            money = parse(field.data, currency)
        except ValueError as why:
            raise ValidationError(str(why)) from why
        if money.minor < 0:
            raise ValidationError("Enter an amount that is not below zero")

    return check
