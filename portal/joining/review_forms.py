"""The forms of a review: a question, a refusal, the decision on an appeal."""

from collections.abc import Sequence
from typing import Any

from wtforms import RadioField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length

from portal.core.forms import PageForm
from portal.dues.payer_forms import NEEDED, PayerForm
from portal.dues.queries.payers import contacts_of
from portal.joining.forms import at_most, strip
from portal.joining.models import Application
from portal.joining.queries import CRITERIA, payers_meant
from portal.members.models import Organization

OUTCOMES = {"overturn": "Admit the firm after all", "uphold": "It stays declined"}


class QuestionForm(PageForm):
    question = TextAreaField(
        "Your question to the applicant", filters=[strip],
        validators=[DataRequired("Write the question"), at_most(2000)],
    )  # fmt: skip


class DeclineForm(PageForm):
    criterion = RadioField(
        "Which published criterion is not met", choices=CRITERIA,
        validators=[DataRequired("Choose the criterion")],
    )  # fmt: skip
    reason = TextAreaField(
        "The reason, as the applicant will read it", filters=[strip],
        validators=[
            DataRequired("Write the reason"), Length(20, 2000, "Use 20 to 2,000 characters"),
        ],
    )  # fmt: skip


class AdmissionForm(PayerForm):
    """Who pays the dues: the firm, a firm that is here by that name, or somebody else."""

    def __init__(self, *args: Any, known: Sequence[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(one.id): one for one in known}
        first, *rest = list(self.who.choices.items())
        here = {number: f"{one.name}, which is here" for number, one in self.known.items()}
        self.who.choices = dict([first, *here.items(), *rest])

    def validate_who(self, field: RadioField) -> None:
        if field.data in self.known and not all(
            one for name, one in self.facts().items() if name in NEEDED
        ):
            raise ValidationError(
                "We have no address or no e-mail for invoices of that firm: choose somebody "
                "else, and enter both."
            )

    def facts(self) -> dict[str, str]:
        known = self.known.get(self.who.data or "")
        return taken_from(known) if known else super().facts()


def taken_from(firm: Organization) -> dict[str, str]:
    """A firm that is here, as who pays for another."""
    own = firm.billing_email
    return {
        "name": firm.name, "address": firm.address, "country": firm.country,
        "tax_id": firm.tax_id, "email": next(iter(contacts_of(firm.id)), own), "reference": "",
    }  # fmt: skip


def admission_form(application: Application) -> AdmissionForm:
    """As the applicant said it; one firm that is here and surely meant is chosen already."""
    known, told = payers_meant(application), application.payer
    who = "firm" if not told else str(known[0].id) if len(known) == 1 else "other"
    return AdmissionForm(known=known, data={**told, "who": who})


class AppealDecisionForm(PageForm):
    outcome = RadioField(
        "What you decide", choices=OUTCOMES, validators=[DataRequired("Choose what you decide")]
    )
    reason = TextAreaField(
        "The reason, as the applicant will read it", filters=[strip], validators=[at_most(2000)],
        description="Needed when it stays declined.",
    )  # fmt: skip

    def validate_reason(self, field: TextAreaField) -> None:
        if self.outcome.data == "uphold" and len(field.data or "") < 20:
            raise ValidationError("Write the reason, in 20 characters or more")
