"""The field for a gift beside the dues."""

from functools import partial

from wtforms import StringField, ValidationError
from wtforms.validators import Optional

from portal.core.forms import PageForm
from portal.core.money import parse
from portal.members.forms import stripped


class GiftField(StringField):
    """An amount in the currency of the tariff, kept as it was typed."""


def gift_field(currency: str) -> GiftField:
    return GiftField(
        f"A gift, in {currency}", filters=[stripped],
        description="Freely, beside the dues; it buys nothing. Leave it empty to give none.",
        validators=[Optional(), partial(_is_amount, currency)],
    )  # fmt: skip


def _is_amount(currency: str, _form: PageForm, gift: GiftField) -> None:
    try:
        minor = parse(gift.data or "", currency).minor
    except ValueError as why:
        raise ValidationError(str(why)) from why
    if minor <= 0:
        raise ValidationError("Enter an amount above zero, or leave it empty")
