"""Who pays a firm's dues: the firm itself, or somebody else who is sent its invoices."""

from typing import Any

from wtforms import Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, Regexp

from portal.core.forms import PageForm
from portal.core.mail import ADDRESS
from portal.dues.forms import stripped
from portal.members.words import COUNTRIES

NEEDED = {
    "name": "Enter the name of who pays", "address": "Enter their address",
    "country": "Choose their country", "email": "Enter an address for their invoices",
}  # fmt: skip


class PayerForm(PageForm):
    """The fields after the first are asked of somebody else only."""

    who = RadioField(
        "Who pays the dues", default="firm",
        choices={"firm": "The firm itself", "other": "Somebody else, named below"},
    )  # fmt: skip
    name = StringField(
        "Name", description="A parent, a sponsor, a public body: as it should stand on invoices.",
        filters=[stripped], validators=[Optional(), Length(max=200)],
    )  # fmt: skip
    address = TextAreaField(
        "Address", filters=[stripped], validators=[Optional(), Length(max=500)]
    )
    country = SelectField("Country", choices={"": "Choose", **COUNTRIES}, default="")
    tax_id = StringField("Tax id", filters=[stripped], validators=[Optional(), Length(max=40)])
    email = StringField(
        "E-mail for invoices", description="Invoices, reminders and receipts go here too.",
        filters=[stripped], render_kw={"inputmode": "email"},
        validators=[
            Optional(), Length(max=200),
            Regexp(ADDRESS, message="Enter an e-mail address, like accounts@firm.example"),
        ],
    )  # fmt: skip
    reference = StringField(
        "Their purchase order or reference", filters=[stripped],
        validators=[Optional(), Length(max=60)],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Somebody else must give these: their labels must not say that they are optional.
        for field in self._needed():
            field.flags.optional = False

    def validate(self, extra_validators: Any = None) -> bool:
        is_good = super().validate(extra_validators)
        if self.who.data != "other":
            return is_good
        missing = [one for one in self._needed() if not one.data and not one.errors]
        for field in missing:
            field.errors = [NEEDED[field.name]]
        return is_good and not missing

    def _needed(self) -> list[Field]:
        return [self[name] for name in NEEDED]

    def facts(self) -> dict[str, str]:
        """Empty where the firm pays itself."""
        if self.who.data != "other":
            return {}
        names = ("name", "address", "country", "tax_id", "email", "reference")
        return {name: self[name].data or "" for name in names}
