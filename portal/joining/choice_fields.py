"""The fields for what an applicant may choose: chapters of the tariff, a gift, a trial."""

from typing import Any

from wtforms import BooleanField, SelectMultipleField

from portal.core.forms import PageForm
from portal.core.money import Money
from portal.dues.fees import takes_gifts, trial_offered
from portal.dues.gift_fields import gift_field
from portal.dues.models import Tariff
from portal.joining.choices import chapters_of
from portal.members.models import MembershipClass


def choice_fields(tariff: Tariff, kind: MembershipClass) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if names := chapters_of(tariff.book, kind.value):
        fields["chapters"] = SelectMultipleField(
            "Chapters to join", choices=dict(zip(names, names, strict=True)),
            description="Each has a fee of its own; you see it before you send anything.",
        )  # fmt: skip
    if takes_gifts(tariff.book, kind.value):
        fields["gift"] = gift_field(tariff.currency)
    if trial := trial_offered(tariff.book, kind.value):
        price = Money(trial["amount"], tariff.currency)
        fields["trial"] = BooleanField(
            f"Begin with a trial: {trial['months']} months for {price}",
            description="Then the dues, and whatever is asked at joining. Who does not pay them "
            "is a member no longer.",
        )  # fmt: skip
    return fields


def choices_in(form: PageForm) -> dict[str, Any]:
    """What was added, where the page asked for it."""
    return {name: form[name].data for name in ("chapters", "gift", "trial") if name in form}
